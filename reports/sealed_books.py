"""Have everything sealed that was posted up to a moment: what is made as of a block leaves out what is in none."""

import datetime
import time
from collections.abc import Callable
from typing import Any

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
# A settlement beside which an older transaction is not finished: no block can know it yet.
_WAITS = """
SELECT EXISTS (SELECT 1 FROM ledger_settlement s WHERE s.company_id = %(company)s AND s.settled_at <= %(moment)s
  AND s.epoch = coalesce((SELECT t.epoch FROM ledger_sealstate t WHERE t.company_id = %(company)s), 1)
  AND s.settled_xid >= pg_snapshot_xmin(pg_current_snapshot()))
"""
# The last block is younger than the moment, and knows every settlement that was there.
_IS_MARKED = """
SELECT b.sealed_at >= %(moment)s AND NOT EXISTS (
  SELECT 1 FROM ledger_settlement s WHERE s.company_id = b.company_id AND s.settled_at <= %(moment)s
    AND (s.epoch, s.settled_xid) >= (b.epoch, b.watermark))
FROM ledger_block b WHERE b.company_id = %(company)s ORDER BY b.number DESC LIMIT 1
"""


def seal_up_to(company: Company, moment: datetime.datetime, *, end: datetime.date) -> list[str]:
    """Seal until nothing up to a day waits that was posted by the moment; called outside any transaction. Answers
    the entries that still wait after some seconds, because a posting beside them is not finished."""
    waiting: list[str] = []

    def nothing_waits() -> bool:
        seal(company)
        waiting[:] = _waiting(company, moment, end)
        return not waiting

    _wait(nothing_waits, time.monotonic() + PATIENCE)
    return waiting


def mark_block(company: Company) -> bool:
    """Make a block, be it empty, that knows whatever was settled before; called outside any transaction. False where
    that is not to be had within some seconds, because something beside it is not finished.

    What was being written when it was sealed is finished afterwards: numbers and events are known by its moment.
    """
    deadline, moment = time.monotonic() + PATIENCE, _asked("SELECT clock_timestamp()")

    def is_marked() -> bool:
        if _of_company(company, _WAITS, moment):
            return False
        seal(company, even_empty=True)
        return _of_company(company, _IS_MARKED, moment)

    is_there = _wait(is_marked, deadline)
    begun = _asked("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    _wait(lambda: _asked("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint") >= begun, deadline)
    return is_there


def last_block(company: Company) -> int:
    """The number of the last block; 0 before the first."""
    return SealState.objects.for_company(company).values_list("block_number", flat=True).first() or 0


def _wait(is_done: Callable[[], bool], deadline: float) -> bool:
    while not is_done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE)
    return True


def _waiting(company: Company, moment: datetime.datetime, end: datetime.date) -> list[str]:
    with company_scope(company, actor=Actor.system("sealer")), connection.cursor() as cursor:
        cursor.execute(_UNSEALED, {"company": company.pk, "end": end, "moment": moment})
        return [f"{date} {memo}".strip() for date, memo, _id in cursor.fetchall()]


def _of_company(company: Company, statement: str, moment: datetime.datetime) -> bool:
    with company_scope(company, actor=Actor.system("sealer")), connection.cursor() as cursor:
        cursor.execute(statement, {"company": company.pk, "moment": moment})
        return cursor.fetchone() == (True,)


def _asked(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
