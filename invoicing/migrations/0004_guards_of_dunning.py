from django.db import migrations

from tenants.operations import ALL, APPEND, KEEP, AppendOnly, CompanyReference, CompanyTable

# NaN is above every number, so it would pass the other checks.
NUMBERS = """
ALTER TABLE public.invoicing_dunninglevel ADD CONSTRAINT dunning_level_is_number
  CHECK (fee <> 'NaN' AND interest_percent <> 'NaN');
ALTER TABLE public.invoicing_dunningnotice ADD CONSTRAINT dunning_notice_is_number
  CHECK (open_amount <> 'NaN' AND fee <> 'NaN' AND interest <> 'NaN');
ALTER TABLE public.invoicing_dunneddocument ADD CONSTRAINT dunned_document_is_number
  CHECK (open_amount <> 'NaN' AND interest <> 'NaN');
"""
NO_NUMBERS = """
ALTER TABLE public.invoicing_dunneddocument DROP CONSTRAINT dunned_document_is_number;
ALTER TABLE public.invoicing_dunningnotice DROP CONSTRAINT dunning_notice_is_number;
ALTER TABLE public.invoicing_dunninglevel DROP CONSTRAINT dunning_level_is_number;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0003_sending_and_dunning")]

    operations = [
        CompanyReference("InvoicingSettings", "dunning_account"),
        CompanyTable("MailTemplate", rights=ALL),
        CompanyTable("DocumentLink", rights=KEEP),
        CompanyTable("DunningLevel", rights=ALL),
        CompanyTable("DunningNotice", rights=APPEND),
        AppendOnly("DunningNotice"),
        CompanyTable("DunnedDocument", rights=APPEND, audit=False),
        AppendOnly("DunnedDocument"),
        CompanyTable("DunningBlock", rights=ALL),
        CompanyTable("RecurringDocument", rights=KEEP),
        CompanyTable("DocumentOccurrence", rights=KEEP),
        migrations.RunSQL(NUMBERS, NO_NUMBERS),
    ]
