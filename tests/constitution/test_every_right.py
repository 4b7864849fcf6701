"""Each right of the runtime role, tried: what ledger/guards.txt lists works, and everything else is refused."""

import pytest
from psycopg import Error

from tests.constitution.rows import guards

# No row is touched, so that nothing but a missing right can refuse for lack of rights.
TRIES = {
    "SELECT": "SELECT 1 FROM {} LIMIT 0",
    "INSERT": "INSERT INTO {0} SELECT (jsonb_populate_record(NULL::{0}, '{{}}')).* WHERE false",
    "UPDATE": "UPDATE {} SET {} = DEFAULT WHERE false",
    "DELETE": "DELETE FROM {} WHERE false",
    "TRUNCATE": "TRUNCATE {} CASCADE",
}
RIGHTS = guards("rights")
FUNCTIONS = guards("function")


def refusal(raw, statement):
    """What the database says to the runtime role; nothing of the statement stays."""
    with raw.transaction(force_rollback=True):
        try:
            with raw.transaction():
                raw.execute(statement)
        except Error as error:
            return str(error)
        return ""


@pytest.mark.parametrize("right", TRIES)
@pytest.mark.parametrize("guard", RIGHTS, ids=lambda guard: guard.table)
def test_the_runtime_role_may_what_is_listed_and_nothing_else(runtime_connection, guard, right):
    raw = runtime_connection
    column = raw.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", [guard.table]
    ).fetchone()
    listed = f"runtime {right}" in guard.definition
    said = refusal(raw, TRIES[right].format(guard.table, column[0]))
    assert (said.rstrip() == f"permission denied for table {guard.table}") is not listed


@pytest.mark.parametrize("guard", FUNCTIONS, ids=lambda guard: guard.name)
def test_the_runtime_role_may_call_what_is_listed_and_nothing_else(runtime_connection, guard):
    arguments = guard.definition[1 : guard.definition.index(")")]
    types = [argument.split(" ", 1)[1] for argument in arguments.split(", ")] if arguments else []
    call = f"SELECT public.{guard.name}({', '.join(f'NULL::{kind}' for kind in types)})"
    said = refusal(runtime_connection, call)
    assert (f"permission denied for function {guard.name}" in said) is not guard.definition.endswith("for runtime")
