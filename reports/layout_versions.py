"""Save the layout of a statement: every change is a new version; the old ones stay for reports made with them."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ledger.resolving import check_text
from reports.models import StatementLayout
from reports.statement_layout import BadLayout, layout_from
from reports.statement_layouts import AT, SHIPPED, UnknownLayout, saved_layout
from tenants.permissions import Permission
from tenants.refusal import Conflict
from tenants.scope import current_scope

Statement = StatementLayout.Statement
# What a statement has to place: no account of these types may be left out in silence.
WHOLE = {
    Statement.PROFIT_AND_LOSS: ["income", "expense"],
    Statement.BALANCE_SHEET: ["asset", "liability", "equity", "income", "expense"],
    Statement.CASH_FLOW_INDIRECT: ["asset", "liability", "equity", "income", "expense"],
    Statement.CASH_FLOW_DIRECT: ["asset", "liability", "equity", "income", "expense"],
}
MOST_ROWS = 300


class SavedMeanwhile(Conflict):
    """Somebody else has saved this layout in the meantime."""

    code = "conflict"


@transaction.atomic
def save_layout(
    statement: str, name: str, data: Mapping[str, Any], *, seen: int | None = None, is_usual: bool = False
) -> StatementLayout:
    """Save a layout under its name as its next version; `seen` is the version that it was made from. The usual one is
    taken where a report names none.

    Refused: `bad_layout` (at its row), `conflict` (another version was saved since), `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    name = name.strip()
    _check(statement, name, data)
    last = _versions(statement).filter(name=name).order_by("-number").first()
    number = last.number if last else 0
    if seen is not None and seen != number:
        raise SavedMeanwhile(_("Version %d was saved meanwhile: look at it first.") % number)
    whole = {"rows": list(data["rows"]), "whole": WHOLE[Statement(statement)], "equal": list(data.get("equal", ()))}
    if is_usual or (last and last.is_usual):
        _versions(statement).filter(is_usual=True).update(is_usual=False)
    made = StatementLayout(
        company=scope.company, statement=statement, name=name, number=number + 1, data=whole,
        is_usual=is_usual or bool(last and last.is_usual), saved_by=scope.actor.name[:200],
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise SavedMeanwhile(_("Somebody else has just saved this layout: look at it first.")) from error
    return made


@transaction.atomic
def make_usual(statement: str, name: str) -> None:
    """Take this layout where a report names none; a shipped name, or none, takes the usual of Daybook again. Refused:
    `unknown_layout`, `not_permitted`."""
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    _versions(statement).filter(is_usual=True).update(is_usual=False)
    if name and name not in SHIPPED:
        newest = saved_layout(current_scope().company, statement, name)
        if newest is None:
            raise UnknownLayout(_("There is no layout “%s”.") % name, place="layout")
        _versions(statement).filter(pk=newest.pk).update(is_usual=True)


@transaction.atomic
def retire_layout(statement: str, name: str) -> None:
    """Offer the layout no longer; reports that were made with it keep it. Refused: `unknown_layout`,
    `not_permitted`."""
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    if not _versions(statement).filter(name=name, is_retired=False).update(is_retired=True, is_usual=False):
        raise UnknownLayout(_("There is no layout “%s”.") % name, place="layout")


def _versions(statement: str) -> Any:
    return StatementLayout.objects.for_company(current_scope().company).filter(statement=statement)


def _check(statement: str, name: str, data: Mapping[str, Any]) -> None:
    if statement not in Statement.values:
        raise BadLayout(_("There is no statement “%s”.") % statement, place="statement")
    check_text(name, "name", 60)
    if not name or name in SHIPPED or AT in name:
        raise BadLayout(_("A name is not empty, holds no @, and is none of %s.") % ", ".join(SHIPPED), place="name")
    if len(data.get("rows", ())) > MOST_ROWS:
        raise BadLayout(_("A statement has at most %d rows.") % MOST_ROWS, place="rows")
    layout_from(data)
