"""The layouts that statements may be shown in: those that come with Daybook, and those that the company has saved."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from reports.models import StatementLayout
from reports.statement_layout import Layout, layout_from
from reports.table import Asked
from tenants.models import Company
from tenants.refusal import Refused

HERE = Path(__file__).resolve().parent / "shipped_layouts"
DEFAULT = "ifrs"
SHIPPED = ("ifrs", "us-gaap", "hgb", "pcg")
# Between the name of a saved layout and its version: “Board@3”.
AT = "@"


class UnknownLayout(Refused):
    """There is no layout of this name for the statement."""

    code = "unknown_layout"


def layout_of(company: Company, statement: str, name: str = "") -> Layout:
    """The layout of a statement: a shipped one, or one of the company's by its name (“Board”, or “Board@3” for one
    version), or the usual one where none is named. Refused: `unknown_layout`."""
    if name in SHIPPED:
        return shipped_layout(name, statement)
    saved = saved_layout(company, statement, name)
    if saved is None and name:
        raise UnknownLayout(_("There is no layout “%s”.") % name, place="layout")
    return layout_from(saved.data) if saved else shipped_layout(DEFAULT, statement)


def saved_layout(company: Company, statement: str, name: str = "") -> StatementLayout | None:
    """The newest version of a saved layout that is in use, or the one named; the usual one where no name is given."""
    rows = StatementLayout.objects.for_company(company).filter(statement=statement)
    plain, _at, number = name.rpartition(AT)
    if plain and number.isdecimal() and len(number) < 9:
        return rows.filter(name=plain, number=int(number)).first()
    rows = rows.filter(is_retired=False).order_by("-number")
    return (rows.filter(name=name) if name else rows.filter(is_usual=True)).first()


def named_exactly(company: Company, report: str, asked: Asked) -> str:
    """The name by which the layout of a report is the same for ever: a saved one in its version."""
    if asked.layout in SHIPPED:
        return asked.layout
    saved = saved_layout(company, statement_of(report, asked.method), asked.layout)
    return f"{saved.name}{AT}{saved.number}" if saved else asked.layout or DEFAULT


def statement_of(report: str, method: str) -> str:
    """What the layouts of a report are called: the two methods of the cash flow have their own, a budget is laid out as
    the profit and loss."""
    if report == "budget-variance":
        return "profit-and-loss"
    return f"{report}-{method or 'indirect'}" if report == "cash-flow" else report


@functools.cache
def shipped_layout(name: str, statement: str) -> Layout:
    """A layout that comes with Daybook; what a national one does not lay out itself is as in the usual one."""
    return layout_from(shipped_rows(name, statement))


def shipped_rows(name: str, statement: str) -> Mapping[str, Any]:
    """The plain data of one shipped layout."""
    rows: Mapping[str, Any] = shipped_data(name).get(statement) or shipped_data(DEFAULT)[statement]
    return rows


@functools.cache
def shipped_data(name: str) -> Mapping[str, Any]:
    """The plain data of a set of layouts, with its title."""
    found: Mapping[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def layout_choices(company: Company, report: str) -> list[tuple[str, str]]:
    """The layouts of a report to choose from: the usual one, those of the company, those that come with Daybook."""
    rows = StatementLayout.objects.for_company(company).filter(is_retired=False, statement__startswith=report)
    saved = sorted(set(rows.values_list("name", flat=True)))
    shipped = [(name, str(shipped_data(name)["title"])) for name in SHIPPED if _lays_out(name, report)]
    return [("", _("usual")), *((name, name) for name in saved), *shipped]


def _lays_out(name: str, report: str) -> bool:
    return name == DEFAULT or any(key.startswith(report) for key in shipped_data(name))
