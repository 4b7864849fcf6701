"""A journal entry as typed into the page: rows of text that become a proposal, or come back with what is wrong."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounting.account_ranking import meant, ranked
from accounting.chart import Chart, ChartAccount, UnknownAccount
from ledger import refusals
from ledger.amount_text import read_amount
from ledger.draft_content import DraftContent, DraftedLine
from ledger.models import Entry, ProposedLine
from ledger.proposals import NewEntry, NewLine
from ledger.splits import read_split
from tenants.refusal import Refused

COLUMNS = ("account", "line_memo", "debit", "credit", "currency", "rate", "base_amount", "sub_account")
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
    base_amount: str = ""
    sub_account: str = ""
    dimensions: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether the row is no line; what stands in the folded columns alone makes none."""
        return not (self.account.strip() or self.line_memo.strip() or self.debit.strip() or self.credit.strip())

    @property
    def is_wide(self) -> bool:
        """Whether the row uses the folded columns."""
        folded = self.currency or self.rate or self.base_amount or self.sub_account
        return bool(folded or any(self.dimensions.values()))

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is typed: a draft keeps everything else."""
        return self.is_blank and not self.is_wide

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


def stored_rows(lines: Iterable[ProposedLine], chart: Chart, base: str) -> list[TypedRow]:
    """The rows that a draft or template was kept as; its lines come with their sub-accounts."""
    rows = []
    for line in lines:
        account = chart.by_id.get(line.account_id) if line.account_id else None
        unit = chart.units.get(line.currency or base)
        amount = "" if line.amount is None else _shown(abs(line.amount), unit.decimals if unit else 0)
        credit = line.amount is not None and line.amount < 0
        in_base = line.base_amount
        rows.append(TypedRow(
            account=f"{account.code} {account.name}" if account else "", line_memo=line.memo,
            debit="" if credit else amount, credit=amount if credit else "",
            currency="" if line.currency == base else line.currency,
            rate="" if line.rate is None else f"{line.rate.normalize():f}",
            base_amount="" if in_base is None else _shown(abs(in_base), chart.units[base].decimals),
            sub_account=line.sub_account.code if line.sub_account else "",
            dimensions={name: _shares_text(value) for name, value in line.dimensions.items()},
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
        reason=head.get("reason", ""), reverse_on=head.get("reverse_on"), lines=lines,
    )  # fmt: skip


def drafted(head: Mapping[str, Any], rows: list[TypedRow], chart: Chart) -> DraftContent:
    """The draft that was typed, half-finished rows and all. Refused as `proposed` is, where a cell cannot be read."""
    return DraftContent(
        date=head["date"], journal=head["journal"], memo=head["memo"], reference=head["reference"],
        reason=head.get("reason", ""), reverse_on=head.get("reverse_on"), lines=drafted_lines(rows, chart),
    )  # fmt: skip


def drafted_lines(rows: list[TypedRow], chart: Chart) -> list[DraftedLine]:
    """The lines of a draft or template as far as they are typed."""
    return [_drafted_line(row, f"lines[{n}].", chart) for n, row in enumerate(rows) if not row.is_empty]


def place_in_grid(refusal: Refused, rows: list[TypedRow], *, as_draft: bool = False) -> tuple[int, str] | None:
    """Which row and column of the grid a refusal is about; None where it is about the entry."""
    match = re.match(r"lines\[(\d+)\]\.?(\w*)", refusal.place)
    if match is None:
        return None
    sent = [n for n, row in enumerate(rows) if not (row.is_empty if as_draft else row.is_blank)]
    number = int(match.group(1))
    if not isinstance(refusal, UnreadableRow) and not refusal.context.get("grid"):
        if number >= len(sent):
            return None
        number = sent[number]
    side = "credit" if rows[number].credit.strip() else "debit"
    column = {"amount": side, "memo": "line_memo", "": "account"}
    return number, column.get(match.group(2), match.group(2))


class UnreadableRow(refusals.PostingRefused):
    """A row of the grid is no line yet."""

    code = "bad_amount"


def _line(row: TypedRow, place: str, chart: Chart) -> NewLine:
    account = _account(row.account, place, chart)
    amount = _signed(row, place)
    if amount is None:
        raise UnreadableRow(_("Type a debit or a credit."), place=f"{place}debit")
    dimensions, splits = _analysis(row, chart)
    return NewLine(
        account=account.code, amount=amount, currency=row.currency.strip(), rate=_side(row.rate, f"{place}rate"),
        base_amount=_in_base(row, place), memo=row.line_memo.strip(), sub_account=row.sub_account.strip(),
        dimensions=dimensions, splits=splits,
    )  # fmt: skip


def _drafted_line(row: TypedRow, place: str, chart: Chart) -> DraftedLine:
    dimensions, splits = _analysis(row, chart)
    shares = {name: {value: str(percent) for value, percent in parts.items()} for name, parts in splits.items()}
    return DraftedLine(
        account=_account(row.account, place, chart).id if row.account.strip() else "", amount=_signed(row, place),
        currency=row.currency.strip(), rate=_side(row.rate, f"{place}rate"), base_amount=_in_base(row, place),
        memo=row.line_memo.strip(), sub_account=row.sub_account.strip(), dimensions={**dimensions, **shares},
    )  # fmt: skip


def _signed(row: TypedRow, place: str) -> Decimal | None:
    """The amount, a credit below zero; None where none is typed yet."""
    debit, credit = _side(row.debit, f"{place}debit"), _side(row.credit, f"{place}credit")
    if debit is not None and credit is not None:
        raise UnreadableRow(_("A line is a debit or a credit, not both."), place=f"{place}credit")
    return debit if credit is None else -credit


def _in_base(row: TypedRow, place: str) -> Decimal | None:
    amount = _side(row.base_amount, f"{place}base_amount")
    if amount is not None and not row.currency.strip():
        raise UnreadableRow(_("Name the currency of the line, or leave this empty."), place=f"{place}base_amount")
    return amount if amount is None or not row.credit.strip() else -amount


def _analysis(row: TypedRow, chart: Chart) -> tuple[dict[str, str], dict[str, dict[str, Decimal]]]:
    """The values of the dimensions, and the shares where one is split."""
    typed = {name: value.strip() for name, value in row.dimensions.items() if value.strip()}
    splits = {name: shares for name, value in typed.items() if (shares := _shares(name, value, chart))}
    return {name: value for name, value in typed.items() if name not in splits}, splits


def _shares_text(value: Any) -> str:
    return ", ".join(f"{name} {percent}" for name, percent in value.items()) if isinstance(value, dict) else str(value)


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
