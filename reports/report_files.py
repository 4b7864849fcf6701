"""A report as a file or a stream: the formats, what they are called, and the note in the audit trail."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from reports.renderers.as_csv import csv_of
from reports.renderers.as_json import json_of
from reports.renderers.as_pdf import pdf_of
from reports.renderers.as_xlsx import xlsx_of
from reports.table import Report
from tenants.audit_trail import note_read
from tenants.permissions import Permission
from tenants.scope import current_scope


class Format(NamedTuple):
    """A form that reports are handed out in."""

    content_type: str
    write: Callable[[Report], Iterable[str | bytes]]


def _whole(report: Report) -> Iterator[bytes]:
    yield pdf_of(report)


FORMATS = {
    "json": Format("application/json", json_of),
    "csv": Format("text/csv; charset=utf-8", csv_of),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
    "pdf": Format("application/pdf", _whole),
}
FILES = tuple(name for name in FORMATS if name != "json")


def report_response(report: Report, form: str) -> HttpResponseBase:
    """The report in this form; files to download ask for the right to export. Refused: `not_permitted`,
    `too_long_to_print`."""
    scope = current_scope()
    if form in FILES:
        scope.require(Permission.EXPORT)
    asked = report.asked
    note_read(f"reports_{report.name}", None, {"form": form, "date": asked.date, "from": asked.start,
                                              "known": str(asked.known_at or "")})  # fmt: skip
    kind = FORMATS[form]
    if form == "pdf":
        response: HttpResponseBase = HttpResponse(pdf_of(report), content_type=kind.content_type)
    else:
        response = StreamingHttpResponse(kind.write(report), content_type=kind.content_type)
    if form in FILES:
        name = f"{scope.company.slug}-{report.name}-{asked.date}.{form}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
