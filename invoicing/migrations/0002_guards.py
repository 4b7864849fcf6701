from pathlib import Path

from django.db import migrations

from tenants.operations import ALL, APPEND, KEEP, AppendOnly, CompanyTable

DROP = """
DROP TRIGGER guard_files ON public.invoicing_document;
DROP TRIGGER guard_kept_file ON public.ledger_attachment;
DROP TRIGGER guard_document_file ON public.ledger_attachment;
DROP FUNCTION public.invoicing_guard_files();
DROP FUNCTION public.invoicing_guard_attachment();
ALTER TABLE public.invoicing_invoicingsettings DROP CONSTRAINT invoicing_settings_is_number;
ALTER TABLE public.invoicing_taxrow DROP CONSTRAINT tax_row_is_number;
ALTER TABLE public.invoicing_paymentpart DROP CONSTRAINT payment_part_is_number;
ALTER TABLE public.invoicing_payment DROP CONSTRAINT payment_is_number;
ALTER TABLE public.invoicing_instalment DROP CONSTRAINT instalment_is_number;
ALTER TABLE public.invoicing_documenttax DROP CONSTRAINT document_tax_is_number;
ALTER TABLE public.invoicing_documentline DROP CONSTRAINT document_line_is_number;
ALTER TABLE public.invoicing_document DROP CONSTRAINT document_is_number;
DROP TRIGGER check_posted ON public.invoicing_payment;
DROP TRIGGER check_posted ON public.invoicing_document;
DROP TRIGGER guard_posted ON public.invoicing_paymentpart;
DROP TRIGGER guard_posted ON public.invoicing_instalment;
DROP TRIGGER guard_posted ON public.invoicing_documenttax;
DROP TRIGGER guard_posted ON public.invoicing_documentline;
DROP TRIGGER guard_posted ON public.invoicing_payment;
DROP TRIGGER guard_posted ON public.invoicing_document;
DROP FUNCTION public.invoicing_check_payment();
DROP FUNCTION public.invoicing_check_document();
DROP FUNCTION public.invoicing_guard_payment_part();
DROP FUNCTION public.invoicing_guard_document_part();
DROP FUNCTION public.invoicing_guard_posted();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0001_initial"), ("ledger", "0005_schedules"), ("accounting", "0007_taxes")]

    operations = [
        CompanyTable("Document", rights=ALL),
        CompanyTable("DocumentLine", rights=ALL),
        CompanyTable("DocumentTax", rights=ALL, audit=False),
        CompanyTable("Instalment", rights=ALL, audit=False),
        CompanyTable("Payment", rights=ALL),
        CompanyTable("PaymentPart", rights=ALL),
        CompanyTable("TaxRow", rights=APPEND, audit=False),
        AppendOnly("TaxRow"),
        CompanyTable("InvoicingSettings", rights=KEEP),
        migrations.RunSQL(Path(__file__).with_name("documents.sql").read_text(), DROP),
    ]
