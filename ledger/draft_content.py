"""What a draft says: as proposed, as stored in its lines, and as the entry that it stands for."""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.chart import Chart
from accounting.models import SubAccount
from ledger import refusals
from ledger.models import Draft, ProposedLine
from ledger.proposals import NEXT_PERIOD, NewEntry, NewLine
from ledger.resolving import MAX_AMOUNT, MAX_LINES, MAX_RATE, check_text
from tenants.models import Company

LARGEST_SCALE = -12


class LineIncomplete(refusals.PostingRefused):
    """A line of the draft lacks its account or its amount."""

    code = "line_incomplete"


@dataclass(frozen=True, slots=True)
class DraftedLine:
    """A line as far as it is known: no account is an empty text, no amount is None."""

    account: str | UUID = ""
    amount: Decimal | None = None
    currency: str = ""
    rate: Decimal | None = None
    base_amount: Decimal | None = None
    sub_account: str | UUID = ""
    dimensions: dict[str, Any] = field(default_factory=dict)
    memo: str = ""
    statistical: bool = False


@dataclass(frozen=True, slots=True)
class DraftContent:
    """A draft as its maker wants it."""

    date: datetime.date
    lines: Sequence[DraftedLine] = ()
    journal: str = "GEN"
    memo: str = ""
    reference: str = ""
    reason: str = ""
    reverse_on: datetime.date | str | None = None


def content_of_lines(lines: Iterable[ProposedLine]) -> list[DraftedLine]:
    """The lines as they are stored; `account` and `sub_account` are ids."""
    return [
        DraftedLine(
            account=line.account_id or "", amount=line.amount, currency=line.currency, rate=line.rate,
            base_amount=line.base_amount, sub_account=line.sub_account_id or "", dimensions=line.dimensions,
            memo=line.memo, statistical=line.statistical,
        )
        for line in lines
    ]  # fmt: skip


def entry_of_draft(draft: Draft, lines: Iterable[ProposedLine]) -> NewEntry:
    """The entry that a draft stands for. Refused (`line_incomplete`, with the place) where it is none yet."""
    return NewEntry(
        key=f"draft:{draft.pk}:post", date=draft.date, journal=draft.journal.code, memo=draft.memo,
        reference=draft.reference, reason=draft.reason, source="draft", source_id=draft.pk,
        reverse_on=NEXT_PERIOD if draft.auto_reverse == Draft.AutoReverse.NEXT_PERIOD else draft.reverse_on,
        lines=tuple(as_new_line(line, f"lines[{n}].") for n, line in enumerate(content_of_lines(lines))),
    )  # fmt: skip


def as_new_line(line: DraftedLine, place: str) -> NewLine:
    """The line as it is proposed for posting. Refused (`line_incomplete`) where its account or amount is missing."""
    if not line.account:
        raise LineIncomplete(_("The line has no account yet."), place=f"{place}account")
    if line.amount is None:
        raise LineIncomplete(_("The line has no amount yet."), place=f"{place}amount")
    splits = {
        name: {value: Decimal(percent) for value, percent in shares.items()}
        for name, shares in line.dimensions.items()
        if isinstance(shares, dict)
    }
    values = {
        item.name: getattr(line, item.name)
        for item in dataclasses.fields(line)
        if item.name not in ("dimensions", "account", "amount")
    }
    dimensions = {name: value for name, value in line.dimensions.items() if name not in splits}
    return NewLine(account=line.account, amount=line.amount, dimensions=dimensions, splits=splits, **values)


def stored_lines(model: Any, company: Company, chart: Chart, lines: Sequence[DraftedLine], **owner: Any) -> list[Any]:
    """Rows of the lines, checked one by one; refused with the place of what cannot be kept."""
    if len(lines) > MAX_LINES:
        raise refusals.TooManyLines(_("An entry has at most %d lines.") % MAX_LINES, place="lines")
    sub_accounts = _sub_accounts(company, lines)
    return [
        model(
            company=company, number=number + 1, account_id=_account(line, chart, f"lines[{number}].account"),
            sub_account_id=_sub_account(line, chart, sub_accounts, f"lines[{number}].sub_account"),
            **_figures(line, chart, f"lines[{number}]."), **owner,
        )
        for number, line in enumerate(lines)
    ]  # fmt: skip


def rough_total(lines: Iterable[DraftedLine], base: str) -> Decimal:
    """The debits in base currency as far as the draft says them; what needs a rate of the day counts when submitted."""
    total = Decimal(0)
    for line in lines:
        if line.amount is None or line.amount <= 0 or line.statistical:
            continue
        if line.base_amount is not None:
            total += line.base_amount
        elif line.currency in ("", base):
            total += line.amount
        elif line.rate is not None:
            total += round(line.amount * line.rate, 6)
    return min(total, MAX_AMOUNT - 1)


def _account(line: DraftedLine, chart: Chart, place: str) -> UUID | None:
    return chart.account(line.account, place).id if line.account else None


def _sub_accounts(company: Company, lines: Sequence[DraftedLine]) -> dict[tuple[UUID, str], UUID]:
    named = {str(line.sub_account) for line in lines if line.sub_account}
    if not named:
        return {}
    found: dict[tuple[UUID, str], UUID] = {}
    for pk, account, code in SubAccount.objects.for_company(company).values_list("id", "account_id", "code"):
        if code in named or str(pk) in named:
            found[account, code] = found[account, str(pk)] = pk
    return found


def _sub_account(line: DraftedLine, chart: Chart, found: dict[tuple[UUID, str], UUID], place: str) -> UUID | None:
    if not line.sub_account:
        return None
    account = chart.account(line.account, place) if line.account else None
    pk = found.get((account.id, str(line.sub_account))) if account else None
    if pk is None:
        name = account.code if account else "–"
        raise refusals.UnknownSubAccount(
            _("Account %(account)s has no sub-account “%(name)s”.") % {"account": name, "name": line.sub_account},
            place=place,
        )
    return pk


def _figures(line: DraftedLine, chart: Chart, place: str) -> dict[str, Any]:
    check_text(line.memo, f"{place}memo")
    if line.currency and line.currency not in chart.units:
        raise refusals.UnknownUnit(
            _("The currency or unit “%s” is not in use.") % line.currency, place=f"{place}currency"
        )
    _check_number(line.amount, MAX_AMOUNT, LARGEST_SCALE, f"{place}amount")
    _check_number(line.base_amount, MAX_AMOUNT, -6, f"{place}base_amount")
    _check_number(line.rate, MAX_RATE, LARGEST_SCALE, f"{place}rate")
    return {
        "amount": line.amount, "currency": line.currency, "rate": line.rate, "base_amount": line.base_amount,
        "memo": line.memo, "dimensions": _plain(line.dimensions), "statistical": line.statistical,
    }  # fmt: skip


def _check_number(value: Decimal | None, limit: Decimal, scale: int, place: str) -> None:
    """What the column holds exactly; whether it suits the currency is asked when the draft is submitted."""
    if value is None:
        return
    if not value.is_finite() or abs(value) >= limit:
        raise refusals.BadAmount(_("An amount is a number below 10^18."), place=place)
    if value and int(value.normalize().as_tuple().exponent) < scale:
        raise refusals.TooPrecise(_("The number has more decimals than the books keep."), place=place)


def _plain(dimensions: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {code: str(percent) for code, percent in value.items()} if isinstance(value, dict) else value
        for name, value in dimensions.items()
    }
