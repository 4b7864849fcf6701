"""The API of attachments: files of drafts and entries."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounting.api_files import FileNegotiation, form_of
from accounting.api_serializers import checked
from ledger.attachments import attach, attachments_of, content_of, content_of_upload, remove_attachment
from ledger.models import Attachment, Draft, Entry
from tenants.api_fields import SparseFields, StrictSerializer
from tenants.api_view import CompanyAPIView
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class AttachmentOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    draft = serializers.UUIDField(source="draft_id", allow_null=True)
    entry = serializers.UUIDField(source="entry_id", allow_null=True)
    sha256 = serializers.CharField(source="sha256_hex", help_text="Hexadecimal.")

    class Meta:
        model = Attachment
        fields = read_only_fields = [
            "id", "draft", "entry", "source", "source_id", "name", "content_type", "size", "sha256",
            "added_by", "added_at",
        ]  # fmt: skip


class AttachmentIn(StrictSerializer):
    """A file: PDF, image, office document, XML, text, mail or ZIP, up to 25 MB."""

    file = serializers.FileField(allow_empty_file=True)


class AttachmentAPIView(CompanyAPIView):
    """A view about attachments."""

    serializer_class = AttachmentOut
    queryset = Attachment.objects.none()
    parser_classes = [MultiPartParser]
    ordering = ("added_at", "id")

    def attached(self, request: Any, keep: Callable[[str, bytes], Attachment]) -> Response:
        """Keep the file that was handed in."""
        upload = checked(AttachmentIn, form_of(request))["file"]
        made = keep(upload.name, content_of_upload(upload))
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)


class DraftAttachmentView(AttachmentAPIView):
    """The files of a draft."""

    write_permission = Permission.DRAFT_ENTRIES

    @extend_schema(
        operation_id="draft_attachments_list", summary="List the files of a draft", responses=AttachmentOut(many=True)
    )
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The first one first."""
        self.row(Draft.objects.for_company(self.company), pk=pk)
        return self.page(attachments_of(draft_id=pk))

    @extend_schema(
        operation_id="draft_attachments_add", summary="Attach a file to a draft",
        request={"multipart/form-data": AttachmentIn}, responses={201: AttachmentOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """From its posting on it belongs to the entry too, and stays."""
        return self.attached(request, lambda name, content: attach(name, content, draft_id=pk))


class EntryAttachmentView(AttachmentAPIView):
    """The files of an entry."""

    write_permission = Permission.POST_ENTRIES

    @extend_schema(
        operation_id="entry_attachments_list", summary="List the files of an entry", responses=AttachmentOut(many=True)
    )
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The first one first."""
        self.row(Entry.objects.for_company(self.company), pk=pk)
        return self.page(attachments_of(entry_id=pk))

    @extend_schema(
        operation_id="entry_attachments_add", summary="Attach a file to an entry",
        request={"multipart/form-data": AttachmentIn}, responses={201: AttachmentOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """It stays with the entry."""
        return self.attached(request, lambda name, content: attach(name, content, entry_id=pk))


class AttachmentView(AttachmentAPIView):
    """One file."""

    write_permission = Permission.DRAFT_ENTRIES
    content_negotiation_class = FileNegotiation

    @extend_schema(
        operation_id="attachments_retrieve", summary="Download a file", responses={(200, "*/*"): OpenApiTypes.BINARY}
    )
    def get(self, request: Any, company: str, pk: UUID) -> HttpResponse:
        """Compared with its hash before it is handed out; the reading is in the trail."""
        return file_response(*content_of(pk))

    @extend_schema(operation_id="attachments_remove", summary="Remove a file of a draft", responses={204: None})
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """What belongs to a posted entry stays."""
        remove_attachment(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def file_response(found: Attachment, content: bytes) -> HttpResponse:
    """The file to save, never to run: browsers neither guess its type nor show it as a page of ours."""
    response = HttpResponse(content, content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
