"""Have everything sealed that was posted up to a moment: what is made as of a block leaves out what is in none."""

import datetime
import time

from django.db import connection

from ledger.sealing import seal
from tenants.models import Company
from tenants.scope import Actor, company_scope

# How long the sealer is waited for, in seconds, and how often it is asked.
PATIENCE, PAUSE = 10.0, 0.5
# What is posted while one waits is no part of it; whatever was there before has to be.
_UNSEALED = """
SELECT DISTINCT e.date, e.memo, e.id FROM ledger_tail(%(company)s) t
JOIN ledger_entry e ON e.company_id = %(company)s AND e.id = t.entry_id
WHERE e.date <= %(end)s AND e.posted_at <= %(moment)s ORDER BY e.date, e.id
"""


def seal_up_to(company: Company, moment: datetime.datetime, *, end: datetime.date) -> list[str]:
    """Seal until nothing up to a day waits that was posted by the moment; called outside any transaction. Answers
    the entries that still wait after some seconds, because a posting beside them is not finished."""
    patience = time.monotonic() + PATIENCE
    while True:
        seal(company)
        with company_scope(company, actor=Actor.system("sealer")), connection.cursor() as cursor:
            cursor.execute(_UNSEALED, {"company": company.pk, "end": end, "moment": moment})
            waiting = [f"{date} {memo}".strip() for date, memo, _id in cursor.fetchall()]
        if not waiting or time.monotonic() >= patience:
            return waiting
        time.sleep(PAUSE)
