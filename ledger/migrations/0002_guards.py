from pathlib import Path

from django.db import migrations

from tenants.operations import APPEND, KEEP, READ, AppendOnly, CompanyTable, Grant

HERE = Path(__file__).parent


def run_file(name):
    return migrations.RunSQL((HERE / name).read_text(encoding="utf-8"))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("accounting", "0003_currencies")]

    operations = [
        CompanyTable("Journal", rights=KEEP),
        CompanyTable("Entry", rights=READ, audit=False),
        CompanyTable("Line", rights=READ, audit=False),
        CompanyTable("Limit", rights=READ, audit=False),
        CompanyTable("Refusal", rights=READ, audit=False),
        CompanyTable("SealState", rights=READ, audit=False),
        CompanyTable("Block", rights=READ, audit=False),
        CompanyTable("EntrySeal", rights=READ, audit=False),
        CompanyTable("MonthBalance", rights=READ, audit=False),
        CompanyTable("DayBalance", rights=READ, audit=False),
        CompanyTable("SubAccountBalance", rights=READ, audit=False),
        AppendOnly("Entry"),
        AppendOnly("Line"),
        AppendOnly("Refusal"),
        AppendOnly("Block"),
        AppendOnly("EntrySeal"),
        run_file("guards.sql"),
        run_file("posting.sql"),
        run_file("sealing.sql"),
        Grant(
            "EXECUTE",
            "FUNCTION public.ledger_post, public.ledger_try_post, public.ledger_hold_key, public.ledger_freeze, "
            "public.ledger_set_limit, "
            "public.ledger_seal, public.ledger_tail",
        ),
        migrations.RunSQL(
            [
                f"CREATE TRIGGER renew_{event.lower()} AFTER {event} ON ledger_journal REFERENCING {rows} "
                "FOR EACH STATEMENT EXECUTE FUNCTION public.accounting_renew('journals')"
                for event, rows in {
                    "INSERT": "NEW TABLE AS new_rows",
                    "UPDATE": "NEW TABLE AS new_rows",
                    "DELETE": "OLD TABLE AS old_rows",
                }.items()
            ]
        ),
    ]
