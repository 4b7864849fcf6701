-- Open items: debit and credit lines of one account and sub-account, allocated to each other and never past what they
-- are. The runtime role settles through `ledger_settle` alone.

ALTER TABLE public.ledger_allocation
  ADD CONSTRAINT ledger_allocation_settlement_dated FOREIGN KEY (company_id, settlement_id, date)
    REFERENCES public.ledger_settlement (company_id, id, date),
  DROP CONSTRAINT ledger_allocation_settlement_id_company,
  -- As for lines: a type with decimals would round in silence.
  ALTER COLUMN debit_amount TYPE numeric,
  ALTER COLUMN credit_amount TYPE numeric,
  ALTER COLUMN base_amount TYPE numeric,
  ADD CONSTRAINT allocation_precision CHECK (min_scale(debit_amount) <= 12 AND min_scale(credit_amount) <= 12
    AND min_scale(base_amount) <= 6),
  ADD CONSTRAINT allocation_is_number CHECK (debit_amount <> 'NaN' AND credit_amount <> 'NaN' AND base_amount <> 'NaN');

-- Whoever settles items of a sub-account holds it alone; whoever settles more than a hundred at once, the account. The
-- books' lock comes first, as it does for who posts and settles in one transaction: so nobody waits in a circle.
CREATE FUNCTION public.ledger_hold_items(p_company uuid, p_accounts uuid[], p_sub_accounts uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '5s' AS $$
DECLARE v_item record; v_many boolean;
BEGIN
  PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock_shared(public.ledger_books_lock(p_company));
  SELECT count(DISTINCT (w.account, w.sub_account)) > 100 INTO v_many
    FROM unnest(p_accounts, p_sub_accounts) w(account, sub_account);
  FOR v_item IN SELECT DISTINCT hashtextextended('items:' || p_company::text || w.account::text, 0) AS key
      FROM unnest(p_accounts) w(account) ORDER BY 1 LOOP
    IF v_many THEN
      PERFORM pg_advisory_xact_lock(v_item.key);
    ELSE
      PERFORM pg_advisory_xact_lock_shared(v_item.key);
    END IF;
  END LOOP;
  IF v_many THEN RETURN; END IF;
  FOR v_item IN
    SELECT DISTINCT hashtextextended('items:' || p_company::text || w.account::text || coalesce(w.sub_account::text, '-'),
      0) AS key
      FROM unnest(p_accounts, p_sub_accounts) w(account, sub_account) ORDER BY 1 LOOP
    PERFORM pg_advisory_xact_lock(v_item.key);
  END LOOP;
END $$;

-- A settlement is dated in an open period: what was open at a past date does not change. Undoing comes once, later.
CREATE FUNCTION public.ledger_guard_settlement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_status text; v_until date; v_first record;
BEGIN
  PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock_shared(public.ledger_books_lock(NEW.company_id));
  SELECT p.status INTO v_status FROM public.accounting_period p
    WHERE p.company_id = NEW.company_id AND p.start <= NEW.date AND p."end" >= NEW.date;
  SELECT l.until INTO v_until FROM public.accounting_lockdate l
    WHERE l.company_id = NEW.company_id AND l.kind = 'all' AND l.until >= NEW.date
      AND NOT public.ledger_lock_excepted(l.company_id, 'all', NEW.date);
  IF v_status IS NULL THEN
    RAISE EXCEPTION '% lies in no fiscal year', NEW.date
      USING ERRCODE = 'check_violation', CONSTRAINT = 'period_exists', DETAIL = NEW.date::text;
  ELSIF v_status = 'closed' OR (v_status = 'soft_closed' AND NEW.reason = '') THEN
    RAISE EXCEPTION 'the period of % is %', NEW.date, v_status
      USING ERRCODE = 'check_violation', DETAIL = NEW.date::text,
        CONSTRAINT = CASE v_status WHEN 'closed' THEN 'period_open' ELSE 'period_soft_closed' END;
  ELSIF v_until IS NOT NULL THEN
    RAISE EXCEPTION 'the books are locked up to %', v_until
      USING ERRCODE = 'check_violation', CONSTRAINT = 'books_locked', DETAIL = NEW.date::text;
  END IF;
  IF NEW.undoes_id IS NOT NULL THEN
    SELECT s.date, s.undoes_id INTO v_first FROM public.ledger_settlement s
      WHERE s.company_id = NEW.company_id AND s.id = NEW.undoes_id;
    IF v_first.undoes_id IS NOT NULL OR v_first.date > NEW.date THEN
      RAISE EXCEPTION 'only a settlement is undone, and not before its date'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_undo', DETAIL = NEW.undoes_id::text;
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_settlement BEFORE INSERT ON public.ledger_settlement
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_settlement();

-- The transition table is read alone, first, into arrays.
CREATE FUNCTION public.ledger_guard_allocations() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  v_companies uuid[]; v_debits uuid[]; v_credits uuid[]; v_dates date[]; v_settlements uuid[]; v_equal boolean[];
  v_negative boolean[]; v_company uuid; v_bad record; v_accounts uuid[]; v_sub_accounts uuid[];
  v_debit_months date[]; v_credit_months date[];
BEGIN
  SELECT array_agg(n.company_id), array_agg(n.debit_line_id), array_agg(n.credit_line_id), array_agg(n.date),
      array_agg(n.settlement_id), array_agg(n.debit_amount = n.credit_amount),
      array_agg(n.debit_amount < 0 OR n.credit_amount < 0 OR n.base_amount < 0), array_agg(n.debit_month),
      array_agg(n.credit_month)
    INTO v_companies, v_debits, v_credits, v_dates, v_settlements, v_equal, v_negative, v_debit_months, v_credit_months
    FROM new_allocations n;
  IF v_companies IS NULL THEN RETURN NULL; END IF;
  FOR v_company IN SELECT DISTINCT c FROM unnest(v_companies) c ORDER BY c LOOP
    SELECT array_agg(l.account_id), array_agg(l.sub_account_id) INTO v_accounts, v_sub_accounts
      FROM public.ledger_line l WHERE l.company_id = v_company AND l.id = ANY (v_debits);
    PERFORM public.ledger_hold_items(v_company, v_accounts, v_sub_accounts);
  END LOOP;
  SELECT w.debit, w.credit INTO v_bad
    FROM unnest(v_companies, v_debits, v_credits, v_dates, v_settlements, v_equal, v_negative, v_debit_months,
      v_credit_months) w(company_id, debit, credit, date, settlement, equal, negative, debit_month, credit_month)
    LEFT JOIN public.ledger_line d ON d.company_id = w.company_id AND d.id = w.debit
    LEFT JOIN public.ledger_line c ON c.company_id = w.company_id AND c.id = w.credit
    LEFT JOIN public.accounting_account a ON a.company_id = w.company_id AND a.id = d.account_id
    LEFT JOIN public.ledger_settlement s ON s.company_id = w.company_id AND s.id = w.settlement
    WHERE c.id IS NULL OR d.account_id <> c.account_id OR d.sub_account_id IS DISTINCT FROM c.sub_account_id
       OR a.open_item IS NOT TRUE OR d.statistical <> c.statistical
       OR CASE WHEN d.currency_amount = 0 THEN d.amount ELSE d.currency_amount END <= 0
       OR CASE WHEN c.currency_amount = 0 THEN c.amount ELSE c.currency_amount END >= 0
       OR d.date > w.date OR c.date > w.date
       OR w.debit_month <> date_trunc('month', d.date::timestamp) OR w.credit_month <> date_trunc('month', c.date::timestamp)
       OR (d.currency = c.currency AND NOT w.equal AND d.currency_amount <> 0 AND c.currency_amount <> 0)
       OR (w.negative AND s.undoes_id IS NULL)
    LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'lines % and % cannot be allocated to each other', v_bad.debit, v_bad.credit
      USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_matches', DETAIL = v_bad.debit::text;
  END IF;
  PERFORM public.ledger_check_residuals(v_companies || v_companies, v_debits || v_credits);
  PERFORM public.ledger_list_open_lines(v_companies || v_companies, v_debits || v_credits);
  RETURN NULL;
END $$;

-- The index of open items, told of lines that were settled, or whose settlement was taken back: who calls holds them.
CREATE FUNCTION public.ledger_list_open_lines(p_companies uuid[], p_lines uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  WITH looked_at AS MATERIALIZED (
    SELECT l.company_id, l.id, l.account_id, l.sub_account_id, l.date,
           abs(l.currency_amount) <> s.amount OR abs(l.amount) <> s.base AS open
    FROM (SELECT DISTINCT w.company_id, w.line_id FROM unnest(p_companies, p_lines) w(company_id, line_id)) t
    JOIN public.ledger_line l ON l.company_id = t.company_id AND l.id = t.line_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(x.amount), 0) AS amount, coalesce(sum(x.base), 0) AS base FROM (
        SELECT a.debit_amount AS amount, a.base_amount AS base FROM public.ledger_allocation a
          WHERE a.company_id = l.company_id AND a.debit_line_id = l.id
        UNION ALL
        SELECT a.credit_amount, a.base_amount FROM public.ledger_allocation a
          WHERE a.company_id = l.company_id AND a.credit_line_id = l.id) x) s),
  settled AS (
    DELETE FROM public.ledger_openline o USING looked_at t WHERE o.company_id = t.company_id AND o.id = t.id AND NOT t.open)
  INSERT INTO public.ledger_openline (id, company_id, account_id, sub_account_id, date)
    SELECT t.id, t.company_id, t.account_id, t.sub_account_id, t.date FROM looked_at t WHERE t.open
    ON CONFLICT DO NOTHING;
