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

# C8: a number is entered only behind the one before it, whoever writes the register; so no gap can appear.
NO_GAP = """
CREATE FUNCTION public.accounting_number_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
  IF NEW.number < 1 OR (NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM public.accounting_numberuse u
      WHERE u.company_id = NEW.company_id AND u.series_id = NEW.series_id AND u.year = NEW.year
        AND u.number = NEW.number - 1)) THEN
    RAISE EXCEPTION 'number % does not follow the one before', NEW.number
      USING ERRCODE = 'check_violation', CONSTRAINT = 'number_use_follows', DETAIL = NEW.text;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER number_follows AFTER INSERT ON accounting_numberuse
  FOR EACH ROW EXECUTE FUNCTION public.accounting_number_follows();
ALTER TABLE accounting_exchangerate ADD CONSTRAINT exchange_rate_is_number CHECK (rate <> 'NaN');
"""
DROP_NO_GAP = """
ALTER TABLE accounting_exchangerate DROP CONSTRAINT exchange_rate_is_number;
DROP TRIGGER number_follows ON accounting_numberuse;
DROP FUNCTION public.accounting_number_follows();
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
        CompanyTable("SubAccount", rights=ALL),
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
        migrations.RunSQL(NO_GAP, DROP_NO_GAP),
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
