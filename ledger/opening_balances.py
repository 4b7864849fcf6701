"""Take over books: opening balances by trial balance, and open items one by one."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.chart import Chart, ChartAccount, MissingRole, chart_of
from ledger import refusals
from ledger.models import Journal
from ledger.posting import Posted, post_many
from ledger.proposals import NewEntry, NewLine
from ledger.resolving import LineResolver
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Refused
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
    entries = opening_entries(date, lines, key=key, balance_to=balance_to, memo=memo)
    try:
        return post_many(entries)
    except Refused as refusal:
        refusal.place = _place_in_lines(refusal.place, len(lines))
        raise


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
        contra = balancing_account(chart, balance_to).code
    text = memo or _("Opening balances")
    entries = []
    for number, start in enumerate(range(0, len(lines), CHUNK)):
        chunk = lines[start : start + CHUNK]
        try:
            entries.append(_entry(company, date, chunk, key=f"opening:{key}:{number + 1}", contra=contra, memo=text))
        except Refused as refusal:
            refusal.place = _place_in_lines(f"entries[{number}].{refusal.place}", len(lines))
            raise
    return entries


def proposed_line(line: OpeningLine) -> NewLine:
    """The line as it is posted; the reference of an open item stands before its memo."""
    return NewLine(
        account=line.account, amount=line.amount, currency=line.currency, base_amount=line.base_amount,
        sub_account=line.sub_account, memo=" ".join(filter(None, (line.reference, line.memo))),
    )  # fmt: skip


def balancing_account(chart: Chart, balance_to: str) -> ChartAccount:
    """Where a difference goes: the account with the role `opening_balance` for "role", else the one that is named."""
    if balance_to != "role":
        return chart.account(balance_to, "balance_to")
    try:
        return chart.in_role("opening_balance")
    except MissingRole as refusal:
        refusal.place = "balance_to"
        raise


def _place_in_lines(place: str, count: int) -> str:
    """Where in the lines that were handed in: they may be several entries, with lines to balance them."""
    match = re.fullmatch(r"(?:entries\[(\d+)\]\.)?lines\[(\d+)\](.*)", place)
    if match is None:
        return re.sub(r"^entries\[\d+\]\.", "", place)
    chunk, line = int(match.group(1) or 0), int(match.group(2))
    at = chunk * CHUNK + line
    return f"lines[{at}]{match.group(3)}" if line < CHUNK and at < count else "balance_to"


def _entry(
    company: Company, date: datetime.date, lines: Sequence[OpeningLine], *, key: str, contra: str, memo: str
) -> NewEntry:
    proposed = [proposed_line(line) for line in lines]
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
