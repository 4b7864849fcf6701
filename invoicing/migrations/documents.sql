-- What is posted stays as it is: documents and payments are credited or reversed, never changed or removed.
CREATE FUNCTION public.invoicing_guard_posted() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
BEGIN
  IF OLD.state = 'posted' THEN
    RAISE EXCEPTION 'what is posted stays as it is'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0], DETAIL = OLD.id::text;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_posted BEFORE UPDATE OR DELETE ON public.invoicing_document
  FOR EACH ROW EXECUTE FUNCTION public.invoicing_guard_posted('document_posted_stays');
ALTER TABLE public.invoicing_document ENABLE ALWAYS TRIGGER guard_posted;
CREATE TRIGGER guard_posted BEFORE UPDATE OR DELETE ON public.invoicing_payment
  FOR EACH ROW EXECUTE FUNCTION public.invoicing_guard_posted('payment_posted_stays');
ALTER TABLE public.invoicing_payment ENABLE ALWAYS TRIGGER guard_posted;

-- Nor do its lines, taxes, instalments and parts. The share lock waits for who is just posting the document.
CREATE FUNCTION public.invoicing_guard_document_part() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
DECLARE
  known text;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT d.state INTO known FROM public.invoicing_document d
      WHERE d.company_id = OLD.company_id AND d.id = OLD.document_id FOR SHARE;
  END IF;
  IF TG_OP <> 'DELETE' AND known IS DISTINCT FROM 'posted' THEN
    SELECT d.state INTO known FROM public.invoicing_document d
      WHERE d.company_id = NEW.company_id AND d.id = NEW.document_id FOR SHARE;
  END IF;
  IF known = 'posted' THEN
    RAISE EXCEPTION 'the parts of what is posted stay as they are'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'document_posted_stays';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_posted BEFORE INSERT OR UPDATE OR DELETE ON public.invoicing_documentline
  FOR EACH ROW EXECUTE FUNCTION public.invoicing_guard_document_part();
ALTER TABLE public.invoicing_documentline ENABLE ALWAYS TRIGGER guard_posted;
CREATE TRIGGER guard_posted BEFORE INSERT OR UPDATE OR DELETE ON public.invoicing_documenttax
  FOR EACH ROW EXECUTE FUNCTION public.invoicing_guard_document_part();
ALTER TABLE public.invoicing_documenttax ENABLE ALWAYS TRIGGER guard_posted;
CREATE TRIGGER guard_posted BEFORE INSERT OR UPDATE OR DELETE ON public.invoicing_instalment
  FOR EACH ROW EXECUTE FUNCTION public.invoicing_guard_document_part();
ALTER TABLE public.invoicing_instalment ENABLE ALWAYS TRIGGER guard_posted;

-- A file of a document belongs to one that is there; what is posted keeps its files.
CREATE FUNCTION public.invoicing_guard_attachment() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
DECLARE
  known text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT d.state INTO known FROM public.invoicing_document d
      WHERE d.company_id = NEW.company_id AND d.id = NEW.source_id FOR KEY SHARE;
    IF known IS NULL THEN
      RAISE EXCEPTION 'there is no document of this file'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'attachment_document', DETAIL = NEW.source_id::text;
    END IF;
    RETURN NEW;
  END IF;
  SELECT d.state INTO known FROM public.invoicing_document d
    WHERE d.company_id = OLD.company_id AND d.id = OLD.source_id FOR SHARE;
  IF known = 'posted' THEN
    RAISE EXCEPTION 'what is posted keeps its files'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attachment_kept', DETAIL = OLD.id::text;
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER guard_document_file BEFORE INSERT ON public.ledger_attachment
  FOR EACH ROW WHEN (NEW.source = 'document') EXECUTE FUNCTION public.invoicing_guard_attachment();
CREATE TRIGGER guard_kept_file BEFORE DELETE ON public.ledger_attachment
  FOR EACH ROW WHEN (OLD.source = 'document') EXECUTE FUNCTION public.invoicing_guard_attachment();

