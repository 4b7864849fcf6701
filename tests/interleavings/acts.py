"""The acts that meet, in the words of a test: each makes a function of the meeting."""

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from accounting.models import Account, Period
from accounting.periods import close_period, reopen_period, set_lock_date
from ledger.limits import set_limit
from ledger.posting import Posted, post, post_batch, post_many
from ledger.reversal import reverse
from ledger.sealing import seal
from tests.books import new_entry, sale

JANUARY = datetime.date(2025, 1, 15)
FEBRUARY = datetime.date(2025, 2, 15)
MARCH = datetime.date(2025, 3, 15)


class Meeting(SimpleNamespace):
    """Where acts meet: a `company`, and what was `given` before they began."""

    def __init__(self, company: Any) -> None:
        super().__init__(company=company, given=None)


Act = Callable[[Meeting], Any]
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def without_ids(text: str) -> str:
    """A key of the ledger as it is in every company."""
    return _ID.sub("*", text)


def opens_its_own_scope(act: Act) -> Act:
    """Marks an act that is not to be run inside the company's scope."""
    act.scoped = False  # type: ignore[attr-defined]
    return act


def is_scoped(act: Act) -> bool:
    """Whether the act wants to be run inside the company's scope."""
    return getattr(act, "scoped", True)


def said(posted: Posted) -> tuple[str, str]:
    """An answer to a posting, without the id."""
    return ("replayed" if posted.replayed else "posted", without_ids(posted.key))


def posting(key: str, amount: str = "100.00", **fields: Any) -> Act:
    """Post a sale."""
    return lambda _meeting: said(post(sale(amount, key=key, **fields)))


def posting_all(*keys: str, amount: str = "100.00", **fields: Any) -> Act:
    """Post sales under their own keys, all or none, in this order."""
    return lambda _meeting: [said(one) for one in post_many([sale(amount, key=key, **fields) for key in keys])]


def posting_batch(key: str, *amounts: str, **fields: Any) -> Act:
    """Post sales under one key, all or none."""
    entries = [sale(amount, key=f"item {number}", **fields) for number, amount in enumerate(amounts)]
    return lambda _meeting: [said(one) for one in post_batch(key, entries)]


def moving(key: str, amount: str, source: str, target: str) -> Act:
    """Post one entry that moves an amount between two accounts."""
    return lambda _meeting: said(post(moved(key, amount, source, target)))


def moving_all(*moves: tuple[str, str, str, str]) -> Act:
    """Post such entries under their own keys, all or none."""
    return lambda _meeting: [said(one) for one in post_many([moved(*move) for move in moves])]


def withdrawing(key: str, amount: str) -> Act:
    """Pay the rent from the bank."""
    return moving(key, amount, "1000", "5000")


def reversing(key: str = "", date: datetime.date = MARCH) -> Act:
    """Reverse the entry that was given."""
    return lambda meeting: said(reverse(meeting.given, date=date, reason="typing error", key=key))


def closing(day: datetime.date, *, soft: bool = False) -> Act:
    """Close the period of the day."""
    return lambda meeting: close_period(period_of(meeting, day), soft=soft).status


def reopening(day: datetime.date) -> Act:
    """Open the period of the day again."""
    return lambda meeting: reopen_period(period_of(meeting, day), reason="an invoice was late").status


def locking(until: datetime.date | None, *, reason: str = "", kind: str = "all") -> Act:
    """Move a lock date."""

    def lock(_meeting: Meeting) -> Any:
        moved = set_lock_date(kind, until, reason=reason)
        return moved and moved.until

    return lock


def limiting(code: str, floor: str) -> Act:
    """Put a floor under an account."""

    def limit(meeting: Meeting) -> Any:
        account = Account.objects.for_company(meeting.company).get(code=code)
        return set_limit(account.pk, floor=Decimal(floor)).floor

    return limit


@opens_its_own_scope
def sealing(meeting: Meeting) -> None:
    """Seal what is posted; how much depends on who else is at work in the cluster, so it is no answer to compare."""
    seal(meeting.company)


def after(*acts: Act) -> Act:
    """Several acts in one transaction; the answer is that of the last."""
    return lambda meeting: [act(meeting) for act in acts][-1]


def posted_entry(_meeting: Meeting) -> Any:
    """A posted sale, for those who reverse it."""
    return post(sale(key="original", date=JANUARY)).id


def moved(key: str, amount: str, source: str, target: str) -> Any:
    """An entry that moves an amount between two accounts."""
    return new_entry((source, f"-{amount}"), (target, amount), key=key)


def period_of(meeting: Meeting, day: datetime.date) -> Period:
    """The period that holds the day."""
    found: Period = Period.objects.for_company(meeting.company).get(start__lte=day, end__gte=day)
    return found
