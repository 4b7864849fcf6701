"""The form of an entry on a page: its head, the grid of its lines, and where in them a refusal belongs."""

from typing import Any

from django.utils.translation import gettext as _

from accounting.chart import Chart
from accounting.periods import locked_until
from ledger.account_choices import account_choices
from ledger.typed_entry import TypedRow, padded, place_in_grid
from tenants.forms import RefusableForm
from tenants.models import Company
from tenants.refusal import Refused

# What the calendar refuses is about the date.
ABOUT_THE_DATE = {"period_closed", "period_soft_closed", "books_locked", "no_period"}
# More lines than a browser sends in one form: such drafts come by the API and are changed there.
MOST_LINES = 1000


def grid_context(company: Company, chart: Chart, rows: list[TypedRow]) -> dict[str, Any]:
    """What the grid shows: the rows with room to type on, and what its boxes offer."""
    base = chart.units[company.base_currency]
    dimensions = sorted(chart.dimensions)
    shown = padded(rows)
    for row in shown:
        row.dimensions = {name: row.dimensions.get(name, "") for name in dimensions}
    return {
        "rows": shown, "blank": TypedRow(dimensions=dict.fromkeys(dimensions, "")), "base": base,
        "accounts": account_choices(chart, to_post=True), "units": [code for code in chart.units if code != base.code],
        "dimensions": [(name, sorted(chart.dimensions[name])) for name in dimensions],
        "wide": any(row.is_wide for row in rows), "locked": locked_until(company),
    }  # fmt: skip


def show_refusal(refusal: Refused, head: RefusableForm, rows: list[TypedRow], *, as_draft: bool = False) -> None:
    """Put the refusal at its cell or field; everything typed stays."""
    if refusal.code in ABOUT_THE_DATE and "date" in head.fields:
        head.add_error("date", refusal.message)
    elif place := place_in_grid(refusal, rows, as_draft=as_draft):
        row, column = place
        rows[row].errors[column] = refusal.message
        head.add_error(None, _("Line %(number)s: %(message)s") % {"number": row + 1, "message": refusal.message})
    else:
        head.show(refusal)


def with_line(refusal: Refused) -> str:
    """The refusal of stored lines as a sentence: which line it is about, and what is wrong."""
    match = refusal.place.removeprefix("lines[").split("]")[0] if refusal.place.startswith("lines[") else ""
    if not match.isdecimal():
        return refusal.message
    return _("Line %(number)s: %(message)s") % {"number": int(match) + 1, "message": refusal.message}
