"""The lines of a document as people type them, in a grid: read, shown again, and refused at their cell."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import QueryDict

from accounting.account_ranking import meant
from accounting.amounts import amount_text
from accounting.chart import Chart
from invoicing.document_content import ContentLine
from invoicing.models import DocumentLine
from ledger.amount_text import read_amount
from ledger.refusals import PostingRefused
from tenants.refusal import Refused

COLUMNS = ("item", "description", "quantity", "unit", "unit_price", "discount", "account", "tax", "credits",
           "order_line")  # fmt: skip
NO_TAX = "-"
# How refusals call a cell.
CELLS = {"discount_percent": "discount"}
FEWEST_ROWS = 4


class CellRefused(PostingRefused):
    """What was typed into a cell cannot be read."""

    code = "invalid_line"


@dataclass(slots=True)
class LineRow:
    """One row of the grid: the texts of its cells, and what is wrong with them. `tax` is empty for the usual one."""

    item: str = ""
    description: str = ""
    quantity: str = ""
    unit: str = ""
    unit_price: str = ""
    discount: str = ""
    account: str = ""
    tax: str = ""
    credits: str = ""
    order_line: str = ""
    dimensions: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        cells = (self.item, self.description, self.quantity, self.unit_price, self.account)
        return not any(text.strip() for text in cells)

    @property
    def error(self) -> str:
        return " ".join(self.errors.values())

    @property
    def is_wide(self) -> bool:
        return bool(self.unit or any(self.dimensions.values()))


def typed_rows(data: QueryDict, dimensions: Sequence[str]) -> list[LineRow]:
    """The rows as they were sent, blank ones included."""
    columns = {name: data.getlist(f"line_{name}") for name in COLUMNS}
    more = {name: data.getlist(f"dimension-{name}") for name in dimensions}
    rows = []
    for n in range(len(columns["description"])):
        cells: Any = {name: values[n].strip() if n < len(values) else "" for name, values in columns.items()}
        analysed = {name: values[n].strip() if n < len(values) else "" for name, values in more.items()}
        rows.append(LineRow(**cells, dimensions=analysed))
    return rows


def stored_rows(lines: Sequence[DocumentLine], chart: Chart) -> list[LineRow]:
    """The rows that stand for the lines of a document."""
    return [
        LineRow(
            item=line.item.code if line.item else "", description=line.description,
            quantity=amount_text(line.quantity, 0), unit=line.unit, unit_price=amount_text(line.unit_price, 2),
            discount=amount_text(line.discount_percent, 0) if line.discount_percent else "",
            account=_account_text(chart, line.account_id), tax=line.tax_code.code if line.tax_code else NO_TAX,
            credits=str(line.credits_id or ""), order_line=str(line.order_line_id or ""),
            dimensions=dict(line.dimensions),
        )
        for line in lines
    ]  # fmt: skip


def _account_text(chart: Chart, account_id: UUID | None) -> str:
    account = chart.by_id.get(account_id) if account_id else None
    return f"{account.code} {account.name}" if account else ""


def content_lines(rows: Sequence[LineRow], chart: Chart) -> list[ContentLine]:
    """What the rows that are not blank say. Refused (`invalid_line`, `bad_amount`) at the cell."""
    return [_line(row, chart, f"lines[{number}]") for number, row in enumerate(_filled(rows))]


def _filled(rows: Sequence[LineRow]) -> list[LineRow]:
    return [row for row in rows if not row.is_blank]


def _line(row: LineRow, chart: Chart, place: str) -> ContentLine:
    quantity = read_amount(row.quantity, f"{place}.quantity")
    discount = read_amount(row.discount.rstrip("% "), f"{place}.discount_percent")
    fields: dict[str, Any] = {} if quantity is None else {"quantity": quantity}
    if discount is not None:
        fields["discount_percent"] = discount
    return ContentLine(
        description=row.description, unit_price=read_amount(row.unit_price, f"{place}.unit_price"),
        item=row.item or None, unit=row.unit or None, account=_account(row, chart, place),
        tax="" if row.tax == NO_TAX else row.tax or None,
        dimensions={name: value for name, value in row.dimensions.items() if value},
        credits=UUID(row.credits) if _is_id(row.credits) else None,
        order_line=UUID(row.order_line) if _is_id(row.order_line) else None, **fields,
    )  # fmt: skip


def _account(row: LineRow, chart: Chart, place: str) -> UUID | None:
    if not row.account:
        return None
    account = meant(row.account, chart.by_code.values())
    if account is None:
        raise CellRefused(f"There is no account “{row.account}”.", place=f"{place}.account")
    return account.id


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def mark(refusal: Refused, rows: Sequence[LineRow]) -> int | None:
    """Put the refusal at its row and cell; the number of the row, or None where it is about something else."""
    if not refusal.place.startswith("lines["):
        return None
    number, _bracket, cell = refusal.place.removeprefix("lines[").partition("]")
    filled = _filled(rows)
    if not number.isdecimal() or int(number) >= len(filled):
        return None
    row = filled[int(number)]
    name = cell.lstrip(".").split(".")[0]
    row.errors[CELLS.get(name, name) or "description"] = refusal.message
    return rows.index(row) + 1


def padded(rows: Sequence[LineRow], dimensions: Sequence[str]) -> list[LineRow]:
    """The rows with room to type on."""
    room = max(FEWEST_ROWS - len(rows), 1)
    shown = [*rows, *(LineRow() for _number in range(room))]
    for row in shown:
        row.dimensions = {name: row.dimensions.get(name, "") for name in dimensions}
    return shown
