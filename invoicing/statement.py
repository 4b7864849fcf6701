"""The statement of account of a customer or supplier: what was open, what came, what went, what is open now."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from accounting.models import Contact
from invoicing.models import Document
from invoicing.refusals import DocumentRefused
from ledger.models import Line
from tenants.models import Company


class StatementLine(NamedTuple):
    """One thing that moved the account: above zero the contact owes more, below less."""

    date: datetime.date
    kind: str
    number: str
    memo: str
    amount: Decimal
    balance: Decimal
    entry: UUID
    source: str
    source_id: UUID | None


@dataclass(slots=True)
class CurrencyStatement:
    """The account in one currency: `closing` is `opening` with every line."""

    currency: str
    decimals: int
    opening: Decimal
    lines: list[StatementLine] = field(default_factory=list)

    @property
    def closing(self) -> Decimal:
        return self.lines[-1].balance if self.lines else self.opening


def statement_of(
    company: Company, contact: Contact, start: datetime.date, end: datetime.date
) -> list[CurrencyStatement]:
    """The contact's lines on receivables and payables between two days, by currency, with running balances.

    Above zero the contact owes the company. Exchange differences move no amount of a currency and are left out.
    Refused: `invalid_document` where the days stand the wrong way round.
    """
    if end < start:
        raise DocumentRefused(_("The last day lies before the first."), place="end")
    rows = Line.objects.for_company(company).filter(
        sub_account__contact=contact, account__open_item=True, statistical=False, date__lte=end
    )
    before = rows.filter(date__lt=start).values("currency").annotate(sum=Sum("currency_amount"))
    opening = {row["currency"]: row["sum"] for row in before.order_by("currency") if row["sum"]}
    units = chart_of(company).units
    found = {code: CurrencyStatement(code, units[code].decimals, amount) for code, amount in opening.items()}
    moved = rows.filter(date__gte=start).exclude(currency_amount=0).select_related("entry")
    for line in moved.order_by("date", "entry_id", "number"):
        one = found.setdefault(
            line.currency, CurrencyStatement(line.currency, units[line.currency].decimals, Decimal(0))
        )
        one.lines.append(_line(line, one.closing + line.currency_amount))
    return sorted(found.values(), key=lambda one: (one.currency != company.base_currency, one.currency))


def register_of(statements: Sequence[CurrencyStatement], start: datetime.date) -> Any:
    """The statement as rows of a file, with their head."""
    yield ["currency", "date", "kind", "number", "memo", "debit", "credit", "balance"]
    for one in statements:
        yield [one.currency, start, "opening", "", "", "", "", one.opening]
        for line in one.lines:
            debit, credit = (line.amount, "") if line.amount > 0 else ("", -line.amount)
            yield [one.currency, line.date, line.kind, line.number, line.memo, debit, credit, line.balance]


def _line(line: Any, balance: Decimal) -> StatementLine:
    entry = line.entry
    kinds = {**dict(Document.Kind.choices), "payment": _("Payment"), "reversal": _("Reversal")}
    return StatementLine(
        line.date, str(kinds.get(entry.source, _("Entry"))), entry.reference, entry.memo,
        line.currency_amount, balance, entry.pk, entry.source, entry.source_id,
    )  # fmt: skip
