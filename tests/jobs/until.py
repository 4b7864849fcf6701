"""Wait for something that another process or thread does; bounded, and told apart from a hang."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def until(look: Callable[[], Seen], seconds: float = 20) -> Seen:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + seconds
    while True:
        if seen := look():
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"Did not happen within {seconds} seconds.")
        time.sleep(0.02)
