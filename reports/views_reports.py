"""The pages of reports: the catalogue, and each report on screen or as a file."""

import datetime
import json
from itertools import islice
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.api_query import FIRST_YEAR
from accounting.business_day import business_day, fiscal_year_start
from reports.asked_texts import texts_of
from reports.catalogue import CATALOGUE, GROUPS, ReportKind
from reports.forms import ReportForm
from reports.forms_runs import MakeForm
from reports.periods import month_start
from reports.renderers.said import said_lines
from reports.renderers.shown_cells import text_of
from reports.report_files import FILES, report_response
from reports.table import NUMBERS, Asked, Cell, Column, Report, Row, heads_over
from tenants.audit_trail import note_read
from tenants.fields import new_id
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import Refused

# So many rows stand on a page; those before are read and left out.
PAGE = 500


@require_safe
@needs(Permission.VIEW_BOOKS)
def report_list(request: Any, company: str) -> HttpResponseBase:
    """Every report, and what it tells."""
    return render(request, "reports/report_list.html", {"groups": GROUPS})


@require_safe
@needs(Permission.VIEW_BOOKS)
def report_page(request: Any, company: str, name: str) -> HttpResponseBase:
    """One report, on screen or as a file; the address is what is asked."""
    kind, today = CATALOGUE[name], business_day(request.company)
    form = ReportForm(request.company, kind, _with_defaults(request, kind, today))
    valid, form_wanted = form.is_valid(), request.GET.get("format", "")
    asked = form.asked(today)
    problem: Refused | None = None
    # What is asked wrongly is not answered with something else.
    try:
        report = kind.make(request.company, asked)
        if valid and form_wanted in FILES:
            return report_response(report, form_wanted)
    except Refused as refusal:
        if refusal.place not in {*kind.heeds, "format"}:
            raise
        if refusal.place in form.fields:
            form.add_error(refusal.place, refusal.message)
        problem = refusal
        report = kind.make(request.company, asked if refusal.place == "format" else Asked(asked.date, asked.start))
    note_read(f"reports_{name}", None, {"date": asked.date, "from": asked.start, "known": str(asked.known_at or "")})
    number = _page_number(request)
    answered = valid and (problem is None or problem.place == "format")
    rows = list(islice(report.rows, (number - 1) * PAGE, number * PAGE + 1)) if answered else []
    report.close()
    context = {
        "kind": kind, "form": form, "report": report, "said": said_lines(report), "answered": answered,
        "problem": problem if problem and problem.place not in form.fields else None,
        "rows": [_shown(request, report, row) for row in rows[:PAGE]], "page": number, "before": number - 1,
        "after": number + 1 if len(rows) > PAGE else None, "numbers": NUMBERS, "heads": heads_over(report.columns),
        "files": FILES if request.scope.allows(Permission.EXPORT) else (),
        "keep": _keep(request, report, asked) if answered else None,
    }  # fmt: skip
    status = problem.status if problem else 200 if valid else 422
    return render(request, "reports/report.html", context, status=status)


def _keep(request: Any, report: Report, asked: Asked) -> PageAct | None:
    """The dialog that makes what is on screen in the background, to be kept and signed off."""
    if not request.scope.allows(Permission.EXPORT):
        return None
    initial = {"title": f"{report.title} {said_lines(report)[0]}"[:200], "saved_as": ["pdf", "xlsx"],
               "asked": json.dumps(texts_of(asked)), "key": str(new_id())}  # fmt: skip
    url = reverse("reports:run-make", args=[request.company.slug, report.name])
    hint = _("It is made as known at the last block, kept with its files, and can be checked and signed off by others.")
    return PageAct(id="keep", url=url, form=MakeForm(initial=initial, auto_id="keep_%s"), title=_("Keep this report"),
                   button=_("Make and keep"), label=_("Keep"), page="", hint=hint)  # fmt: skip


def _with_defaults(request: Any, kind: ReportKind, today: datetime.date) -> Any:
    """Up to today, from where the report begins by itself, where the address does not say otherwise."""
    data = request.GET.copy()
    data["to"] = data.get("to") or today.isoformat()
    if "start" in kind.heeds and kind.begins and not data.get("from"):
        try:
            end = datetime.date.fromisoformat(data["to"])
        except ValueError:
            end = today
        if not FIRST_YEAR <= end.year < datetime.MAXYEAR:
            end = today
        start = month_start(end) if kind.begins == "month" else fiscal_year_start(request.company, end)
        data["from"] = start.isoformat()
    if kind.compare and not data.get("compare"):
        data["compare"] = kind.compare
    return data


def _page_number(request: Any) -> int:
    text = request.GET.get("page", "")
    return max(int(text), 1) if text.isdecimal() and len(text) < 7 else 1


def _shown(request: Any, report: Report, row: Row) -> dict[str, Any]:
    cells = [_cell(request, column, cell) for column, cell in zip(report.columns, row.cells, strict=True)]
    return {"standing": row.standing, "level": row.level, "anchor": row.anchor, "cells": cells}


def _cell(request: Any, column: Column, cell: Cell) -> dict[str, Any]:
    """What the page shows of a cell, and where it leads."""
    is_number = column.kind in NUMBERS
    return {
        "column": column, "value": cell.value, "text": "" if is_number else text_of(column, cell),
        "is_number": is_number, "url": _address(request, cell) if cell.link and cell.value not in (None, "") else "",
    }  # fmt: skip


def _address(request: Any, cell: Cell) -> str:
    link = cell.link
    if link is None:
        return ""
    query = dict(link.query)
    return reverse(link.page, args=[request.company.slug, *link.args], query=query or None)
