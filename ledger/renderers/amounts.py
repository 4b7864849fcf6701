"""How a line states its amount, the same way in both formats."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Context, Decimal

from ledger.renderers.rows import ExportEntry, ExportLine

_EXACT = Context(prec=120)


def amounts(entry: ExportEntry, base: str, unit: Callable[[str], str]) -> list[str]:
    """The amounts of an entry's lines, so that each currency balances.

    A line in the base currency states its quantity, a line in another currency its quantity and its whole worth in
    the base currency. Statistical lines are worth nothing: they state that only when their unit does not balance by
    itself, because a unit without a price must.
    """
    left: dict[str, Decimal] = defaultdict(Decimal)
    for line in entry.lines:
        if line.statistical:
            left[line.currency] = _EXACT.add(left[line.currency], line.quantity)
    return [_amount(line, base, unit, bool(left[line.currency])) for line in entry.lines]


def _amount(line: ExportLine, base: str, unit: Callable[[str], str], unbalanced: bool) -> str:
    stated = f"{line.quantity:f} {unit(line.currency)}"
    if line.statistical:
        return f"{stated} @@ 0 {unit(base)}" if unbalanced else stated
    if line.currency == base:
        return stated
    if line.amount and (not line.quantity or (line.quantity < 0) != (line.amount < 0)):
        raise ValueError(f"A line of {line.quantity} {line.currency} cannot be worth {line.amount} {base}.")
    return f"{stated} @@ {abs(line.amount):f} {unit(base)}"
