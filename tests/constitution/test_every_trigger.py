"""Each trigger of a family that is listed in ledger/guards.txt, asked for its effect: refusal, trail, generation."""

import pytest
from psycopg.errors import RestrictViolation

from tests.constitution.rows import a_row, alone, attack, columns_of, fresh, guards

CHANGES = {
    "append_only": ["UPDATE {} SET id = id", "DELETE FROM {}"],
    "never_truncated": ["TRUNCATE {} CASCADE"],
}
REFUSING = [guard for guard in guards("trigger") if guard.name in CHANGES]
AUDITS = [guard for guard in guards("trigger") if guard.name.startswith("audit_")]
RENEWALS = [guard for guard in guards("trigger") if guard.name.startswith("renew_")]


def label(guard):
    return f"{guard.name}-{guard.table}"


@pytest.mark.parametrize("guard", REFUSING, ids=label)
def test_what_is_posted_is_kept_from_owner_superuser_and_replication(superuser_connection, guard):
    """The triggers fire per statement: they need no row to refuse."""
    for disguise in (
        "SET LOCAL ROLE daybook_owner",
        "SET LOCAL ROLE postgres",
        "SET LOCAL session_replication_role = replica",
    ):
        for change in CHANGES[guard.name]:
            with superuser_connection.transaction(force_rollback=True):
                superuser_connection.execute(disguise)
                with pytest.raises(RestrictViolation) as caught:
                    superuser_connection.execute(change.format(guard.table))
                assert caught.value.diag.table_name == guard.table


def write(raw, guard):
    """Make the change that the trigger waits for; returns the row."""
    row = a_row(raw, guard.table)
    if guard.name.endswith("_delete"):
        raw.execute(f"DELETE FROM {guard.table} WHERE id = %s", [row["id"]])
    elif guard.name.endswith(("_update", "_company")):
        alone(raw, guard, "cfx")
        column, (kind, longest, _needed) = next(
            (column, facts)
            for column, facts in columns_of(raw, guard.table).items()
            if column not in ("id", "company_id", "last_used_at") and facts[0] != "boolean"
        )
        raw.execute(f'UPDATE {guard.table} SET "{column}" = %s WHERE id = %s', [fresh(kind, longest), row["id"]])
    return row


@pytest.mark.parametrize("guard", AUDITS, ids=label)
def test_the_trail_tells_of_the_change(superuser_connection, guard):
    with attack(superuser_connection, guard.table, "tenants_auditevent", awake=guard.name, on=guard.table):
        row = write(superuser_connection, guard)
        told = superuser_connection.execute(
            "SELECT operation, company_id FROM tenants_auditevent WHERE subject = %s AND subject_id = %s",
            [guard.table, row["id"]],
        ).fetchall()
    company = row.get("company_id", row["id"])
    acts = {"audit_company": ["insert", "update"]}.get(guard.name, [guard.name.removeprefix("audit_")])
    assert sorted(told) == [(act, company) for act in acts]


@pytest.mark.parametrize("guard", RENEWALS, ids=label)
def test_the_generation_of_cached_lookups_is_renewed(superuser_connection, guard):
    with attack(superuser_connection, guard.table, "accounting_generation", awake=guard.name, on=guard.table):
        row = write(superuser_connection, guard)
        renewed = superuser_connection.execute(
            "SELECT count(*) FROM accounting_generation WHERE company_id = %s", [row["company_id"]]
        ).fetchone()
    assert renewed == (1,)
