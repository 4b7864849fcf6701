"""The rules of docs/scale.md that let many companies be spread, asked of the migrated database itself."""

import pytest

TABLES = """
WITH company_table AS (
  SELECT c.oid, c.relname AS name, c.relreplident, a.attnum, a.attnotnull, a.atttypid
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'company_id' AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace),
global_table AS (
  SELECT c.oid, c.relname AS name FROM pg_class c
  WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.oid NOT IN (SELECT oid FROM company_table))
"""

GLOBAL = {
    "accounting_currency", "auth_group", "auth_group_permissions", "auth_permission", "axes_accessattempt",
    "axes_accessattemptexpiration", "axes_accessfailurelog", "axes_accesslog", "django_admin_log", "django_content_type",
    "django_migrations", "django_session", "tenants_company", "tenants_operatorrequest", "tenants_user",
}  # fmt: skip

LINT = {
    "company_id_is_a_uuid_and_never_null": """
      SELECT name FROM company_table WHERE NOT attnotnull OR atttypid <> 'uuid'::regtype""",
    "company_and_id_are_the_replica_identity": """
      SELECT name FROM company_table t WHERE relreplident <> 'i' OR NOT EXISTS (
        SELECT 1 FROM pg_index i JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
        WHERE i.indrelid = t.oid AND i.indisreplident AND i.indisunique AND i.indnkeyatts = 2 AND i.indpred IS NULL
          AND pg_get_indexdef(i.indexrelid, 1, true) = 'company_id' AND pg_get_indexdef(i.indexrelid, 2, true) = 'id')""",
    "the_primary_key_is_the_id_alone_and_no_sequence": """
      SELECT t.name FROM company_table t WHERE NOT EXISTS (
        SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'id'
        WHERE i.indrelid = t.oid AND i.indisprimary AND i.indkey::text = a.attnum::text AND a.atttypid = 'uuid'::regtype
          AND NOT a.atthasdef AND a.attidentity = '')""",
    "every_other_unique_index_starts_with_the_company": """
      SELECT i.indexrelid::regclass::text FROM company_table t JOIN pg_index i ON i.indrelid = t.oid
      WHERE i.indisunique AND NOT i.indisprimary AND i.indkey[0] <> t.attnum""",
    "every_exclusion_starts_with_the_company": """
      SELECT i.indexrelid::regclass::text FROM company_table t JOIN pg_index i ON i.indrelid = t.oid
      WHERE i.indisexclusion AND i.indkey[0] <> t.attnum""",
    "foreign_keys_between_company_tables_carry_the_company": """
      SELECT c.conname FROM pg_constraint c JOIN company_table x ON x.oid = c.conrelid
      JOIN company_table y ON y.oid = c.confrelid WHERE c.contype = 'f'
        AND NOT (c.conkey[1] = x.attnum AND c.confkey[1] = y.attnum AND cardinality(c.conkey) > 1)""",
    "no_foreign_key_sets_the_company_to_null_or_cascades": """
      SELECT c.conname FROM pg_constraint c JOIN company_table x ON x.oid = c.conrelid
      WHERE c.contype = 'f' AND (c.confdeltype NOT IN ('a', 'r') OR c.confupdtype NOT IN ('a', 'r'))""",
    "every_foreign_key_is_validated": """
      SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND NOT convalidated""",
    "global_tables_never_reference_company_tables": """
      SELECT c.conname FROM pg_constraint c JOIN global_table g ON g.oid = c.conrelid
      JOIN company_table y ON y.oid = c.confrelid WHERE c.contype = 'f'""",
    "no_trigger_mixes_truncate_with_row_changes": """
      SELECT t.tgname || ' on ' || x.name FROM company_table x JOIN pg_trigger t ON t.tgrelid = x.oid
      WHERE NOT t.tgisinternal AND (t.tgtype & 32) <> 0 AND (t.tgtype & 28) <> 0""",
    "no_policy_has_a_subquery": """
      SELECT p.polname || ' on ' || x.name FROM company_table x JOIN pg_policy p ON p.polrelid = x.oid
      WHERE coalesce(p.polqual::text, '') || coalesce(p.polwithcheck::text, '') LIKE '%SUBLINK%'""",
    "every_company_table_has_the_company_policy_for_everybody": """
      SELECT x.name FROM company_table x WHERE NOT EXISTS (SELECT 1 FROM pg_policy p
        WHERE p.polrelid = x.oid AND p.polname = 'company' AND p.polcmd = '*' AND p.polroles = '{0}'
          AND pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid) AND pg_get_expr(p.polqual, p.polrelid)
            = '(company_id = (NULLIF(current_setting(''app.company_id''::text, true), ''''::text))::uuid)')""",
    "row_level_security_is_on_and_forced": """
      SELECT x.name FROM company_table x JOIN pg_class c ON c.oid = x.oid WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)""",
    "immutability_triggers_fire_always_and_all_others_not_in_replication": """
      SELECT t.tgname || ' on ' || x.name || ' is ' || t.tgenabled::text FROM company_table x JOIN pg_trigger t ON t.tgrelid = x.oid
      WHERE NOT t.tgisinternal
        AND t.tgenabled <> CASE WHEN t.tgname IN ('append_only', 'never_truncated', 'guard_posted') THEN 'A'::"char" ELSE 'O' END""",
    "no_sql_function_touches_a_company_table": """
      SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
      WHERE l.lanname = 'sql' AND p.pronamespace = 'public'::regnamespace
        AND EXISTS (SELECT 1 FROM company_table WHERE p.prosrc ~ ('\\m' || name || '\\M'))""",
    "every_function_that_runs_as_its_owner_fixes_its_search_path": """
      SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
        AND NOT coalesce(p.proconfig, '{}') && ARRAY['search_path=pg_catalog, public']""",
    "functions_of_triggers_are_named_with_their_schema": """
      SELECT t.tgname || ' on ' || x.name FROM company_table x JOIN pg_trigger t ON t.tgrelid = x.oid
      JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND p.pronamespace <> 'public'::regnamespace""",
    "no_sequence_serves_a_company_table": """
      SELECT x.name || '.' || a.attname FROM company_table x JOIN pg_attribute a ON a.attrelid = x.oid AND a.attnum > 0
      LEFT JOIN pg_attrdef d ON d.adrelid = x.oid AND d.adnum = a.attnum
      WHERE a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%'""",
    "a_transaction_number_is_kept_beside_its_epoch": """
      SELECT x.name || '.' || a.attname FROM company_table x JOIN pg_attribute a ON a.attrelid = x.oid AND a.attnum > 0
      WHERE a.atttypid IN ('xid8'::regtype, 'xid'::regtype, 'pg_lsn'::regtype) AND NOT EXISTS (
        SELECT 1 FROM pg_attribute e WHERE e.attrelid = x.oid AND e.attname = 'epoch')""",
    "the_company_has_no_statistics": """
      SELECT x.name FROM company_table x JOIN pg_attribute a ON a.attrelid = x.oid AND a.attnum = x.attnum
      WHERE a.attstattarget IS DISTINCT FROM 0""",
    "no_table_is_inherited_or_has_a_rule": """
      SELECT x.name FROM company_table x WHERE EXISTS (SELECT 1 FROM pg_rewrite w WHERE w.ev_class = x.oid)
        OR EXISTS (SELECT 1 FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent WHERE i.inhrelid = x.oid AND p.relkind = 'r')""",
}


