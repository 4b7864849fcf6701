"""A journal entry as typed into the page: rows of text that become a proposal, or come back with what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounting.account_ranking import meant, ranked
from accounting.chart import Chart, ChartAccount, UnknownAccount
from ledger import refusals
from ledger.amount_text import read_amount
from ledger.models import Entry
from ledger.proposals import NewEntry, NewLine
from ledger.splits import read_split
from tenants.refusal import Refused

COLUMNS = ("account", "line_memo", "debit", "credit", "currency", "rate", "sub_account")
SPARE_ROWS = 4


@dataclass(slots=True)
class TypedRow:
    """One row of the grid, as typed, and what is wrong with it by column."""

    account: str = ""
    line_memo: str = ""
    debit: str = ""
    credit: str = ""
    currency: str = ""
    rate: str = ""
    sub_account: str = ""
    dimensions: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not (self.account.strip() or self.line_memo.strip() or self.debit.strip() or self.credit.strip())

    @property
    def is_wide(self) -> bool:
        """Whether the row uses the folded columns."""
        return bool(self.currency or self.rate or self.sub_account or any(self.dimensions.values()))

    @property
    def error(self) -> str:
        return " ".join(self.errors.values())


def typed_rows(data: QueryDict, dimensions: list[str]) -> list[TypedRow]:
    """The rows of the grid as they were sent, blank ones included."""
    columns = {name: data.getlist(name) for name in COLUMNS}
    more = {name: data.getlist(f"dimension-{name}") for name in dimensions}
    rows = []
    for n in range(len(columns["account"])):
        cells = {name: values[n] if n < len(values) else "" for name, values in columns.items()}
        analysed = {name: values[n] if n < len(values) else "" for name, values in more.items()}
        rows.append(TypedRow(**cells, dimensions=analysed))  # type: ignore[arg-type]
    return rows


def copied_rows(entry: Entry, chart: Chart) -> list[TypedRow]:
    """The rows that would make the entry again."""
    base = entry.company.base_currency
    rows = []
    for line in entry.lines.filter(company_id=entry.company_id).select_related("sub_account").order_by("number"):
        account = chart.by_id[line.account_id]
        amount = _shown(abs(line.currency_amount), chart.units[line.currency].decimals)
        rows.append(TypedRow(
            account=f"{account.code} {account.name}", line_memo=line.memo,
            debit=amount if line.currency_amount > 0 else "", credit=amount if line.currency_amount < 0 else "",
            currency="" if line.currency == base else line.currency,
            rate="" if line.rate is None else f"{line.rate.normalize():f}", dimensions=dict(line.dimensions),
            sub_account=line.sub_account.code if line.sub_account else "",
        ))  # fmt: skip
    return rows


def padded(rows: list[TypedRow]) -> list[TypedRow]:
    """The rows with room to type on."""
    blank = sum(1 for row in rows if row.is_blank)
    return [*rows, *(TypedRow() for _n in range(max(0, SPARE_ROWS - len(rows), 1 - blank)))]


def proposed(head: Mapping[str, Any], rows: list[TypedRow], chart: Chart, *, key: str) -> NewEntry:
    """The entry that was typed. Refused with `lines[n]` as place, n counting the rows of the grid."""
    lines = tuple(_line(row, f"lines[{n}].", chart) for n, row in enumerate(rows) if not row.is_blank)
    return NewEntry(
        key=key, date=head["date"], journal=head["journal"], memo=head["memo"], reference=head["reference"],
        reason=head.get("reason", ""), lines=lines,
    )  # fmt: skip


def place_in_grid(refusal: Refused, rows: list[TypedRow]) -> tuple[int, str] | None:
    """Which row and column of the grid a refusal is about; None where it is about the entry."""
    match = re.match(r"lines\[(\d+)\]\.?(\w*)", refusal.place)
    if match is None:
        return None
    filled = [n for n, row in enumerate(rows) if not row.is_blank]
    posted = not isinstance(refusal, UnreadableRow) and not refusal.context.get("grid")
    number = int(match.group(1))
    if posted:
        if number >= len(filled):
            return None
        number = filled[number]
    side = "credit" if rows[number].credit.strip() else "debit"
    column = {"amount": side, "base_amount": side, "memo": "line_memo", "": "account"}
    return number, column.get(match.group(2), match.group(2))


class UnreadableRow(refusals.PostingRefused):
    """A row of the grid is no line yet."""

    code = "bad_amount"


def _line(row: TypedRow, place: str, chart: Chart) -> NewLine:
    account = _account(row.account, place, chart)
    debit, credit = _side(row.debit, f"{place}debit"), _side(row.credit, f"{place}credit")
    if debit is not None and credit is not None:
        raise UnreadableRow(_("A line is a debit or a credit, not both."), place=f"{place}credit")
    if debit is None and credit is None:
        raise UnreadableRow(_("Type a debit or a credit."), place=f"{place}debit")
    amount = debit if debit is not None else -(credit or Decimal(0))
    rate = _side(row.rate, f"{place}rate")
    typed = {name: value.strip() for name, value in row.dimensions.items() if value.strip()}
    splits = {name: shares for name, value in typed.items() if (shares := _shares(name, value, chart))}
    return NewLine(
        account=account.code, amount=amount, currency=row.currency.strip(), rate=rate, memo=row.line_memo.strip(),
        sub_account=row.sub_account.strip(),
        dimensions={name: value for name, value in typed.items() if name not in splits}, splits=splits,
    )  # fmt: skip


def _shares(name: str, text: str, chart: Chart) -> dict[str, Decimal]:
    """What is typed as a split; a value whose code happens to look like one is that value."""
    return {} if text in chart.dimensions.get(name, ()) else read_split(text)


def _account(text: str, place: str, chart: Chart) -> ChartAccount:
    if found := chart.by_code.get(text.strip()) or meant(text, chart.by_code.values()):
        return found
    near = [account for account in ranked(text, chart.by_code.values()) if not account.is_heading][:3]
    hint = _(" Did you mean %s?") % _(" or ").join(f"{a.code} {a.name}" for a in near) if near and text.strip() else ""
    sentence = _("There is no account “%s”.") % text.strip() if text.strip() else _("Choose an account.")
    raise UnknownAccount(sentence + hint, place=f"{place}account", grid=True)


def _side(text: str, place: str) -> Decimal | None:
    try:
        return read_amount(text, place)
    except refusals.BadAmount as refusal:
        raise UnreadableRow(refusal.message, place=place) from refusal


def _shown(amount: Decimal, decimals: int) -> str:
    own = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:.{max(own, decimals, 0)}f}"