END $$;

-- An account that begins to have open items brings its lines into their index; posters in flight are waited for.
CREATE FUNCTION public.ledger_list_open_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF NEW.open_item = OLD.open_item THEN RETURN NULL; END IF;
  PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock(public.ledger_books_lock(NEW.company_id));
  IF NEW.open_item THEN
    PERFORM public.ledger_list_open_lines(array_agg(l.company_id), array_agg(l.id)) FROM public.ledger_line l
      WHERE l.company_id = NEW.company_id AND l.account_id = NEW.id;
  ELSE
    DELETE FROM public.ledger_openline o WHERE o.company_id = NEW.company_id AND o.account_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER list_open_lines AFTER UPDATE OF open_item ON public.accounting_account
  FOR EACH ROW EXECUTE FUNCTION public.ledger_list_open_account();
ALTER TABLE public.ledger_openline ADD CONSTRAINT ledger_openline_line FOREIGN KEY (company_id, id)
  REFERENCES public.ledger_line (company_id, id);

-- At no date is a line settled by more than it is, nor by less than nothing.
CREATE FUNCTION public.ledger_check_residuals(p_companies uuid[], p_lines uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE v_bad record;
BEGIN
  SELECT l.id, s.amount, s.base INTO v_bad
    FROM (SELECT DISTINCT w.company_id, w.line_id FROM unnest(p_companies, p_lines) w(company_id, line_id)) t
    JOIN public.ledger_line l ON l.company_id = t.company_id AND l.id = t.line_id
    CROSS JOIN LATERAL (
      SELECT sum(x.amount) OVER (ORDER BY x.date) AS amount, sum(x.base) OVER (ORDER BY x.date) AS base FROM (
        SELECT a.date, a.debit_amount AS amount, a.base_amount AS base FROM public.ledger_allocation a
          WHERE a.company_id = l.company_id AND a.debit_line_id = l.id
        UNION ALL
        SELECT a.date, a.credit_amount, a.base_amount FROM public.ledger_allocation a
          WHERE a.company_id = l.company_id AND a.credit_line_id = l.id) x) s
    WHERE s.amount < 0 OR s.base < 0 OR s.amount > abs(l.currency_amount) OR s.base > abs(l.amount)
    LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'line % would be settled by %', v_bad.id, trim_scale(v_bad.amount)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_within_line', DETAIL = v_bad.id::text;
  END IF;
END $$;

CREATE TRIGGER guard_allocations AFTER INSERT ON public.ledger_allocation REFERENCING NEW TABLE AS new_allocations
  FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_guard_allocations();

-- A settlement exists with its allocations, and one that undoes takes back exactly what was made.
CREATE FUNCTION public.ledger_settlement_complete() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.ledger_allocation WHERE company_id = NEW.company_id AND settlement_id = NEW.id) THEN
    RAISE EXCEPTION 'settlement % allocates nothing', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_is_whole', DETAIL = NEW.id::text;
  END IF;
  IF NEW.undoes_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM public.ledger_allocation a
      WHERE a.company_id = NEW.company_id AND (a.settlement_id = NEW.undoes_id
        OR (a.settlement_id = NEW.id AND (a.debit_amount < 0 OR a.credit_amount < 0 OR a.base_amount < 0)))
      GROUP BY a.debit_line_id, a.credit_line_id
      HAVING sum(a.debit_amount) <> 0 OR sum(a.credit_amount) <> 0 OR sum(a.base_amount) <> 0) THEN
    RAISE EXCEPTION 'settlement % does not take back what % made', NEW.id, NEW.undoes_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_undo', DETAIL = NEW.id::text;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_complete AFTER INSERT ON public.ledger_settlement DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION public.ledger_settlement_complete();

