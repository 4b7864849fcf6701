"""A reversal settles what it reverses: open items of the original and their mirrors cancel each other."""

import datetime
import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import DatabaseError, transaction

from ledger.allocation import Wanted, settle
from ledger.allocation_plan import Row
from ledger.models import Line
from ledger.open_items import hold_items, open_items
from ledger.refusals import OverAllocated, refusal_of
from tenants.fields import new_id
from tenants.models import Company


class Mirror(NamedTuple):
    """The line of a reversal, and where it stands."""

    line: UUID
    entry: UUID
    date: datetime.date
    account: UUID
    sub_account: UUID | None


def settle_reversals(company: Company, reversals: Sequence[UUID], reason: str) -> None:
    """Settle the open items of just-posted reversals against those of their originals, as far as these are open."""
    pairs = _pairs(company, reversals)
    if not pairs:
        return
    hold_items(company, [(one.account, one.sub_account) for one in pairs.values()])
    by_date: dict[datetime.date, list[Row]] = {}
    for item in open_items(company, datetime.date.max, lines=list(pairs)):
        mirror = pairs[item.line_id]
        is_debit = (item.amount or item.base_amount) > 0
        debit, credit = (item.line_id, mirror.line) if is_debit else (mirror.line, item.line_id)
        left = abs(item.residual)
        by_date.setdefault(mirror.date, []).append((debit, credit, left, left, abs(item.base_residual)))
    for date, rows in sorted(by_date.items()):
        _settle(company, f"reversal:{reversals[0]}:{date}", date, rows, reason)


def _settle(
    company: Company, key: str, date: datetime.date, rows: Sequence[Row], reason: str
) -> None:  # fmt: skip
    try:
        with transaction.atomic():
            body = hashlib.sha256(key.encode()).digest()
            settle(company, new_id(), Wanted(key, body, date, reason, "reversal"), rows)
    except DatabaseError as error:
        # What was settled in between and taken back later stays open, for somebody to look at: the reversal counts.
        if not isinstance(refusal_of(error), OverAllocated):
            raise


def _pairs(company: Company, reversals: Sequence[UUID]) -> dict[UUID, Mirror]:
    """Lines of the originals -> their mirrors, on open-item accounts."""
    mirrors = Line.objects.for_company(company).filter(entry_id__in=reversals, account__open_item=True)
    rows = mirrors.values_list(
        "entry__reverses_id", "number", "id", "entry_id", "date", "account_id", "sub_account_id"
    )  # fmt: skip
    found = {(row[0], row[1]): Mirror(*row[2:]) for row in rows}
    if not found:
        return {}
    originals = Line.objects.for_company(company).filter(entry_id__in={pk for pk, _n in found}, account__open_item=True)
    return {pk: found[entry, number] for pk, entry, number in originals.values_list("id", "entry_id", "number")}
