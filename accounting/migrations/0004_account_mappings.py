import django.db.models.deletion
from django.db import migrations, models

import tenants.fields
from tenants.operations import ALL, CompanyTable

# What an account is called is part of the chart as the API keeps it: a change renews the chart (0002_guards).
ROWS = {"INSERT": "NEW TABLE AS new_rows", "UPDATE": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}
RENEW = migrations.RunSQL(
    [
        f"CREATE TRIGGER renew_{event.lower()} AFTER {event} ON accounting_accountmapping REFERENCING {rows} "
        "FOR EACH STATEMENT EXECUTE FUNCTION public.accounting_renew('chart')"
        for event, rows in ROWS.items()
    ],
    [f"DROP TRIGGER renew_{event.lower()} ON accounting_accountmapping" for event in ROWS],
)


class Migration(migrations.Migration):
    dependencies = [("accounting", "0003_currencies"), ("tenants", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="AccountMapping",
            fields=[
                ("id", models.UUIDField(default=tenants.fields.new_id, editable=False, primary_key=True,
                                        serialize=False)),
                ("scheme", models.CharField(max_length=10, verbose_name="scheme", choices=[
                    ("saft", "SAF-T"), ("fec", "FEC"), ("datev", "DATEV"), ("xbrl", "XBRL")])),
                ("code", models.CharField(max_length=250, verbose_name="code")),
                ("account", tenants.fields.CompanyForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="mappings", to="accounting.account",
                    verbose_name="account")),
                ("company", models.ForeignKey(
                    db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="tenants.company")),
            ],
            options={
                "verbose_name": "statutory code",
                "verbose_name_plural": "statutory codes",
                "ordering": ["scheme"],
                "constraints": [
                    models.UniqueConstraint(fields=("company", "account", "scheme"), name="account_mapping"),
                    models.CheckConstraint(condition=models.Q(("scheme__in", ["saft", "fec", "datev", "xbrl"])),
                                           name="account_mapping_scheme"),
                    models.CheckConstraint(condition=models.Q(("code", ""), _negated=True),
                                           name="account_mapping_code_present"),
                ],
            },
        ),
        CompanyTable("AccountMapping", rights=ALL),
        RENEW,
    ]  # fmt: skip
