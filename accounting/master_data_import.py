"""Import what has a code of its own, such as contacts and items: added, or changed where the code is there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounting.amounts import amount_text
from accounting.api_references import resolve_accounts, resolve_taxes, resolve_terms
from accounting.table_columns import TableRow
from accounting.table_kinds import UPDATE, Undoing, Wanted
from accounting.table_outcome import CHANGED, NEW, REFUSED, UNCHANGED, Outcome, tried
from accounting.table_rows import RowProblem
from tenants.refusal import Refused
from tenants.scope import current_scope

REFERENCES = (
    "income_account", "expense_account", "sales_tax", "purchase_tax", "customer_terms", "supplier_terms",
    "fiscal_position",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MasterData:
    """How rows of one kind are read, kept and taken back: by the shapes of the API, and by its acts."""

    rows: Callable[[], Any]
    new: Any
    changed: Any
    add: Callable[..., Any]
    change: Callable[..., Any]
    delete: Callable[[Any], None]
    in_use: type[Refused]
    said: Callable[[Mapping[str, Any], Any], dict[str, Any]] = lambda values, _kept: dict(values)
    column: Callable[[str], str] = lambda place: place


class _Named:
    """Accounts, taxes and terms that rows name, each looked up once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Any] = {}

    def resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values with what they name. Refused as the API refuses it."""
        for name in REFERENCES:
            if (named := values.get(name)) is None:
                continue
            if (name, named) not in self._found:
                one = {name: named}
                for resolve in (resolve_accounts, resolve_taxes, resolve_terms):
                    resolve(one)
                self._found[name, named] = one[name]
            values[name] = self._found[name, named]
        return values


def keep_rows(wanted: Wanted, data: MasterData) -> list[Outcome]:
    """Add what the rows say; where their code is there, refuse it, or change what differs."""
    codes = {row.values.get("code", "") for row in wanted.table.rows} - {""}
    known = {row.code: row for row in data.rows().filter(code__in=codes)} if wanted.chosen(UPDATE) else {}
    seen: dict[str, int] = {}
    named, outcomes = _Named(), []
    total = len(wanted.table.rows)
    for number, row in enumerate(wanted.table.rows):
        wanted.progress(number, total, _("Importing"))
        code = row.values.get("code", "")
        if code and code in seen:
            message = _("Row %d has this code already.") % seen[code]
            row.problems.append(RowProblem(row.place, "code", "twice_in_file", message))
        seen.setdefault(code, row.place)
        outcomes.append(_outcome(row, data, known.get(code), named))
    return outcomes


def _outcome(row: TableRow, data: MasterData, kept: Any, named: _Named) -> Outcome:
    title = f"{row.values.get('code', '')} {row.values.get('name', '')}".strip()
    if row.problems:
        return Outcome(row.place, title, REFUSED, problems=row.problems)
    made, problems = tried(
        lambda: _changed(row, data, kept, named) if kept else _added(row, data, named),
        lambda place: (row.place, data.column(place)),
    )
    return made or Outcome(row.place, title, REFUSED, problems=problems)


def _added(row: TableRow, data: MasterData, named: _Named) -> Outcome:
    values = data.new.run_validation(data.said(row.values, None))
    made = data.add(**named.resolved(dict(values)))
    return Outcome(row.place, str(made), NEW, str(made.pk))


def _changed(row: TableRow, data: MasterData, kept: Any, named: _Named) -> Outcome:
    values = named.resolved(dict(data.changed.run_validation(data.said(row.values, kept))))
    differs = {name: value for name, value in values.items() if _kept_value(kept, name) != value}
    changes = [(name, _text(_kept_value(kept, name)), _text(value)) for name, value in differs.items()]
    made = data.change(kept, version=kept.version, **differs) if differs else kept
    return Outcome(row.place, str(made), CHANGED if differs else UNCHANGED, str(made.pk), changes=changes)


def _kept_value(kept: Any, name: str) -> Any:
    if name == "addresses":
        columns = ("kind", "street", "supplement", "postal_code", "city", "region", "country")
        return [{column: getattr(address, column) for column in columns} for address in kept.addresses.all()]
    return getattr(kept, name)


def _text(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(", ".join(filter(None, list(one.values())[1:])) for one in value)
    return amount_text(value, 0) if isinstance(value, Decimal) else str(value)


def take_back(undoing: Undoing, data: MasterData) -> dict[str, int]:
    """Remove what was added and nobody uses; what is in use is taken out of use. What was changed stays so."""
    deleted = retired = 0
    rows: Sequence[Any] = list(data.rows().filter(pk__in=list(undoing.made)))
    for number, row in enumerate(rows):
        undoing.progress(number, len(rows), _("Undoing"))
        try:
            data.delete(row)
            deleted += 1
        except data.in_use:
            retired += 1
            if row.is_active:
                data.change(row, is_active=False)
    return {"deleted": deleted, "retired": retired, "gone": len(undoing.made) - len(rows)}


def of_company(model: Any, *pointers: str) -> Any:
    """The rows of the current company, with what they point at."""
    return model.objects.for_company(current_scope().company).select_related(*pointers)