def rows(connection, query):
    return [row[0] for row in connection.execute(TABLES + query).fetchall()]


@pytest.mark.parametrize("rule", LINT)
def test_rule_holds(owner_connection, rule):
    assert rows(owner_connection, LINT[rule]) == []


def test_the_global_tables_are_few_and_listed(owner_connection):
    assert set(rows(owner_connection, "SELECT name FROM global_table")) - GLOBAL == set()


BREACHES = {
    "company_id_is_a_uuid_and_never_null": "CREATE TABLE breach (company_id bigint)",
    "company_and_id_are_the_replica_identity": "CREATE TABLE breach (id uuid, company_id uuid, UNIQUE (company_id, id))",
    "the_primary_key_is_the_id_alone_and_no_sequence": "CREATE TABLE breach (id bigserial PRIMARY KEY, company_id uuid)",
    "every_other_unique_index_starts_with_the_company": "CREATE TABLE breach (code text UNIQUE, company_id uuid)",
    "every_exclusion_starts_with_the_company":
        "CREATE TABLE breach (code int4range, company_id uuid, EXCLUDE USING gist (code WITH &&))",
    "foreign_keys_between_company_tables_carry_the_company":
        "CREATE TABLE breach (company_id uuid, a uuid REFERENCES accounting_account (id))",
    "no_foreign_key_sets_the_company_to_null_or_cascades":
        "CREATE TABLE breach (company_id uuid REFERENCES tenants_company ON DELETE CASCADE)",
    "every_foreign_key_is_validated":
        "ALTER TABLE accounting_unit ADD CONSTRAINT breach CHECK (decimals < 90) NOT VALID",
    "global_tables_never_reference_company_tables": "CREATE TABLE breach (a uuid REFERENCES accounting_account (id))",
    "no_trigger_mixes_truncate_with_row_changes":
        "CREATE TRIGGER breach BEFORE DELETE OR TRUNCATE ON accounting_unit FOR EACH STATEMENT "
        "EXECUTE FUNCTION tenants_refuse_change()",
    "no_policy_has_a_subquery":
        "CREATE POLICY breach ON accounting_unit USING (company_id IN (SELECT id FROM tenants_company))",
    "every_company_table_has_the_company_policy_for_everybody":
        "ALTER POLICY company ON accounting_unit USING (true) WITH CHECK (true)",
    "row_level_security_is_on_and_forced": "ALTER TABLE accounting_unit NO FORCE ROW LEVEL SECURITY",
    "immutability_triggers_fire_always_and_all_others_not_in_replication":
        "ALTER TABLE ledger_entry ENABLE TRIGGER append_only",
    "no_sql_function_touches_a_company_table":
        "CREATE FUNCTION breach() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM accounting_unit'",
    "every_function_that_runs_as_its_owner_fixes_its_search_path":
        "ALTER FUNCTION public.ledger_seal(uuid, boolean) RESET search_path",
    "functions_of_triggers_are_named_with_their_schema":
        "CREATE TRIGGER breach BEFORE UPDATE ON accounting_unit FOR EACH ROW "
        "EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
    "no_sequence_serves_a_company_table": "CREATE TABLE breach (id bigserial, company_id uuid)",
    "a_transaction_number_is_kept_beside_its_epoch": "CREATE TABLE breach (company_id uuid, x xid8)",
    "the_company_has_no_statistics": "ALTER TABLE accounting_unit ALTER COLUMN company_id SET STATISTICS -1",
    "no_table_is_inherited_or_has_a_rule": "CREATE TABLE breach () INHERITS (accounting_unit)",
}  # fmt: skip


@pytest.mark.parametrize("rule", LINT)
def test_rule_sees_a_breach(owner_connection, rule):
    with owner_connection.transaction(force_rollback=True):
        known = rows(owner_connection, LINT[rule])
        owner_connection.execute(BREACHES[rule])
        assert rows(owner_connection, LINT[rule]) != known
