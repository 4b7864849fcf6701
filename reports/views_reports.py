"""The pages of reports: the catalogue, and each report on screen or as a file."""

from itertools import islice
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.business_day import business_day, fiscal_year_start
from reports.catalogue import CATALOGUE, ReportKind
from reports.forms import ReportForm
from reports.periods import TooManyColumns
from reports.renderers.said import said_lines
from reports.renderers.shown_cells import text_of
from reports.report_files import FILES, report_response
from reports.table import Asked, Cell, Column, Kind, Report, Row
from tenants.audit_trail import note_read
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import Refused

# More than that is narrowed down, or taken as a file.
MOST_SHOWN = 500


@require_safe
@needs(Permission.VIEW_BOOKS)
def report_list(request: Any, company: str) -> HttpResponseBase:
    """Every report, and what it tells."""
    return render(request, "reports/report_list.html", {"reports": list(CATALOGUE.values())})


@require_safe
@needs(Permission.VIEW_BOOKS)
def report_page(request: Any, company: str, name: str) -> HttpResponseBase:
    """One report, on screen or as a file; the address is what is asked."""
    kind = CATALOGUE[name]
    form, asked = _asked(request, kind)
    valid, form_wanted = form.is_valid(), request.GET.get("format", "")
    problem: Refused | None = None
    try:
        report = kind.make(request.company, asked)
    except TooManyColumns as refusal:
        problem, valid = refusal, False
        report = kind.make(request.company, Asked(asked.date, asked.start, asked.known_at))
    if valid and form_wanted in FILES:
        try:
            return report_response(report, form_wanted)
        except Refused as refusal:
            if refusal.place != "format":
                raise
            problem, report = refusal, kind.make(request.company, asked)
    note_read(f"reports_{name}", None, {"date": asked.date, "from": asked.start, "known": str(asked.known_at or "")})
    rows = list(islice(report.rows, MOST_SHOWN + 1))
    report.close()
    context = {
        "kind": kind, "form": form, "report": report, "said": said_lines(report), "problem": problem,
        "rows": [_shown(request, report, row) for row in rows[:MOST_SHOWN]], "is_cut": len(rows) > MOST_SHOWN,
        "most": MOST_SHOWN, "numbers": (Kind.AMOUNT, Kind.COUNT),
        "files": FILES if request.scope.allows(Permission.EXPORT) else (),
    }  # fmt: skip
    status = problem.status if problem else 200 if valid else 422
    return render(request, "reports/report.html", context, status=status)


def _asked(request: Any, kind: ReportKind) -> tuple[ReportForm, Asked]:
    """What the address asks for; today, and the fiscal year up to then, where it says nothing."""
    data, today = request.GET.copy(), business_day(request.company)
    data["to"] = data.get("to") or today.isoformat()
    if kind.is_ranged and not data.get("from"):
        data["from"] = fiscal_year_start(request.company, today).isoformat()
    form = ReportForm(kind, data)
    valid = form.is_valid()
    said = form.cleaned_data
    start, date = said.get("from"), said.get("to") or today
    if start and start > date:
        form.add_error("from", _("The range ends before it begins."))
        start = None
    known = said.get("known") if valid else None
    return form, Asked(date, start, known, said.get("by", ""), bool(said.get("compare")))


def _shown(request: Any, report: Report, row: Row) -> dict[str, Any]:
    cells = [_cell(request, column, cell) for column, cell in zip(report.columns, row.cells, strict=True)]
    return {"standing": row.standing, "level": row.level, "cells": cells}


def _cell(request: Any, column: Column, cell: Cell) -> dict[str, Any]:
    """What the page shows of a cell, and where it leads."""
    is_number = column.kind in (Kind.AMOUNT, Kind.COUNT)
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
