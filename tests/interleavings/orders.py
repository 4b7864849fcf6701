"""Which orders of steps are tried: all of them where they are few, else the telling ones and a seeded sample."""

import itertools
import math
import os
import random
from collections.abc import Iterator, Sequence

Order = tuple[int, ...]

MOST = int(os.environ.get("INTERLEAVINGS") or 6)
SEED = int(os.environ.get("INTERLEAVINGS_SEED") or 1)


def orders_of(steps: Sequence[int], most: int = MOST, seed: int = SEED) -> list[Order]:
    """Orders in which acts of so many steps can meet, without the serial ones."""
    serial = {_joined(steps, order) for order in itertools.permutations(range(len(steps)))}
    if _count(steps) - len(serial) <= most:
        return [order for order in _all(steps) if order not in serial]
    found: dict[Order, None] = {}
    chance = random.Random(seed)
    nested = list(_nested(steps))
    # Interrupted right before the commit first: then all is written and nothing is seen.
    chance.shuffle(nested)
    nested.sort(key=lambda order: order.count(order[0]) - order.index(next(n for n in order if n != order[0])))
    for order in itertools.chain(_in_turn(steps), nested, _random(steps, chance)):
        if order not in serial:
            found.setdefault(order)
        if len(found) == most:
            break
    return list(found)


def _count(steps: Sequence[int]) -> int:
    return math.factorial(sum(steps)) // math.prod(math.factorial(n) for n in steps)


def _joined(steps: Sequence[int], order: Sequence[int]) -> Order:
    return tuple(number for number in order for _step in range(steps[number]))


def _all(steps: Sequence[int]) -> Iterator[Order]:
    if not any(steps):
        yield ()
    for number, left in enumerate(steps):
        if left:
            fewer = [n - (place == number) for place, n in enumerate(steps)]
            for rest in _all(fewer):
                yield (number, *rest)


def _in_turn(steps: Sequence[int]) -> Iterator[Order]:
    """Step by step, whoever begins."""
    for first in itertools.permutations(range(len(steps))):
        yield tuple(number for step in range(max(steps)) for number in first if step < steps[number])


def _nested(steps: Sequence[int]) -> Iterator[Order]:
    """One act is interrupted after so many steps, and all others run from beginning to end."""
    for outer, count in enumerate(steps):
        for others in itertools.permutations([n for n in range(len(steps)) if n != outer]):
            for before in range(1, count):
                yield (outer,) * before + _joined(steps, others) + (outer,) * (count - before)


def _random(steps: Sequence[int], chance: random.Random) -> Iterator[Order]:
    numbers = list(_joined(steps, range(len(steps))))
    while True:
        chance.shuffle(numbers)
        yield tuple(numbers)
