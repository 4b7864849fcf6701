"""What a rule of EN 16931 finds."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Finding(NamedTuple):
    """The rule that is broken, where, and what it wants."""

    rule: str
    place: str
    message: str


Checks = Iterable[tuple[str, str, Any, str]]


def broken(checks: Checks) -> Iterator[Finding]:
    """Those of the checks (rule, place, whether it holds, what it wants) that do not hold."""
    for rule, place, holds, message in checks:
        if not holds:
            yield Finding(rule, place, message)
