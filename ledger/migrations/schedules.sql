-- For acts that read sums and post what is missing: posters in flight are waited for, later ones wait.
CREATE FUNCTION public.ledger_hold_books(p_company uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET lock_timeout = '5s' AS $$
BEGIN
  PERFORM public.ledger_needs_read_committed(), pg_advisory_xact_lock(public.ledger_books_lock(p_company));
END $$;

-- The parts of a deferral add up to it, whatever became of them; what is posted stays. Looked at in the scope of the
-- row: by the commit the transaction may have left it, and would see nothing.
CREATE FUNCTION public.ledger_deferral_sums() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_deferral uuid; v_company uuid; v_amount numeric; v_sum numeric;
  v_scope text := coalesce(current_setting('app.company_id', true), '');
BEGIN
  IF TG_TABLE_NAME = 'ledger_deferral' THEN
    v_deferral := NEW.id; v_company := NEW.company_id;
  ELSE
    v_deferral := coalesce(NEW.deferral_id, OLD.deferral_id); v_company := coalesce(NEW.company_id, OLD.company_id);
  END IF;
  PERFORM set_config('app.company_id', v_company::text, true);
  SELECT d.amount INTO v_amount FROM public.ledger_deferral d WHERE d.company_id = v_company AND d.id = v_deferral;
  SELECT coalesce(sum(p.amount), 0) INTO v_sum FROM public.ledger_deferralpart p
    WHERE p.company_id = v_company AND p.deferral_id = v_deferral;
  PERFORM set_config('app.company_id', v_scope, true);
  IF v_amount IS NOT NULL AND v_sum <> v_amount THEN
    RAISE EXCEPTION 'the parts of deferral % add up to %, not to %', v_deferral, v_sum, v_amount
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deferral_sums', DETAIL = v_deferral::text;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deferral_sums AFTER INSERT OR UPDATE ON public.ledger_deferral DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION public.ledger_deferral_sums();
CREATE CONSTRAINT TRIGGER deferral_sums AFTER INSERT OR UPDATE OR DELETE ON public.ledger_deferralpart
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.ledger_deferral_sums();

CREATE FUNCTION public.ledger_guard_deferral_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.entry_id IS NOT NULL OR (TG_OP = 'UPDATE' AND (NEW.deferral_id, NEW.number, NEW.date, NEW.amount)
      IS DISTINCT FROM (OLD.deferral_id, OLD.number, OLD.date, OLD.amount)) THEN
    RAISE EXCEPTION 'a part of a deferral does not change'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deferral_part_fixed', DETAIL = OLD.id::text;
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER guard_deferral_part BEFORE UPDATE OR DELETE ON public.ledger_deferralpart
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_deferral_part();

-- What is planned for an entry is decided once: a reversal that was made, or a cancellation, stays.
CREATE FUNCTION public.ledger_guard_auto_reversal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF OLD.reversal_id IS NOT NULL OR OLD.cancelled OR (NEW.entry_id, NEW.date) IS DISTINCT FROM (OLD.entry_id, OLD.date)
     OR (NEW.reversal_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM public.ledger_entry e
       WHERE e.company_id = NEW.company_id AND e.id = NEW.reversal_id AND e.reverses_id = NEW.entry_id)) THEN
    RAISE EXCEPTION 'a planned reversal is decided once'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auto_reversal_decided', DETAIL = OLD.id::text;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_auto_reversal BEFORE UPDATE ON public.ledger_autoreversal
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_auto_reversal();

-- A file of a posted entry stays; that of a draft may go. Nothing of a file changes but what it belongs to.
CREATE FUNCTION public.ledger_guard_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.entry_id IS NOT NULL OR (TG_OP = 'UPDATE' AND (NEW.company_id, NEW.draft_id, NEW.source, NEW.source_id, NEW.name,
      NEW.content_type, NEW.size, NEW.sha256, NEW.path) IS DISTINCT FROM (OLD.company_id, OLD.draft_id, OLD.source,
      OLD.source_id, OLD.name, OLD.content_type, OLD.size, OLD.sha256, OLD.path)) THEN
    RAISE EXCEPTION 'a file of a posted entry stays as it is'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attachment_kept', DETAIL = OLD.id::text;
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER guard_attachment BEFORE UPDATE OR DELETE ON public.ledger_attachment
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_attachment();

-- A lock exception that opens, or ends, waits for posters in flight, as the locks do (guards.sql).
CREATE TRIGGER lock_books BEFORE UPDATE OR DELETE ON public.accounting_lockexception
  FOR EACH ROW EXECUTE FUNCTION public.ledger_lock_books();
