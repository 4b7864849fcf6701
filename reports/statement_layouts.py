"""The layouts that statements may be shown in: those that come with Daybook, and those that the company has saved."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from reports.statement_layout import Layout, layout_from
from tenants.models import Company
from tenants.refusal import Refused

HERE = Path(__file__).resolve().parent / "shipped_layouts"
DEFAULT = "ifrs"
SHIPPED = ("ifrs", "us-gaap", "hgb", "pcg")


class UnknownLayout(Refused):
    """There is no layout of this name for the statement."""

    code = "unknown_layout"


def layout_of(company: Company, statement: str, name: str = "") -> Layout:
    """The layout of a statement: a shipped one or one of the company's by its name, or the usual one of the company
    where none is named. Refused: `unknown_layout`."""
    name = name or DEFAULT
    if name not in SHIPPED:
        raise UnknownLayout(_("There is no layout “%s”.") % name, place="layout")
    return shipped_layout(name, statement)


@functools.cache
def shipped_layout(name: str, statement: str) -> Layout:
    """A layout that comes with Daybook; what a national one does not lay out itself is as in the usual one."""
    found = shipped_data(name)
    return layout_from(found.get(statement) or shipped_data(DEFAULT)[statement])


@functools.cache
def shipped_data(name: str) -> Mapping[str, Any]:
    """The plain data of a set of layouts, with its title."""
    found: Mapping[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def layout_choices(company: Company, statement: str) -> list[tuple[str, str]]:
    """The layouts to choose from, the usual one first."""
    own = [(name, str(shipped_data(name)["title"])) for name in SHIPPED if _lays_out(name, statement)]
    return [("", _("usual")), *own]


def _lays_out(name: str, statement: str) -> bool:
    return name == DEFAULT or any(key.startswith(statement) for key in shipped_data(name))
