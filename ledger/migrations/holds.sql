-- Holds keep a part of a limit free, under the same row lock as postings; the CHECKs on the limit row have the last word.

ALTER TABLE public.ledger_hold
  ALTER COLUMN amount TYPE numeric,
  ADD CONSTRAINT hold_precision CHECK (min_scale(amount) <= 12 AND abs(amount) < 1e18),
  ADD CONSTRAINT hold_is_number CHECK (amount <> 'NaN');

CREATE FUNCTION public.ledger_keep_holds() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_limit uuid; v_amount numeric; v_decimals int; v_hold record;
BEGIN
  PERFORM public.ledger_needs_read_committed();
  IF TG_TABLE_NAME = 'ledger_hold' THEN
    v_limit := NEW.limit_id; v_amount := NEW.amount;
    SELECT u.decimals INTO v_decimals FROM public.ledger_limit l
      JOIN public.accounting_unit u ON u.company_id = l.company_id AND u.code = l.currency
      WHERE l.company_id = NEW.company_id AND l.id = v_limit;
    IF min_scale(v_amount) > v_decimals THEN
      RAISE EXCEPTION 'a hold is as precise as its unit'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'amount_precision', DETAIL = NEW.id::text;
    END IF;
  ELSE
    SELECT h.limit_id, -h.amount AS amount INTO v_hold FROM public.ledger_hold h
      WHERE h.company_id = NEW.company_id AND h.id = NEW.hold_id;
    v_limit := v_hold.limit_id; v_amount := v_hold.amount;
  END IF;
  PERFORM 1 FROM public.ledger_limit l WHERE l.company_id = NEW.company_id AND l.id = v_limit FOR NO KEY UPDATE;
  UPDATE public.ledger_limit l
    SET held_down = l.held_down + CASE WHEN (v_amount < 0) = (TG_TABLE_NAME = 'ledger_hold') THEN v_amount ELSE 0 END,
        held_up = l.held_up + CASE WHEN (v_amount < 0) = (TG_TABLE_NAME = 'ledger_hold') THEN 0 ELSE v_amount END
    WHERE l.company_id = NEW.company_id AND l.id = v_limit;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_holds AFTER INSERT ON public.ledger_hold
  FOR EACH ROW EXECUTE FUNCTION public.ledger_keep_holds();
CREATE TRIGGER keep_holds AFTER INSERT ON public.ledger_holdend
  FOR EACH ROW EXECUTE FUNCTION public.ledger_keep_holds();

-- What is posted of a hold is one entry that names it as its source, on its side of its account, and not more than it.
CREATE FUNCTION public.ledger_hold_end_complete() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_hold record; v_moved numeric; v_entries int;
  v_scope text := coalesce(current_setting('app.company_id', true), '');
BEGIN
  -- The scope of the row: by the commit the transaction may have left it, and would see nothing.
  PERFORM set_config('app.company_id', NEW.company_id::text, true);
  SELECT h.amount, l.account_id, l.sub_account_id, l.currency INTO v_hold FROM public.ledger_hold h
    JOIN public.ledger_limit l ON l.company_id = h.company_id AND l.id = h.limit_id
    WHERE h.company_id = NEW.company_id AND h.id = NEW.hold_id;
  SELECT count(DISTINCT e.id), sum(n.currency_amount) INTO v_entries, v_moved FROM public.ledger_entry e
    LEFT JOIN public.ledger_line n ON n.company_id = e.company_id AND n.entry_id = e.id
      AND n.account_id = v_hold.account_id AND n.currency = v_hold.currency
      AND (v_hold.sub_account_id IS NULL OR n.sub_account_id = v_hold.sub_account_id)
    WHERE e.company_id = NEW.company_id AND e.source = 'hold' AND e.source_id = NEW.hold_id;
  PERFORM set_config('app.company_id', v_scope, true);
  IF v_entries <> (NEW.outcome = 'posted')::int
     OR (NEW.outcome = 'posted' AND (v_moved IS NULL OR v_moved * sign(v_hold.amount) <= 0 OR abs(v_moved) > abs(v_hold.amount)))
  THEN
    RAISE EXCEPTION 'what is posted of a hold is one entry of at most its amount'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_posted', DETAIL = NEW.hold_id::text;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER hold_end_complete AFTER INSERT ON public.ledger_holdend DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION public.ledger_hold_end_complete();

CREATE FUNCTION public.ledger_reserve(p_company uuid, p_id uuid, p_limit uuid, p_key text, p_hash bytea, p_amount numeric,
  p_expires timestamptz, p_memo text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '5s' AS $$
BEGIN
  INSERT INTO public.ledger_hold (id, company_id, limit_id, key, body_hash, amount, expires_at, memo, actor_name, held_at)
    VALUES (p_id, p_company, p_limit, p_key, p_hash, p_amount, p_expires, p_memo,
      coalesce(nullif(current_setting('app.actor_name', true), ''), session_user::text), clock_timestamp());
END $$;

-- Ends a hold, unless it has ended: true where this call did it. The hold's row is locked, so two ends meet here.
-- One whose time is over is not posted any more, whether the expiry has come by or not.
CREATE FUNCTION public.ledger_end_hold(p_company uuid, p_hold uuid, p_outcome text, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '5s' AS $$
DECLARE v_expires timestamptz;
BEGIN
  SELECT h.expires_at INTO v_expires FROM public.ledger_hold h
    WHERE h.company_id = p_company AND h.id = p_hold FOR NO KEY UPDATE;
  IF NOT FOUND OR (p_outcome = 'posted' AND v_expires <= clock_timestamp()) OR EXISTS (SELECT 1 FROM public.ledger_holdend e WHERE e.company_id = p_company AND e.hold_id = p_hold) THEN
    RETURN false;
  END IF;
  INSERT INTO public.ledger_holdend (id, company_id, hold_id, outcome, reason, actor_name, at)
    VALUES (gen_random_uuid(), p_company, p_hold, p_outcome, p_reason,
      coalesce(nullif(current_setting('app.actor_name', true), ''), session_user::text), clock_timestamp());
  RETURN true;
END $$;
