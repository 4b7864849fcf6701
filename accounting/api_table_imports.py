"""The API of tables: hand in contacts, items, budgets, documents or payments, and undo what an import made."""

import hashlib
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response

from accounting.api_files import FileNegotiation, form_of
from accounting.api_query import IsoDate
from accounting.api_serializers import checked
from accounting.business_day import business_day
from accounting.table_import import IMPORT, ask_to_import
from accounting.table_import_undo import ask_to_undo
from accounting.table_kinds import POST, UPDATE, TableKind, table_kind
from accounting.table_template import csv_template
from jobs.api_serializers import JobOut
from jobs.models import Job
from tenants.api_fields import StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.description_of_views import described
from tenants.etag import etag_of
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission


class TableImportIn(StrictSerializer):
    """A table, CSV or XLSX."""

    file = serializers.FileField(allow_empty_file=True)
    dry_run = serializers.BooleanField(required=False, default=False)
    columns = TextField(
        required=False, allow_blank=True, max_length=5000, default="",
        help_text="What other headings stand for, one a line: `Konto = account`.",
    )  # fmt: skip


class MasterDataImportIn(TableImportIn):
    """A table of contacts, items or budgets."""

    def get_fields(self) -> Any:
        """With `update`, which as an attribute would hide a method of serializers."""
        return {**super().get_fields(), UPDATE: _option("Change those whose code is there, rather than refuse them.")}


class PaperImportIn(TableImportIn):
    """A table of documents or payments."""

    def get_fields(self) -> Any:
        """With `post`."""
        return {**super().get_fields(), POST: _option("Post them, rather than leave drafts.")}


def _option(help_text: str) -> serializers.BooleanField:
    return serializers.BooleanField(required=False, default=False, help_text=help_text)


class TableUndoIn(StrictSerializer):
    """When and why an import is undone."""

    date = IsoDate(required=False, help_text="Of credit notes and reversals; today, where left out.")
    reason = TextField(max_length=2000)


class TableImportAPIView(CompanyAPIView):
    """A view about the imports of one kind; what may be made by hand may be imported."""

    serializer_class = JobOut
    queryset = Job.objects.none()
    # The act asks for what its kind needs.
    write_permission: Permission | None = Permission.VIEW_BOOKS
    table = ""

    @property
    def kind(self) -> TableKind:
        """The kind of table of this address."""
        return table_kind(self.table)

    def accepted(self, job: Job) -> Response:
        """The job that was asked for, and where to look how far it is."""
        headers = {"ETag": etag_of(job), "Location": f"/api/v1/companies/{self.company.slug}/jobs/{job.pk}/"}
        # What the database wrote by itself, such as the time, is read back.
        fresh = Job.objects.for_company(self.company).get(pk=job.pk)
        return Response(self.get_serializer(fresh).data, status=status.HTTP_202_ACCEPTED, headers=headers)


class TableImportView(TableImportAPIView):
    """Import a table."""

    parser_classes = [MultiPartParser]
    shape: type[TableImportIn] = TableImportIn

    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """The whole file or, with a problem anywhere, nothing. The result of the job counts what became of the rows and
        names every problem; a dry run says what would be. A file that was imported already makes nothing again."""
        values = checked(self.shape, form_of(request))
        upload, given = values.pop("file"), idempotency_key(request)
        key = f"import-table:api:{hashlib.sha256(given.encode()).hexdigest()}" if given else ""
        job = ask_to_import(
            self.kind, upload.read(), name=upload.name, dry_run=values.pop("dry_run"), columns=values.pop("columns"),
            options=values, key=key,
        )  # fmt: skip
        return self.accepted(job)


class TableUndoView(TableImportAPIView):
    """Undo an import."""

    parser_classes = [JSONParser]

    @extend_schema(request=TableUndoIn, responses={202: JobOut})
    @idempotent
    def post(self, request: Any, company: str, pk: Any) -> Response:
        """All that the import made is thrown away or taken back, or nothing is."""
        rows = Job.objects.for_company(self.company).filter(kind=IMPORT, parameters__table=self.table)
        values = checked(TableUndoIn, request.data)
        date = values.get("date") or business_day(self.company)
        return self.accepted(ask_to_undo(self.row(rows, pk=pk), date=date, reason=values["reason"]))


class TableTemplateView(TableImportAPIView):
    """A table to be filled in."""

    write_permission = None
    content_negotiation_class = FileNegotiation

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Any, company: str) -> Any:
        """Its headings, and a row as an example."""
        from django.http import HttpResponse

        return HttpResponse(csv_template(self.kind), content_type="text/csv; charset=utf-8")


def views_of(name: str) -> tuple[Any, Any, Any]:
    """The views that start and undo an import of this kind and hand out its template, each described by its name."""
    shape = PaperImportIn if table_kind(name).option == POST else MasterDataImportIn
    start = described(
        TableImportView, f"{name.title()}ImportView", post=(f"{name}_import", f"Import {name} from a table")
    )
    start.post = extend_schema(request={"multipart/form-data": shape}, responses={202: JobOut})(start.post)
    undo = described(
        TableUndoView, f"{name.title()}ImportUndoView", post=(f"{name}_import_undo", f"Undo an import of {name}")
    )
    template = described(
        TableTemplateView, f"{name.title()}ImportTemplateView",
        get=(f"{name}_import_template", f"Download an empty table of {name}"),
    )  # fmt: skip
    for view in (start, undo, template):
        view.table = name
    start.shape = shape
    return start, undo, template
