"""Have everything sealed that was posted up to a moment: what is made as of a block leaves out what is in none."""

import datetime
import time
from collections.abc import Callable

from django.db import connection

from ledger.models import SealState
from ledger.sealing import seal
from tenants.models import Company
from tenants.scope import Actor, company_scope

# How long the sealer is waited for, in seconds, and how often it is asked.
PATIENCE, PAUSE = 10.0, 0.2
# What is posted while one waits is no part of it; whatever was there before has to be.
_UNSEALED = """
SELECT DISTINCT e.date, e.memo, e.id FROM ledger_tail(%(company)s) t
JOIN ledger_entry e ON e.company_id = %(company)s AND e.id = t.entry_id
WHERE e.date <= %(end)s AND e.posted_at <= %(moment)s ORDER BY e.date, e.id
"""


def seal_up_to(company: Company, moment: datetime.datetime, *, end: datetime.date) -> list[str]:
    """Seal until nothing up to a day waits that was posted by the moment; called outside any transaction. Answers
    the entries that still wait after some seconds, because a posting beside them is not finished.

    There is a new block afterwards, be it empty, and what was being written when it was sealed is finished: numbers
    and events are known at a block by its moment.
    """
    before, deadline = _blocks(company), time.monotonic() + PATIENCE
    waiting: list[str] = []

    def nothing_waits() -> bool:
        seal(company)
        waiting[:] = _waiting(company, moment, end)
        return not waiting

    def is_marked() -> bool:
        if _blocks(company) == before:
            seal(company, even_empty=True)
        return _blocks(company) > before

    _wait(nothing_waits, deadline)
    _wait(is_marked, deadline)
    begun = _transactions("max")
    _wait(lambda: _transactions("min") >= begun, deadline)
    return waiting


def last_block(company: Company) -> int:
    """The number of the last block; 0 before the first."""
    return SealState.objects.for_company(company).values_list("block_number", flat=True).first() or 0


def _wait(is_done: Callable[[], bool], deadline: float) -> None:
    while not is_done() and time.monotonic() < deadline:
        time.sleep(PAUSE)


def _blocks(company: Company) -> int:
    with company_scope(company, actor=Actor.system("sealer")):
        return last_block(company)


def _waiting(company: Company, moment: datetime.datetime, end: datetime.date) -> list[str]:
    with company_scope(company, actor=Actor.system("sealer")), connection.cursor() as cursor:
        cursor.execute(_UNSEALED, {"company": company.pk, "end": end, "moment": moment})
        return [f"{date} {memo}".strip() for date, memo, _id in cursor.fetchall()]


def _transactions(bound: str) -> int:
    """The oldest transaction that is not finished (min), or the next to begin (max)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_snapshot_x{bound}(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])
