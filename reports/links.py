"""What is behind a figure: the ledger of an account, the ledgers of several, the journal."""

import datetime
from collections.abc import Iterable, Mapping

from accounting.chart import Chart, ChartAccount
from ledger.balances import KnownAt
from reports.chosen_accounts import spans_of
from reports.table import Asked, Link

# An address of more accounts is refused by servers on its way.
LONGEST = 3_000
NOTHING: Mapping[str, str] = {}


def days_query(start: datetime.date | None, end: datetime.date, known_at: KnownAt = None) -> dict[str, str]:
    """The days and the knowledge as pages ask for them."""
    found = {"from": start.isoformat() if start else "", "to": end.isoformat()}
    if known_at is not None:
        found["known"] = known_at.isoformat() if isinstance(known_at, datetime.datetime) else str(known_at)
    return found


def ledger_of(
    account: ChartAccount, start: datetime.date | None, end: datetime.date, asked: Asked,
    narrowed: Mapping[str, str] = NOTHING,
) -> Link:  # fmt: skip
    """The ledger of an account in these days, as known when the report is; `narrowed` to lines as the general ledger
    narrows them."""
    if narrowed:
        return _general_ledger(start, end, asked, {"accounts": account.code, **narrowed})
    return Link("ledger:account-ledger", (account.code,), days_query(start, end, asked.known_at))


def ledgers_of(
    accounts: Iterable[ChartAccount], start: datetime.date | None, end: datetime.date, asked: Asked, *,
    chart: Chart | None = None, narrowed: Mapping[str, str] = NOTHING,
) -> Link | None:  # fmt: skip
    """The ledgers of several accounts, one under the other; of one alone its own. With the chart very many accounts are
    named by the ranges that they fill."""
    found = sorted(accounts, key=lambda one: one.code)
    if len(found) < 2:
        return ledger_of(found[0], start, end, asked, narrowed) if found else None
    codes = ",".join(one.code for one in found)
    if len(codes) > LONGEST and chart:
        codes = spans_of(chart, [one.code for one in found])
    if len(codes) > LONGEST:
        return None
    return _general_ledger(start, end, asked, {"accounts": codes, **narrowed})


def _general_ledger(
    start: datetime.date | None, end: datetime.date, asked: Asked, narrowed: Mapping[str, str]
) -> Link:  # fmt: skip
    return Link("reports:report", ("general-ledger",), days_query(start, end, asked.known_at) | dict(narrowed))


def journal_of(start: datetime.date | None, end: datetime.date, asked: Asked) -> Link:
    """The entries of these days with their lines, as known when the report is."""
    return Link("reports:report", ("journal-register",), days_query(start, end, asked.known_at))


def page_query(asked: Asked) -> dict[str, str]:
    """What is asked of a report, in the words of its page."""
    found = days_query(asked.start, asked.date, asked.known_at)
    names = ("by", "compare", "across", "basis", "accounts", "contact", "box", "layout", "method", "budget", "only",
             "value")  # fmt: skip
    return {name: text for name, text in (found | {one: getattr(asked, one) for one in names}).items() if text}
