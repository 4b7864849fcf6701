"""How an amount is spread over time: pure, and the parts add up to the last cent."""

import calendar
import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext


def spread(
    amount: Decimal, start: datetime.date, end: datetime.date, method: str, decimals: int
) -> list[tuple[datetime.date, Decimal]]:
    """The parts by date: each the last day of its month, the last one `end`. `method` is `months` (each month the same)
    or `days` (by the days that fall into it).

    Each part is what is due by its date less what was before, so the parts add up exactly and none drifts by more than
    one unit of the last decimal. Parts of nothing are left out.
    """
    spans = list(_months(start, end))
    weights = [(last - first).days + 1 if method == "days" else 1 for first, last in spans]
    step, total = Decimal(1).scaleb(-decimals), sum(weights)
    parts, so_far, weight = [], Decimal(0), 0
    with localcontext(prec=80):
        for (_first, last), own in zip(spans, weights, strict=True):
            weight += own
            due = amount if weight == total else (amount * weight / total).quantize(step, ROUND_HALF_UP)
            if due != so_far:
                parts.append((last, due - so_far))
            so_far = due
    return parts


def _months(start: datetime.date, end: datetime.date) -> list[tuple[datetime.date, datetime.date]]:
    spans = []
    while start <= end:
        last = start.replace(day=calendar.monthrange(start.year, start.month)[1])
        spans.append((start, min(last, end)))
        if last == datetime.date.max:
            break
        start = last + datetime.timedelta(days=1)
    return spans
