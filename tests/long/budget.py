"""The time that the long runs may take: LONG_SECONDS for all of them, each its share, and a say on what was left out."""

import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Generic, TypeVar

SECONDS = float(os.environ.get("LONG_SECONDS", "0"))
SEED = int(os.environ.get("LONG_SEED") or time.time())
# Long run -> its part of the whole, beside the parts of the others.
SHARES = {
    "sabotage": 3, "crashes": 3, "model": 2, "pages": 2,
    "invoicing crashes": 2, "invoicing crowd": 1, "invoicing model": 1,
}  # fmt: skip
reports: list[str] = []

Item = TypeVar("Item")


class Budget(Generic[Item]):
    """A share of the time, from now on, and what it is for, in the order of the seed; several threads may take."""

    def __init__(self, name: str, items: list[Item]) -> None:
        self.name = name
        self.items = items
        self.waiting = random.Random(SEED).sample(items, len(items))
        self.seconds = SECONDS * SHARES[name] / sum(SHARES.values())
        self.end = time.monotonic() + self.seconds
        self.lock = threading.Lock()

    def left(self) -> float:
        """Seconds until the time is used up."""
        return max(0.0, self.end - time.monotonic())

    def take(self) -> Iterator[Item]:
        """Items, as long as there are any and there is time."""
        while self.left():
            with self.lock:
                if not self.waiting:
                    return
                item = self.waiting.pop()
            yield item

    def close(self) -> None:
        """No more: somebody gave up, or all is done."""
        self.end = 0.0

    def report(self, tried: int) -> None:
        """Tell at the end of the run how far it came."""
        reports.append(
            f"{self.name}: {tried} of {len(self.items)} tried in at most {self.seconds:.0f} s, "
            f"{len(self.items) - tried} left out, LONG_SEED={SEED}"
        )