-- A draft goes with its files, and not without them.
CREATE FUNCTION public.invoicing_guard_files() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM public.ledger_attachment a
      WHERE a.company_id = OLD.company_id AND a.source_id = OLD.id AND a.source = 'document') THEN
    RAISE EXCEPTION 'a document with files stays'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'attachment_document', DETAIL = OLD.id::text;
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER guard_files BEFORE DELETE ON public.invoicing_document
  FOR EACH ROW EXECUTE FUNCTION public.invoicing_guard_files();

CREATE FUNCTION public.invoicing_guard_payment_part() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
DECLARE
  known text;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT p.state INTO known FROM public.invoicing_payment p
      WHERE p.company_id = OLD.company_id AND p.id = OLD.payment_id FOR SHARE;
  END IF;
  IF TG_OP <> 'DELETE' AND known IS DISTINCT FROM 'posted' THEN
    SELECT p.state INTO known FROM public.invoicing_payment p
      WHERE p.company_id = NEW.company_id AND p.id = NEW.payment_id FOR SHARE;
  END IF;
  IF known = 'posted' THEN
    RAISE EXCEPTION 'the parts of what is posted stay as they are'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_posted_stays';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_posted BEFORE INSERT OR UPDATE OR DELETE ON public.invoicing_paymentpart
  FOR EACH ROW EXECUTE FUNCTION public.invoicing_guard_payment_part();
ALTER TABLE public.invoicing_paymentpart ENABLE ALWAYS TRIGGER guard_posted;

-- A document is posted whole: its parts add up, its entry is its own and carries its instalments, and its number
-- stands in the register for it.
CREATE FUNCTION public.invoicing_check_document() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
DECLARE
  side integer := CASE WHEN NEW.kind IN ('invoice', 'debit_note', 'supplier_credit') THEN 1 ELSE -1 END;
  wrong text;
BEGIN
  IF (SELECT coalesce(sum(l.net), 0) FROM public.invoicing_documentline l
      WHERE l.company_id = NEW.company_id AND l.document_id = NEW.id) <> NEW.net THEN
    wrong := 'document_lines_add_up';
  ELSIF EXISTS (SELECT 1 FROM (
      SELECT coalesce(sum(t.amount) FILTER (WHERE t.kind = 'charged'), 0) AS tax,
             coalesce(sum(t.amount) FILTER (WHERE t.kind = 'withheld'), 0) AS withheld
      FROM public.invoicing_documenttax t WHERE t.company_id = NEW.company_id AND t.document_id = NEW.id) s
      WHERE s.tax <> NEW.tax OR s.withheld <> NEW.withheld) THEN
    wrong := 'document_taxes_add_up';
  ELSIF EXISTS (SELECT 1 FROM (
      SELECT coalesce(sum(i.amount), 0) AS amount, coalesce(sum(l.currency_amount), 0) * side AS posted,
             coalesce(sum(l.amount), 0) * side AS base, count(*) FILTER (WHERE i.amount <> 0 AND l.id IS NULL) AS open,
             count(*) FILTER (WHERE l.currency_amount * side <> i.amount OR l.currency <> NEW.currency) AS other
      FROM public.invoicing_instalment i
      LEFT JOIN public.ledger_line l ON l.company_id = i.company_id AND l.id = i.line_id AND l.entry_id = NEW.entry_id
      WHERE i.company_id = NEW.company_id AND i.document_id = NEW.id) s
      WHERE s.amount <> NEW.total OR s.posted <> NEW.total OR s.base <> NEW.base_total OR s.open > 0 OR s.other > 0)
  THEN
    wrong := 'document_instalments_posted';
  ELSIF NEW.entry_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM public.ledger_entry e
      WHERE e.company_id = NEW.company_id AND e.id = NEW.entry_id AND e.source = NEW.kind AND e.source_id = NEW.id
        AND e.date = NEW.date AND e.reference = NEW.number) THEN
    wrong := 'document_entry_its_own';
  ELSIF NOT EXISTS (SELECT 1 FROM public.accounting_numberuse u
      WHERE u.company_id = NEW.company_id AND u.subject_id = NEW.id AND u.text = NEW.number AND u.outcome = 'used') THEN
    wrong := 'document_number_registered';
  END IF;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'the document is not posted whole'
      USING ERRCODE = 'check_violation', CONSTRAINT = wrong, DETAIL = NEW.id::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER check_posted AFTER INSERT OR UPDATE OF state ON public.invoicing_document
  FOR EACH ROW WHEN (NEW.state = 'posted') EXECUTE FUNCTION public.invoicing_check_document();