-- Settles, all or nothing. Who posts under the same key waits, and then finds the settlement.
CREATE FUNCTION public.ledger_settle(p_company uuid, p_id uuid, p_key text, p_hash bytea, p_date date, p_exchange uuid,
  p_undoes uuid, p_reason text, p_source text, p_source_id uuid, a_id uuid[], a_debit uuid[], a_credit uuid[],
  a_debit_amount numeric[], a_credit_amount numeric[], a_base_amount numeric[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '5s' AS $$
BEGIN
  INSERT INTO public.ledger_settlement (id, company_id, key, body_hash, date, exchange_entry_id, undoes_id, reason, source,
      source_id, actor_type, actor_id, actor_name, settled_at, settled_xid, epoch)
    VALUES (p_id, p_company, p_key, p_hash, p_date, p_exchange, p_undoes, p_reason, p_source, p_source_id,
      coalesce(nullif(current_setting('app.actor_type', true), ''), 'database'),
      nullif(current_setting('app.actor_id', true), '')::uuid,
      coalesce(nullif(current_setting('app.actor_name', true), ''), session_user::text), clock_timestamp(),
      pg_current_xact_id(), coalesce((SELECT s.epoch FROM public.ledger_sealstate s WHERE s.company_id = p_company), 1));
  INSERT INTO public.ledger_allocation (id, company_id, settlement_id, number, date, debit_line_id, credit_line_id,
      debit_amount, credit_amount, base_amount, debit_month, credit_month)
    SELECT w.id, p_company, p_id, w.number, p_date, w.debit, w.credit, w.debit_amount, w.credit_amount, w.base_amount,
      date_trunc('month', coalesce(d.date, p_date)::timestamp), date_trunc('month', coalesce(c.date, p_date)::timestamp)
    FROM unnest(a_id, a_debit, a_credit, a_debit_amount, a_credit_amount, a_base_amount) WITH ORDINALITY
      w(id, debit, credit, debit_amount, credit_amount, base_amount, number)
    -- A line that is not there is for the guard to refuse.
    LEFT JOIN public.ledger_line d ON d.company_id = p_company AND d.id = w.debit
    LEFT JOIN public.ledger_line c ON c.company_id = p_company AND c.id = w.credit;
  SET CONSTRAINTS public.settlement_complete IMMEDIATE;
  SET CONSTRAINTS public.settlement_complete DEFERRED;
END $$;
