"""Exceptions from lock dates for a file: who asked, why, who approved, and until when."""

from collections.abc import Iterator
from typing import Any

from accounting.lock_exceptions import STATES, state_of


def exception_register(rows: Any) -> Iterator[list[Any]]:
    """The exceptions, one row each; memory stays flat."""
    yield ["Lock", "From", "For", "Reason", "Asked by", "Asked at", "Approved by", "Approved at", "Until", "Ended by",
           "Ended at", "State", "Exception"]  # fmt: skip
    for one in rows.iterator(chunk_size=1000):
        yield [
            one.get_kind_display(), one.start, one.person or "", one.reason, one.requested_by,
            one.requested_at.isoformat(), one.approved_by, one.approved_at.isoformat() if one.approved_at else "",
            one.expires_at.isoformat(), one.revoked_by, one.revoked_at.isoformat() if one.revoked_at else "",
            str(STATES[state_of(one)]), one.pk,
        ]  # fmt: skip
