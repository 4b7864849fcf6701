"""The API of the files of documents."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from invoicing.document_attachments import attach_to_document, files_of_document, remove_from_document
from invoicing.models import Document
from ledger.api_attachments import AttachmentAPIView, AttachmentIn, AttachmentOut
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class DocumentFilesAPIView(AttachmentAPIView):
    """A view about the files of documents of some kinds."""

    write_permission = Permission.DRAFT_ENTRIES
    kinds: ClassVar[tuple[str, ...]] = ()

    def look(self, pk: UUID) -> None:
        """Refused (`not_found`) where no document of these kinds is there."""
        self.row(Document.objects.for_company(self.company).filter(kind__in=self.kinds), pk=pk)


class DocumentAttachmentsView(DocumentFilesAPIView):
    """The files of a document."""

    @extend_schema(responses=AttachmentOut(many=True))
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The first one first; each is downloaded at `attachments/{id}/`."""
        self.look(pk)
        return self.page(files_of_document(pk))

    @extend_schema(request={"multipart/form-data": AttachmentIn}, responses={201: AttachmentOut})
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """What is posted keeps its files; only who may post adds one to it."""
        self.look(pk)
        return self.attached(request, lambda name, content: attach_to_document(pk, name, content))


class DocumentAttachmentView(DocumentFilesAPIView):
    """One file of a document."""

    @extend_schema(responses={204: None})
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID, attachment: UUID) -> Response:
        """Of a draft; what is posted keeps its files."""
        self.look(pk)
        remove_from_document(pk, attachment)
        return Response(status=status.HTTP_204_NO_CONTENT)
