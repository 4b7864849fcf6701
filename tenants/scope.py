"""The company scope: which company's rows this thread of work sees, and on whose behalf it writes.

Row-level security and the audit trail read the scope from transaction-local settings (`app.*`), so that nothing
outlives the transaction and a transaction-mode pooler is safe. Without a scope the database shows no company rows.
"""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, transaction

from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import NotPermitted

SETTINGS = (
    "app.company_id",
    "app.actor_type",
    "app.actor_id",
    "app.actor_name",
    "app.on_behalf_of",
    "app.request_id",
    "app.address",
    "app.user_agent",
    "app.session",
    "app.act",
    "app.reason",
)
_SET = "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(SETTINGS))
_GET = "SELECT " + ", ".join(["current_setting(%s, true)"] * len(SETTINGS))


@dataclasses.dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, an API credential, a job or a command; and from where."""

    type: str
    name: str
    id: UUID | None = None
    permissions: frozenset[Permission] = frozenset(Permission)
    on_behalf_of: str = ""
    address: str = ""
    user_agent: str = ""
    session: str = ""
    request_id: str = ""

    @classmethod
    def system(cls, name: str) -> "Actor":
        """The installation itself: a scheduled job, a migration of data."""
        return cls(type="system", name=name)

    @classmethod
    def command(cls, name: str) -> "Actor":
        """An operator at the shell of the server."""
        return cls(type="command", name=name)


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """The company and the actor of the current work."""

    company: Company
    actor: Actor

    def require(self, permission: Permission) -> None:
        """Refuse (`not_permitted`) unless the actor holds the permission."""
        if permission not in self.actor.permissions:
            raise NotPermitted(f"This needs the permission “{permission.label}”.", permission=permission.value)

    def allows(self, permission: str) -> bool:
        """Whether the actor holds the permission, for what pages offer."""
        return permission in self.actor.permissions


_current: ContextVar[Scope | None] = ContextVar("company_scope", default=None)


def current_scope() -> Scope:
    """The scope of the running work; a `LookupError` where there is none."""
    if scope := _current.get():
        return scope
    raise LookupError("No company scope: wrap the work in `with company_scope(company, actor=...)`.")


def scope_or_none() -> Scope | None:
    """The scope of the running work, or None outside any company."""
    return _current.get()


@contextmanager
def company_scope(company: Company, *, actor: Actor, act: str = "", reason: str = "") -> Iterator[Scope]:
    """Work inside one company: opens a transaction (or a savepoint) and names company and actor to the database.

    Leaving restores the outer scope. An exception rolls the work back.
    """
    scope = Scope(company, actor)
    nested = connection.in_atomic_block
    with transaction.atomic():
        before = _read_settings() if nested else None
        _write_settings(_values(scope, act, reason))
        token = _current.set(scope)
        try:
            yield scope
        finally:
            _current.reset(token)
        if before is not None and not connection.needs_rollback:
            _write_settings(before)


@contextmanager
def acting_as(actor: Actor) -> Iterator[Scope]:
    """Go on in the same company and transaction as this actor: what the edge does once it knows who asks."""
    scope = Scope(current_scope().company, actor)
    _write_settings(_values(scope, "", ""))
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


def explain(reason: str) -> None:
    """Name the reason of the changes that follow in this transaction, for the audit trail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.reason', %s, true)", [reason])


def _values(scope: Scope, act: str, reason: str) -> tuple[str, ...]:
    actor = scope.actor
    return (
        str(scope.company.pk), actor.type, str(actor.id or ""), actor.name, actor.on_behalf_of, actor.request_id,
        actor.address, actor.user_agent, actor.session, act, reason,
    )  # fmt: skip


def _read_settings() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_GET, SETTINGS)
        return tuple(value or "" for value in cursor.fetchone())


def _write_settings(values: tuple[str, ...]) -> None:
    parameters = [part for pair in zip(SETTINGS, values, strict=True) for part in pair]
    with connection.cursor() as cursor:
        cursor.execute(_SET, parameters)
