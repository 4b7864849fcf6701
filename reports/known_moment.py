"""As known when: the condition on entries, and the moment of a block for what is in none, such as settlements."""

import datetime

from ledger.balances import KnownAt
from ledger.models import Block
from tenants.models import Company


def known_condition(known_at: KnownAt) -> str:
    """The condition on entry `e` and its seal `x`, with the value `known_at`."""
    if known_at is None:
        return ""
    return "AND x.block_number <= %(known_at)s" if isinstance(known_at, int) else "AND e.posted_at <= %(known_at)s"


def moment_of(company: Company, known_at: KnownAt) -> datetime.datetime | None:
    """When what is asked for was known; before all where there is no such block yet."""
    if not isinstance(known_at, int):
        return known_at
    block = Block.objects.for_company(company).filter(number=known_at).first()
    return block.sealed_at if block else datetime.datetime.min.replace(tzinfo=datetime.UTC)
