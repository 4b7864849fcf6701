"""What can be taken away from each guard that the catalogue of a migrated database shows."""

import dataclasses
import re
from collections.abc import Iterator

from ledger.catalogue import Guard

RUNTIME = "daybook_app"
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")


@dataclasses.dataclass(frozen=True, slots=True)
class Sabotage:
    """One change for the worse, and the guard in ledger/guards.txt that `verify` must miss."""

    title: str
    statement: str
    guard: str


def sabotages_of(guard: Guard) -> Iterator[Sabotage]:
    """Each way in which this guard is sabotaged."""
    for title, statement in WAYS[guard.kind](guard):
        yield Sabotage(title, statement, guard.title)


def _trigger(guard: Guard) -> Iterator[tuple[str, str]]:
    yield f"drop trigger {guard.name} on {guard.table}", f"DROP TRIGGER {guard.name} ON {guard.table}"
    if guard.definition.startswith("A "):
        yield (
            f"let trigger {guard.name} on {guard.table} sleep in replication",
            f"ALTER TABLE {guard.table} ENABLE TRIGGER {guard.name}",
        )


def _constraint(guard: Guard) -> Iterator[tuple[str, str]]:
    kind = re.match("CHECK|FOREIGN KEY|PRIMARY KEY|UNIQUE|EXCLUDE", guard.definition)
    assert kind, guard
    yield (
        f"drop {kind[0].lower()} {guard.name} on {guard.table}",
        f"ALTER TABLE {guard.table} DROP CONSTRAINT {guard.name} CASCADE",
    )


def _index(guard: Guard) -> Iterator[tuple[str, str]]:
    yield f"drop index {guard.name} on {guard.table}", f"DROP INDEX {guard.name}"


def _row_level_security(guard: Guard) -> Iterator[tuple[str, str]]:
    table = guard.table
    yield f"disable row-level security on {table}", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
    yield f"free the owner on {table}", f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
    yield f"add a policy for all on {table}", f"CREATE POLICY open ON {table} USING (true)"
    for policy in re.findall(r"; (\w+) \S (?:restrictive )?to ", guard.definition):
        yield f"drop policy {policy} on {table}", f"DROP POLICY {policy} ON {table}"


def _rights(guard: Guard) -> Iterator[tuple[str, str]]:
    for right in RIGHTS:
        if f"runtime {right}" in guard.definition:
            yield f"revoke {right} on {guard.table}", f"REVOKE {right} ON {guard.table} FROM {RUNTIME}"
        else:
            yield f"grant {right} on {guard.table}", f"GRANT {right} ON {guard.table} TO {RUNTIME}"


def _function(guard: Guard) -> Iterator[tuple[str, str]]:
    name = guard.name
    if guard.definition.endswith("for runtime"):
        yield f"revoke EXECUTE on {name}", f"REVOKE EXECUTE ON FUNCTION {name} FROM {RUNTIME}"
    else:
        yield f"grant EXECUTE on {name}", f"GRANT EXECUTE ON FUNCTION {name} TO {RUNTIME}"
    if ") as its owner" in guard.definition:
        yield f"run {name} as its caller", f"ALTER FUNCTION {name} SECURITY INVOKER"
    else:
        yield f"run {name} as its owner", f"ALTER FUNCTION {name} SECURITY DEFINER"
    if "search_path" in guard.definition:
        yield f"let {name} search anywhere", f"ALTER FUNCTION {name} RESET search_path"


WAYS = {
    "trigger": _trigger, "constraint": _constraint, "index": _index, "row-level security": _row_level_security,
    "rights": _rights, "function": _function,
}  # fmt: skip
