"""How long an act takes: the median of some turns, in seconds."""

import statistics
import time
from collections.abc import Callable
from typing import Any


def median(act: Callable[[], Any], times: int = 15) -> float:
    """The median of so many turns."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)
