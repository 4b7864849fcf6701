-- A report is signed off by somebody else than who made it, once, and not after it was rejected; what it was decided by
-- and about stays.
CREATE FUNCTION public.reports_guard_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  v_maker uuid;
BEGIN
  -- Decisions about one report come one after the other.
  SELECT r.made_by_id INTO v_maker FROM public.reports_reportrun r
    WHERE r.company_id = NEW.company_id AND r.id = NEW.run_id FOR NO KEY UPDATE;
  IF NEW.kind IN ('reviewed', 'signed') AND NEW.by_id IS NOT DISTINCT FROM v_maker THEN
    RAISE EXCEPTION 'who made a report does not check it'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'report_maker_checks_not', DETAIL = NEW.run_id::text;
  END IF;
  IF NEW.kind <> 'comment' AND EXISTS (SELECT 1 FROM public.reports_reportdecision d
      WHERE d.company_id = NEW.company_id AND d.run_id = NEW.run_id AND d.kind IN ('signed', 'rejected')) THEN
    RAISE EXCEPTION 'the report is decided'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'report_decided', DETAIL = NEW.run_id::text;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_decision BEFORE INSERT ON public.reports_reportdecision
  FOR EACH ROW EXECUTE FUNCTION public.reports_guard_decision();

-- A version of a layout stays as it was saved; whether it is the usual one, and whether it is used at all, may change.
CREATE FUNCTION public.reports_guard_layout() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
BEGIN
  IF (NEW.id, NEW.company_id, NEW.statement, NEW.name, NEW.number, NEW.data, NEW.saved_by, NEW.saved_at)
     IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.statement, OLD.name, OLD.number, OLD.data, OLD.saved_by, OLD.saved_at)
  THEN
    RAISE EXCEPTION 'a version of a layout stays as it was saved'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'statement_layout_kept', DETAIL = OLD.id::text;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_layout BEFORE UPDATE ON public.reports_statementlayout
  FOR EACH ROW EXECUTE FUNCTION public.reports_guard_layout();
