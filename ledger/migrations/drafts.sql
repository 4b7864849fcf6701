-- A draft moves in one direction, nobody approves what they made, and what was approved is what is posted.

CREATE FUNCTION public.ledger_guard_draft() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_given int;
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state NOT IN ('draft', 'rejected') THEN
      RAISE EXCEPTION 'a draft that is % is not deleted', OLD.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_deleted_unsubmitted', DETAIL = OLD.id::text;
    END IF;
    RETURN OLD;
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
      ('draft', 'submitted'), ('submitted', 'draft'), ('submitted', 'approved'), ('submitted', 'rejected'),
      ('rejected', 'draft'), ('approved', 'draft'), ('approved', 'posted')) THEN
    RAISE EXCEPTION 'a draft that is % does not become %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_moves', DETAIL = OLD.id::text;
  END IF;
  IF (NEW.company_id, NEW.journal_id, NEW.date, NEW.memo, NEW.reference, NEW.reason, NEW.auto_reverse, NEW.reverse_on,
      NEW.makers, NEW.corrects_id) IS DISTINCT FROM (OLD.company_id, OLD.journal_id, OLD.date, OLD.memo, OLD.reference,
      OLD.reason, OLD.auto_reverse, OLD.reverse_on, OLD.makers, OLD.corrects_id)
     AND NOT (NEW.state = 'draft' AND OLD.state IN ('draft', 'rejected')) OR OLD.state = 'posted' THEN
    RAISE EXCEPTION 'a draft that is % does not change', OLD.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_is_settled', DETAIL = OLD.id::text;
  END IF;
  IF NOT (OLD.makers <@ NEW.makers) THEN
    RAISE EXCEPTION 'who made a draft stays its maker'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_keeps_makers', DETAIL = OLD.id::text;
  END IF;
  IF NEW.approvals_needed <> OLD.approvals_needed AND NOT (OLD.state = 'draft' AND NEW.state = 'submitted') THEN
    RAISE EXCEPTION 'the approvals that a draft needs are set when it is submitted'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_is_settled', DETAIL = OLD.id::text;
  END IF;
  IF NEW.state = 'approved' AND OLD.state = 'submitted' THEN
    SELECT count(*) INTO v_given FROM public.tenants_approval a
      WHERE a.company_id = NEW.company_id AND a.subject = 'entry' AND a.subject_id = NEW.id AND a.version = OLD.version
        AND a.decision = 'approved';
    IF v_given < NEW.approvals_needed THEN
      RAISE EXCEPTION 'the draft has % of % approvals', v_given, NEW.approvals_needed
        USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_approved', DETAIL = OLD.id::text;
    END IF;
  ELSIF NEW.state = 'posted' AND NOT EXISTS (
      SELECT 1 FROM public.ledger_entry e WHERE e.company_id = NEW.company_id AND e.id = NEW.entry_id
        AND e.source = 'draft' AND e.source_id = NEW.id AND e.journal_id = NEW.journal_id AND e.date = NEW.date) THEN
    RAISE EXCEPTION 'a posted draft is the entry that was made of it'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_is_its_entry', DETAIL = OLD.id::text;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER guard_draft BEFORE UPDATE OR DELETE ON public.ledger_draft
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_draft();

-- A draft begins as one; no insert may skip the way.
CREATE FUNCTION public.ledger_draft_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'draft' OR NEW.approvals_needed <> 0 THEN
    RAISE EXCEPTION 'a draft begins as a draft'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_moves', DETAIL = NEW.id::text;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER draft_begins BEFORE INSERT ON public.ledger_draft
  FOR EACH ROW EXECUTE FUNCTION public.ledger_draft_begins();

-- Lines change only while their draft does. The share lock waits for whoever is just submitting it.
CREATE FUNCTION public.ledger_guard_draft_line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_state text; v_draft uuid; v_company uuid;
BEGIN
  IF TG_OP = 'DELETE' THEN
    v_draft := OLD.draft_id; v_company := OLD.company_id;
  ELSE
    v_draft := NEW.draft_id; v_company := NEW.company_id;
    IF TG_OP = 'UPDATE' AND NEW.draft_id <> OLD.draft_id THEN
      RAISE EXCEPTION 'a line stays with its draft' USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_is_settled';
    END IF;
  END IF;
  SELECT d.state INTO v_state FROM public.ledger_draft d WHERE d.company_id = v_company AND d.id = v_draft FOR SHARE;
  IF v_state NOT IN ('draft', 'rejected') THEN
    RAISE EXCEPTION 'the lines of a draft that is % do not change', v_state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_is_settled', DETAIL = v_draft::text;
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER guard_draft_line BEFORE INSERT OR UPDATE OR DELETE ON public.ledger_draftline
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_draft_line();

-- Maker and checker: a decision is about the submitted version, by somebody who had no hand in it.
CREATE FUNCTION public.ledger_guard_approval() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE v_draft record;
BEGIN
  SELECT d.state, d.version, d.makers INTO v_draft FROM public.ledger_draft d
    WHERE d.company_id = NEW.company_id AND d.id = NEW.subject_id FOR NO KEY UPDATE;
  IF NOT FOUND OR v_draft.state <> 'submitted' OR v_draft.version <> NEW.version THEN
    RAISE EXCEPTION 'only the submitted version of a draft is decided'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_of_submitted', DETAIL = NEW.subject_id::text;
  ELSIF NEW.actor_id = ANY (v_draft.makers) OR NEW.on_behalf_of_id = ANY (v_draft.makers) THEN
    RAISE EXCEPTION 'nobody approves what they made'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_not_own', DETAIL = NEW.subject_id::text;
  ELSIF EXISTS (SELECT 1 FROM public.tenants_approval a
      WHERE a.company_id = NEW.company_id AND a.subject = 'entry' AND a.subject_id = NEW.subject_id
        AND a.version = NEW.version
        AND coalesce(a.on_behalf_of_id, a.actor_id) = coalesce(NEW.on_behalf_of_id, NEW.actor_id)) THEN
    RAISE EXCEPTION 'one person decides once'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_once', DETAIL = NEW.subject_id::text;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_entry_approval BEFORE INSERT ON public.tenants_approval
  FOR EACH ROW WHEN (NEW.subject = 'entry') EXECUTE FUNCTION public.ledger_guard_approval();

-- The rules are looked up with every entry that is typed: cached like the chart. Every company has a generation of
-- them from its first day, so that the first rule is seen at once.
CREATE TRIGGER renew_insert AFTER INSERT ON public.tenants_approvalrule REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public.accounting_renew('approval_rules');
CREATE TRIGGER renew_update AFTER UPDATE ON public.tenants_approvalrule REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public.accounting_renew('approval_rules');
CREATE TRIGGER renew_delete AFTER DELETE ON public.tenants_approvalrule REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public.accounting_renew('approval_rules');

CREATE FUNCTION public.ledger_begin_approval_rules() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO public.accounting_generation (id, company_id, subject, generation)
    VALUES (gen_random_uuid(), NEW.id, 'approval_rules', gen_random_uuid());
  RETURN NULL;
END $$;
CREATE TRIGGER begin_approval_rules AFTER INSERT ON public.tenants_company
  FOR EACH ROW EXECUTE FUNCTION public.ledger_begin_approval_rules();
INSERT INTO public.accounting_generation (id, company_id, subject, generation)
  SELECT gen_random_uuid(), c.id, 'approval_rules', gen_random_uuid() FROM public.tenants_company c;
