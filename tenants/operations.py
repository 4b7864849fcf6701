"""Migration operations that give a company table what the constitution asks for, in one line of the migration."""

from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation

from tenants.fields import CompanyForeignKey

ALL = "SELECT, INSERT, UPDATE, DELETE"
KEEP = "SELECT, INSERT, UPDATE"
APPEND = "SELECT, INSERT"
READ = "SELECT"

IN_SCOPE = "company_id = nullif(current_setting('app.company_id', true), '')::uuid"


def runtime_role() -> str:
    """The role that the application connects as; it owns nothing."""
    return str(settings.DATABASES["default"]["USER"])


class TableOperation(Operation):
    """An operation on the table of one model; Django's state does not change."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, name: str) -> None:
        self.name = name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models look the same to Django."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        for statement in self.forwards(model):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.name)
        for statement in self.backwards(model):
            schema_editor.execute(statement, params=None)

    def forwards(self, model: Any) -> list[str]:
        raise NotImplementedError

    def backwards(self, model: Any) -> list[str]:
        raise NotImplementedError

    def describe(self) -> str:
        return f"{type(self).__name__} {self.name}"


class CompanyTable(TableOperation):
    """Row-level security (forced, failing closed), composite keys and foreign keys, rights, the audit trail, which
    TRUNCATE would get around, and so none of that."""

    def __init__(self, name: str, rights: str = ALL, audit: bool = True) -> None:
        super().__init__(name)
        self.rights = rights
        self.audit = audit

    def forwards(self, model: Any) -> list[str]:
        table = model._meta.db_table
        return [
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_company_row UNIQUE (company_id, id)",
            f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {table}_company_row",
            # With statistics, a company that is younger than they are counts as one row (docs/decisions/0003).
            f"ALTER TABLE {table} ALTER COLUMN company_id SET STATISTICS 0",
            *(_add_reference(table, field) for field in _references(model)),
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY company ON {table} USING ({IN_SCOPE}) WITH CHECK ({IN_SCOPE})",
            f"GRANT {self.rights} ON {table} TO {runtime_role()}",
            *_refuse(table, "never_truncated", "TRUNCATE"),
            *(_audit_triggers(table) if self.audit else []),
        ]

    def backwards(self, model: Any) -> list[str]:
        table = model._meta.db_table
        operations = ("insert", "update", "delete") if self.audit else ()
        return [
            *(f"DROP TRIGGER audit_{operation} ON {table}" for operation in operations),
            f"DROP TRIGGER never_truncated ON {table}",
            f"REVOKE ALL ON {table} FROM {runtime_role()}",
            f"DROP POLICY company ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            *(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{field.column}_company" for field in _references(model)),
            f"ALTER TABLE {table} ALTER COLUMN company_id SET STATISTICS -1",
            f"ALTER TABLE {table} REPLICA IDENTITY DEFAULT",
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_company_row",
        ]


class CompanyReference(TableOperation):
    """The composite foreign key of a company reference that was added to an existing table."""

    def __init__(self, name: str, field: str) -> None:
        super().__init__(name)
        self.field = field

    def forwards(self, model: Any) -> list[str]:
        return [_add_reference(model._meta.db_table, model._meta.get_field(self.field))]

    def backwards(self, model: Any) -> list[str]:
        table, column = model._meta.db_table, model._meta.get_field(self.field).column
        return [f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_company"]


class AppendOnly(TableOperation):
    """Rows are added and never changed or removed, whoever asks, replication included."""

    def forwards(self, model: Any) -> list[str]:
        table = model._meta.db_table
        statements = _refuse(table, "append_only", "UPDATE OR DELETE")
        return statements if _is_company_table(model) else statements + _refuse(table, "never_truncated", "TRUNCATE")

    def backwards(self, model: Any) -> list[str]:
        names = ["append_only"] if _is_company_table(model) else ["append_only", "never_truncated"]
        return [f"DROP TRIGGER {name} ON {model._meta.db_table}" for name in names]


class Grant(Operation):
    """Rights of the runtime role on tables that belong to no company."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, rights: str, *tables: str) -> None:
        self.rights = rights
        self.tables = tables

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.rights, *self.tables], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models look the same to Django."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(f"GRANT {self.rights} ON {', '.join(self.tables)} TO {runtime_role()}", params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(f"REVOKE ALL ON {', '.join(self.tables)} FROM {runtime_role()}", params=None)

    def describe(self) -> str:
        return f"Grant {self.rights} on {', '.join(self.tables)}"


def _is_company_table(model: Any) -> bool:
    """Whether `CompanyTable` has seen to it already."""
    return any(field.name == "company" for field in model._meta.local_fields)


def _refuse(table: str, name: str, events: str) -> list[str]:
    return [
        f"CREATE TRIGGER {name} BEFORE {events} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION public.tenants_refuse_change()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    ]


def _references(model: Any) -> list[Any]:
    return [field for field in model._meta.local_fields if isinstance(field, CompanyForeignKey)]


def _add_reference(table: str, field: Any) -> str:
    target = field.remote_field.model._meta.db_table
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{field.column}_company "
        f"FOREIGN KEY (company_id, {field.column}) REFERENCES {target} (company_id, id)"
    )


def _audit_triggers(table: str) -> list[str]:
    transitions = {
        "INSERT": "NEW TABLE AS new_rows",
        "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "DELETE": "OLD TABLE AS old_rows",
    }
    return [
        f"CREATE TRIGGER audit_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} "
        "FOR EACH STATEMENT EXECUTE FUNCTION public.tenants_audit()"
        for event, rows in transitions.items()
    ]
