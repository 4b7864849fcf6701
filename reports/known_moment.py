"""As known when: the condition on entries."""

from ledger.balances import KnownAt


def known_condition(known_at: KnownAt) -> str:
    """The condition on entry `e` and its seal `x`, with the value `known_at`."""
    if known_at is None:
        return ""
    return "AND x.block_number <= %(known_at)s" if isinstance(known_at, int) else "AND e.posted_at <= %(known_at)s"
