"""A table as a CSV file to download; every export is noted in the audit trail."""

from collections.abc import Iterable
from typing import Any

from django.http import StreamingHttpResponse

from tenants.audit_trail import note_read
from tenants.csv_cells import csv_line
from tenants.permissions import Permission
from tenants.scope import current_scope


def csv_download(name: str, rows: Iterable[Iterable[Any]], *, subject: str) -> StreamingHttpResponse:
    """The rows as `<company>-<name>.csv`; refused (`not_permitted`) to who may not export."""
    scope = current_scope()
    scope.require(Permission.EXPORT)
    note_read(subject, None, {"export": "csv", "name": name})
    response = StreamingHttpResponse((csv_line(row) for row in rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{scope.company.slug}-{name}.csv"'
    return response