CREATE FUNCTION public.invoicing_check_payment() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public AS $$
DECLARE
  wrong text;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.ledger_entry e
      WHERE e.company_id = NEW.company_id AND e.id = NEW.entry_id AND e.source = 'payment' AND e.source_id = NEW.id
        AND e.date = NEW.date AND e.reference = NEW.number) THEN
    wrong := 'payment_entry_its_own';
  ELSIF (SELECT coalesce(sum(l.currency_amount), 0) FROM public.ledger_line l
      WHERE l.company_id = NEW.company_id AND l.entry_id = NEW.entry_id AND l.account_id = NEW.account_id
        AND l.currency = NEW.currency) <> NEW.amount * (CASE NEW.direction WHEN 'in' THEN 1 ELSE -1 END) THEN
    wrong := 'payment_amount_posted';
  ELSIF NOT EXISTS (SELECT 1 FROM public.accounting_numberuse u
      WHERE u.company_id = NEW.company_id AND u.subject_id = NEW.id AND u.text = NEW.number AND u.outcome = 'used') THEN
    wrong := 'payment_number_registered';
  END IF;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'the payment is not posted whole'
      USING ERRCODE = 'check_violation', CONSTRAINT = wrong, DETAIL = NEW.id::text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER check_posted AFTER INSERT OR UPDATE OF state ON public.invoicing_payment
  FOR EACH ROW WHEN (NEW.state = 'posted') EXECUTE FUNCTION public.invoicing_check_payment();

-- NaN is above every number, so it would pass the other checks.
ALTER TABLE public.invoicing_document
  ADD CONSTRAINT document_is_number CHECK (net <> 'NaN' AND tax <> 'NaN' AND withheld <> 'NaN' AND rounding <> 'NaN'
    AND total <> 'NaN' AND discount_percent <> 'NaN' AND (rate IS NULL OR rate <> 'NaN')
    AND (base_total IS NULL OR base_total <> 'NaN') AND (cash_step IS NULL OR cash_step <> 'NaN'));
ALTER TABLE public.invoicing_documentline
  ADD CONSTRAINT document_line_is_number CHECK (quantity <> 'NaN' AND unit_price <> 'NaN' AND net <> 'NaN'
    AND gross <> 'NaN' AND cost_tax <> 'NaN');
ALTER TABLE public.invoicing_documenttax
  ADD CONSTRAINT document_tax_is_number CHECK (percent <> 'NaN' AND base <> 'NaN' AND amount <> 'NaN'
    AND deductible <> 'NaN' AND base_in_base <> 'NaN' AND amount_in_base <> 'NaN' AND deductible_in_base <> 'NaN');
ALTER TABLE public.invoicing_instalment ADD CONSTRAINT instalment_is_number CHECK (amount <> 'NaN');
ALTER TABLE public.invoicing_payment
  ADD CONSTRAINT payment_is_number CHECK (amount <> 'NaN' AND (rate IS NULL OR rate <> 'NaN'));
ALTER TABLE public.invoicing_paymentpart
  ADD CONSTRAINT payment_part_is_number CHECK (amount <> 'NaN' AND spent <> 'NaN' AND discount <> 'NaN' AND write_off <> 'NaN');
ALTER TABLE public.invoicing_taxrow
  ADD CONSTRAINT tax_row_is_number CHECK (percent <> 'NaN' AND base <> 'NaN' AND amount <> 'NaN'
    AND deductible <> 'NaN');
ALTER TABLE public.invoicing_invoicingsettings
  ADD CONSTRAINT invoicing_settings_is_number CHECK (write_off_cap <> 'NaN' AND (cash_step IS NULL OR cash_step <> 'NaN'));
