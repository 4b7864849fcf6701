"""The API of journal files: hand one in, or have one written; both are background jobs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounting.api_files import form_of
from accounting.api_serializers import checked
from jobs.api_serializers import JobOut
from jobs.enqueue import enqueue
from jobs.files import NewFile
from jobs.models import Job
from ledger.api_file_serializers import ExportIn, ImportIn, UndoIn
from ledger.api_keys import kept_apart
from ledger.import_undo import ask_to_undo
from ledger.journal_import import column_names, format_of
from tenants.api_view import CompanyAPIView
from tenants.etag import etag_of
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission

IMPORT = "ledger.import_journal"
EXPORT = "ledger.export_journal"
FILE = "journal"


class JournalFileAPIView(CompanyAPIView):
    """A view that asks for a job about a journal file."""

    serializer_class = JobOut
    queryset = Job.objects.none()

    def accepted(self, request: Any, job: Job) -> Response:
        """The job that was asked for, and where to look how far it is."""
        base = f"/api/v1/companies/{self.company.slug}"
        headers = {"ETag": etag_of(job), "Location": f"{base}/jobs/{job.pk}/"}
        # What the database wrote by itself, such as the time, is read back.
        fresh = Job.objects.for_company(self.company).get(pk=job.pk)
        return Response(self.get_serializer(fresh).data, status=status.HTTP_202_ACCEPTED, headers=headers)


class ImportListView(JournalFileAPIView):
    """Import a journal."""

    permission = write_permission = Permission.IMPORT_JOURNALS
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="imports_start", summary="Import a journal of another program",
        request={"multipart/form-data": ImportIn}, responses={202: JobOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """The whole file or, with a problem anywhere, nothing; a dry run reports what would be stored."""
        values = checked(ImportIn, form_of(request))
        upload = values["file"]
        parameters = {
            "format": values.get("format") or format_of(upload.name), "dry_run": values["dry_run"],
            "name": upload.name[:200], "columns": values.get("columns", ""),
        }  # fmt: skip
        column_names(parameters["columns"])
        given = idempotency_key(request)
        file = NewFile(FILE, upload.read(), "text/plain")
        job = enqueue(IMPORT, parameters, key=kept_apart(given) if given else "", files=[file])
        return self.accepted(request, job)


class ImportUndoView(JournalFileAPIView):
    """Undo an import."""

    permission = Permission.IMPORT_JOURNALS
    write_permission = Permission.REVERSE_ENTRIES

    @extend_schema(
        operation_id="imports_undo", summary="Undo an import by reversal", request=UndoIn, responses={202: JobOut}
    )
    @idempotent
    def post(self, request: Any, company: str, pk: Any) -> Response:
        """Every entry that the import posted is reversed on its own date, or none is."""
        imported = self.row(Job.objects.for_company(self.company), pk=pk)
        return self.accepted(request, ask_to_undo(imported, **checked(UndoIn, request.data)))


class ExportListView(JournalFileAPIView):
    """Export the journal."""

    permission = write_permission = Permission.EXPORT

    @extend_schema(
        operation_id="exports_start", summary="Export the whole journal", request=ExportIn, responses={202: JobOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """The whole ledger as a plain-text journal; the finished job has the file."""
        given = idempotency_key(request)
        parameters = checked(ExportIn, request.data)
        return self.accepted(request, enqueue(EXPORT, parameters, key=kept_apart(given) if given else ""))
