"""Take over books: opening balances by trial balance, and open items one by one."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger import refusals
from ledger.models import Journal
from ledger.posting import Posted, post
from ledger.proposals import NewEntry, NewLine
from ledger.resolving import LineResolver
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import current_scope

SOURCE = "opening"
# Lines of one entry; a longer opening is several entries, all or none.
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """A balance, or an open item of a sub-account with its own reference; the amount signed, debit above zero.

    `base_amount` is the worth in base currency of an amount in another one; the rate of the day where it is left out.
    """

    account: str
    amount: Decimal
    currency: str = ""
    base_amount: Decimal | None = None
    sub_account: str = ""
    reference: str = ""
    memo: str = ""


def open_balances(
    date: datetime.date, lines: Sequence[OpeningLine], *, key: str, balance_to: str = "", memo: str = ""
) -> list[Posted]:
    """Post opening balances on a date, all or none, once under the key.

    What debits and credits differ by goes to the account `balance_to`, or to the one with the role `opening_balance`
    where that is "role"; else a difference is refused (`unbalanced`). Control accounts are open to it, sub-account by
    sub-account. Refused with `lines[n]` as place; also as posting is.
    """
    scope = current_scope()
    scope.require(Permission.IMPORT_JOURNALS)
    scope.require(Permission.POST_ENTRIES)
    return [post(entry) for entry in opening_entries(date, lines, key=key, balance_to=balance_to, memo=memo)]


def opening_entries(
    date: datetime.date, lines: Sequence[OpeningLine], *, key: str, balance_to: str = "", memo: str = ""
) -> list[NewEntry]:
    """The entries that open the books; several where there are very many lines, each balanced by `balance_to`."""
    company = current_scope().company
    if not lines:
        raise refusals.TooFewLines(_("There are no balances."), place="lines")
    chart = chart_of(company)
    if not balance_to and len(lines) > CHUNK:
        message = _("More than %s lines need an account to balance to.") % f"{CHUNK:,}"
        raise refusals.TooManyLines(message, place="balance_to")
    contra = ""
    if balance_to:
        named = chart.in_role("opening_balance") if balance_to == "role" else chart.account(balance_to, "balance_to")
        contra = named.code
    text = memo or _("Opening balances")
    return [
        _entry(company, date, lines[start : start + CHUNK], key=f"opening:{key}:{number}", contra=contra, memo=text)
        for number, start in enumerate(range(0, len(lines), CHUNK), 1)
    ]


def _entry(
    company: Company, date: datetime.date, lines: Sequence[OpeningLine], *, key: str, contra: str, memo: str
) -> NewEntry:
    proposed = [
        NewLine(
            account=line.account, amount=line.amount, currency=line.currency, base_amount=line.base_amount,
            sub_account=line.sub_account, memo=" ".join(filter(None, (line.reference, line.memo))),
        )
        for line in lines
    ]  # fmt: skip
    if contra and (difference := _difference(company, date, proposed)):
        proposed.append(NewLine(account=contra, amount=-difference))
    return NewEntry(
        key=key, date=date, journal=_journal(company), memo=memo, source=SOURCE, lines=tuple(proposed)
    )  # fmt: skip


def _difference(company: Company, date: datetime.date, lines: Sequence[NewLine]) -> Decimal:
    """What the lines are worth in base currency, as posting reckons it."""
    entry = NewEntry("difference", date, tuple(lines))
    scope = current_scope()
    resolver = LineResolver(scope, chart_of(company), [entry], manual=False)
    return resolver.worth(entry)


def _journal(company: Company) -> str:
    journals = Journal.objects.for_company(company).filter(kind=Journal.Kind.OPENING, is_active=True)
    code = journals.order_by("code").values_list("code", flat=True).first()
    if code is None:
        raise refusals.UnknownJournal(_("No journal for opening entries is active."))
    return str(code)
