"""The kinds of table that can be imported (settings.TABLE_IMPORTS): their columns, who may, and what is done."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounting.table_columns import Column, Table
from accounting.table_outcome import Outcome
from tenants.permissions import Permission
from tenants.refusal import NotFound
from tenants.scope import Scope, current_scope

# Change what is there already, rather than refuse it; post what is made, rather than leave drafts.
UPDATE, POST = "update", "post"
Progress = Callable[[int, int, str], None]


class UnknownTable(NotFound):
    """There is no import of this kind."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One import: its rows, what was chosen, and the seed of the ids of what it makes."""

    table: Table
    options: Mapping[str, bool]
    seed: str
    progress: Progress

    def chosen(self, option: str) -> bool:
        """Whether the option was chosen."""
        return bool(self.options.get(option))

    def id_of(self, name: str) -> UUID:
        """The id of what is made from this row or reference: the same file makes the same one again."""
        return uuid5(current_scope().company.pk, f"{self.seed}:{name}")


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is undone: the rows that an import made, from when, and why."""

    made: Sequence[UUID]
    date: datetime.date
    reason: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class TableKind:
    """One kind of table. `undone` says to a person what undoing does with what was made."""

    name: str
    title: Any
    undone: Any
    columns: tuple[Column, ...]
    option: str
    keep: Callable[[Wanted], list[Outcome]]
    undo: Callable[[Undoing], dict[str, int]]
    needed: tuple[Permission, ...]
    needed_to_post: tuple[Permission, ...] = ()
    needed_to_undo_posted: tuple[Permission, ...] = ()
    # The page of one of them.
    page: str = ""

    def require(self, options: Mapping[str, bool], *, undo: bool = False) -> None:
        """Refuse (`not_permitted`) to who could not do the same by hand."""
        posted = self.needed_to_undo_posted if undo else self.needed_to_post
        for permission in (*self.needed, *(posted if options.get(POST) else ())):
            current_scope().require(permission)

    def may_be_imported(self, scope: Scope) -> bool:
        """Whether the actor could make one by hand."""
        return all(scope.allows(permission) for permission in self.needed)


def table_kind(name: str) -> TableKind:
    """The kind of this name. Refused: `not_found`."""
    registry: dict[str, str] = settings.TABLE_IMPORTS
    if name not in registry:
        raise UnknownTable(_("There is no import of “%s”.") % name[:60], place="table")
    found: TableKind = import_string(registry[name])
    return found


def table_kinds(scope: Scope) -> Iterator[TableKind]:
    """What the actor may import."""
    for name in settings.TABLE_IMPORTS:
        kind = table_kind(name)
        if kind.may_be_imported(scope):
            yield kind
