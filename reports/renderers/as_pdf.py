"""A report on paper: the company's head, page of pages, who printed it and when."""

import json
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from invoicing.pdf.typesetting import set_in_type
from reports.renderers.said import said_lines
from reports.renderers.shown_cells import text_of
from reports.table import NUMBERS, Kind, Report, Row, heads_over
from tenants.refusal import Refused
from tenants.scope import current_scope

HERE = Path(__file__).resolve().parent
# What no person leafs through is a file for a program.
MOST_ROWS = 20_000


class TooLongToPrint(Refused):
    """The report has more rows than are printed."""

    code = "too_long_to_print"


def pdf_of(report: Report) -> bytes:
    """The report as PDF. Refused: `too_long_to_print`, with more than 20,000 rows."""
    rows: list[dict[str, Any]] = []
    for row in report.rows:
        if len(rows) >= MOST_ROWS:
            report.close()
            message = _("It has more than %d rows: choose fewer days, or take it as CSV or XLSX.")
            raise TooLongToPrint(message % MOST_ROWS, place="format")
        rows.append(_row(report, row))
    now, who = timezone.now(), current_scope().actor.name
    data = {
        "title": str(report.title), "company": report.company.name, "language": (get_language() or "en").split("-")[0],
        "said": said_lines(report), "problems": [str(one) for one in report.problems],
        "printed": _("Printed %(at)s UTC by %(who)s") % {"at": f"{now:%Y-%m-%d %H:%M}", "who": who},
        "page": _("Page %(page)s of %(pages)s"), "rows": rows,
        "columns": [{"label": str(one.label), "number": one.kind in NUMBERS,
                     "wide": one.kind is Kind.TEXT} for one in report.columns],
        "heads": [{"text": one.text, "span": one.span} for one in heads_over(report.columns)],
    }  # fmt: skip
    files = {"main.typ": (HERE / "report.typ").read_bytes(), "report.json": json.dumps(data).encode()}
    made: bytes = set_in_type(files, now.date(), format="pdf")
    return made


def _row(report: Report, row: Row) -> dict[str, Any]:
    cells = [text_of(column, cell) for column, cell in zip(report.columns, row.cells, strict=True)]
    return {"standing": row.standing.value, "level": row.level, "cells": cells}
