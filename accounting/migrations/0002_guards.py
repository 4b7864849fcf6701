from django.db import migrations

from tenants.operations import ALL, APPEND, KEEP, READ, AppendOnly, CompanyTable, Grant

# Every change of what a cached lookup shows renews its generation in the same transaction, whoever makes it
# (docs/decisions/0001). A random value, so that a rolled-back generation never comes back with other content.
RENEW = """
CREATE FUNCTION public.accounting_renew() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO public.accounting_generation AS g (id, company_id, subject, generation)
      SELECT gen_random_uuid(), c.company_id, TG_ARGV[0], gen_random_uuid() FROM (SELECT DISTINCT company_id FROM old_rows) c
      ON CONFLICT (company_id, subject) DO UPDATE SET generation = excluded.generation;
  ELSE
    INSERT INTO public.accounting_generation AS g (id, company_id, subject, generation)
      SELECT gen_random_uuid(), c.company_id, TG_ARGV[0], gen_random_uuid() FROM (SELECT DISTINCT company_id FROM new_rows) c
      ON CONFLICT (company_id, subject) DO UPDATE SET generation = excluded.generation;
  END IF;
  RETURN NULL;
END $$;
CREATE POLICY renewed_by_database ON accounting_generation TO CURRENT_USER USING (true) WITH CHECK (true);
"""


def renew_triggers(table, subject):
    rows = {"INSERT": "NEW TABLE AS new_rows", "UPDATE": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}
    return migrations.RunSQL(
        [
            f"CREATE TRIGGER renew_{event.lower()} AFTER {event} ON {table} REFERENCING {transition} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION public.accounting_renew('{subject}')"
            for event, transition in rows.items()
        ],
        [f"DROP TRIGGER renew_{event.lower()} ON {table}" for event in rows],
    )


class Migration(migrations.Migration):
    dependencies = [("accounting", "0001_initial"), ("tenants", "0002_guards")]

    operations = [
        CompanyTable("Unit", rights=KEEP),
        CompanyTable("ExchangeRate", rights=ALL),
        CompanyTable("Account", rights=ALL),
        CompanyTable("SubAccount", rights=KEEP),
        CompanyTable("Dimension", rights=KEEP),
        CompanyTable("DimensionValue", rights=KEEP),
        CompanyTable("AccountDimension", rights=ALL),
        CompanyTable("FiscalYear", rights=KEEP),
        CompanyTable("Period", rights=KEEP),
        CompanyTable("LockDate", rights=ALL),
        CompanyTable("NumberSeries", rights=KEEP),
        CompanyTable("NumberCounter", rights=KEEP, audit=False),
        CompanyTable("NumberUse", rights=APPEND, audit=False),
        AppendOnly("NumberUse"),
        CompanyTable("Generation", rights=READ, audit=False),
        Grant("SELECT", "accounting_currency"),
        migrations.RunSQL(
            RENEW, "DROP POLICY renewed_by_database ON accounting_generation; DROP FUNCTION public.accounting_renew()"
        ),
        renew_triggers("accounting_account", "chart"),
        renew_triggers("accounting_unit", "chart"),
        renew_triggers("accounting_dimension", "chart"),
        renew_triggers("accounting_dimensionvalue", "chart"),
        renew_triggers("accounting_accountdimension", "chart"),
    ]
