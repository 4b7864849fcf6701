"""What was settled when it was asked for: as known at a moment, or at a sealed block, whose answer never changes."""

import datetime
from typing import Any

from ledger.balances import KnownAt
from ledger.models import Block
from tenants.models import Company

_BY_MOMENT = "{settlement}.settled_at {within} %(known_at)s"
# By the number of its transaction: all below the watermark of a block were finished when it was sealed. The clock does
# not tell: a settlement may have been written before, and finished after.
_BY_BLOCK = "({settlement}.epoch, {settlement}.settled_xid) {within} (%(epoch)s, %(watermark)s::xid8)"


def was_settled(settlement: str, known_at: KnownAt) -> str:
    """The condition that a settlement was known, with the values of `known_values`."""
    if isinstance(known_at, int):
        return _BY_BLOCK.format(settlement=settlement, within="<")
    return _BY_MOMENT.format(settlement=settlement, within="<=")


def was_not_settled(settlement: str, known_at: KnownAt) -> str:
    """The condition that a settlement was not known yet."""
    if isinstance(known_at, int):
        return _BY_BLOCK.format(settlement=settlement, within=">=")
    return _BY_MOMENT.format(settlement=settlement, within=">")


def known_values(company: Company, known_at: KnownAt) -> dict[str, Any]:
    """The moment or block for a statement. At a block that is not there yet, nothing is known."""
    if not isinstance(known_at, int):
        return {"known_at": known_at}
    found = Block.objects.for_company(company).filter(number=known_at).values_list("epoch", "watermark").first()
    epoch, watermark = found or (0, 0)
    return {"block": known_at, "epoch": epoch, "watermark": str(watermark)}


def moment_of(company: Company, known_at: KnownAt) -> datetime.datetime | None:
    """When what is asked for was known: a block when it was sealed, and one that is not there yet before all."""
    if not isinstance(known_at, int):
        return known_at
    block = Block.objects.for_company(company).filter(number=known_at).first()
    return block.sealed_at if block else datetime.datetime.min.replace(tzinfo=datetime.UTC)
