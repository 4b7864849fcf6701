"""Charts drawn by the server: where bars, lines and labels stand, in whole units of the picture. No floats."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from reports.monthly_result import Month

Scale = Callable[[Decimal], Decimal]

ZERO = Decimal(0)
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its corner and size."""

    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale with its label."""

    y: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class MonthBars:
    """A month of the chart: two bars, a point of the profit line, and the place of the label."""

    month: Month
    income: Bar
    expense: Bar
    x: Decimal
    profit_y: Decimal
    shows_label: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """Everything the template draws, for one width of picture."""

    name: str
    width: int
    height: int
    left: int
    base: Decimal
    months: list[MonthBars]
    ticks: list[Tick]

    @property
    def line(self) -> str:
        """The points of the profit line."""
        return " ".join(f"{bars.x},{bars.profit_y}" for bars in self.months)

    @property
    def label_y(self) -> int:
        return self.height - 6


def bar_chart(name: str, months: Sequence[Month], width: int, height: int) -> BarChart:
    """Income and expenses as bars, profit as a line; the scale stops at the data."""
    left, top, bottom = 46, 8, 24
    values = [value for month in months for value in (month.income, month.expense, month.profit)]
    step = _step(max(max(values, default=ZERO), ZERO) - min(min(values, default=ZERO), ZERO))
    high = max(_up(max(values, default=ZERO), step), step)
    low = -_up(-min(min(values, default=ZERO), ZERO), step)
    room = height - top - bottom

    def y(value: Decimal) -> Decimal:
        return (top + (high - value) * room / (high - low)).quantize(TENTH)

    slot = Decimal(width - left) / max(len(months), 1)
    each = max(1, -(-40 // int(slot or 1)))
    ticks = [Tick(y(low + step * n), _short(low + step * n)) for n in range(int((high - low) / step) + 1)]
    bars = [_bars(month, left + slot * n, slot, y, label=n % each == 0) for n, month in enumerate(months)]
    return BarChart(name, width, height, left, y(ZERO), bars, ticks)


def _bars(month: Month, x: Decimal, slot: Decimal, y: Scale, *, label: bool) -> MonthBars:
    width = (slot * Decimal("0.34")).quantize(TENTH)
    first = (x + slot * Decimal("0.14")).quantize(TENTH)
    middle = (x + slot / 2).quantize(TENTH)
    income, expense = _bar(first, width, month.income, y), _bar(first + width + 1, width, month.expense, y)
    return MonthBars(month, income, expense, middle, y(month.profit), label)


def _bar(x: Decimal, width: Decimal, value: Decimal, y: Scale) -> Bar:
    top, base = y(max(value, ZERO)), y(min(value, ZERO))
    return Bar(x, top, width, base - top)


def _step(reach: Decimal) -> Decimal:
    """A round distance between the lines of the scale: about five of them."""
    if not reach:
        return Decimal(1)
    rough = reach / 5
    power = Decimal(1).scaleb(rough.adjusted())
    return next((power * factor for factor in (1, 2, 5) if power * factor >= rough), power * 10)


def _up(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_CEILING) * step


def _short(value: Decimal) -> str:
    for size, suffix in ((Decimal(10**9), "bn"), (Decimal(10**6), "m"), (Decimal(10**3), "k")):
        if abs(value) >= size:
            return f"{(value / size).normalize():f}{suffix}"
    return f"{value.normalize():f}" if value else "0"
