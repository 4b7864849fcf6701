from django.conf import settings
from django.db import migrations

from tenants import audit_sql
from tenants.operations import APPEND, KEEP, READ, AppendOnly, CompanyTable, Grant

# Functions are nobody's until they are granted: a trigger function that runs as the owner must not be hung on a
# stranger's temporary table.
NOBODYS_FUNCTIONS = "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"
EVERYBODYS_FUNCTIONS = "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;"

# A person sees their own memberships before any company is entered; the database itself writes the trail.
POLICIES = """
CREATE POLICY own ON tenants_membership FOR SELECT
  USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
CREATE POLICY written_by_database ON tenants_auditevent FOR INSERT TO CURRENT_USER WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("sessions", "0001_initial"),
        ("axes", "0010_accessattemptexpiration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(NOBODYS_FUNCTIONS, EVERYBODYS_FUNCTIONS),
        migrations.RunSQL(audit_sql.REFUSE_CHANGE + audit_sql.AUDIT, audit_sql.DROP),
        CompanyTable("Membership", rights=KEEP),
        CompanyTable("ApiCredential", rights=KEEP),
        CompanyTable("AuditEvent", rights=READ, audit=False),
        AppendOnly("AuditEvent"),
        CompanyTable("IdempotentRequest", rights=APPEND, audit=False),
        AppendOnly("IdempotentRequest"),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        Grant("EXECUTE", "FUNCTION public.tenants_note_read"),
        Grant("SELECT, INSERT, UPDATE", "tenants_user", "tenants_company"),
        Grant("SELECT", "django_content_type", "auth_permission", "auth_group", "django_migrations"),
        Grant("SELECT, INSERT, UPDATE, DELETE", "django_session"),
        Grant(
            "SELECT, INSERT, UPDATE, DELETE",
            "axes_accessattempt",
            "axes_accessfailurelog",
            "axes_accesslog",
            "axes_accessattemptexpiration",
        ),
        Grant(
            "USAGE",
            "SEQUENCE axes_accessattempt_id_seq, axes_accessfailurelog_id_seq, axes_accesslog_id_seq",
        ),
    ]
