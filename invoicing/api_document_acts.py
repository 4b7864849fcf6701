"""The API of what becomes of documents: submitted, approved, posted, credited, set off."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_files import FileNegotiation
from accounting.api_serializers import checked
from accounting.business_day import business_day
from invoicing.api_document_serializers import (
    ApplyIn,
    CreditIn,
    DocumentOut,
    DocumentReasonIn,
    FileParameters,
    PostLaterIn,
    PostManyIn,
)
from invoicing.api_documents import DocumentAPIView
from invoicing.applying import apply_credit
from invoicing.approving import decide_document, submit_document, withdraw_document
from invoicing.bulk_posting import ask_to_post
from invoicing.crediting import credit_document
from invoicing.document_downloads import document_download
from invoicing.document_posting import post_document, post_documents
from invoicing.models import Document
from jobs.api_serializers import JobOut
from ledger.api_budget_warnings import with_warnings
from ledger.api_imports import JournalFileAPIView
from ledger.api_keys import kept_apart
from tenants.description_of_views import acts_of
from tenants.etag import check_if_match
from tenants.fields import new_id
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission


class DocumentActView(DocumentAPIView):
    """An act on one document; an `If-Match` that is sent has to fit."""

    def seen(self, pk: UUID) -> int | None:
        """The version that the caller saw, where they said so."""
        held = self.document(pk, held=True)
        if not self.request.headers.get("If-Match"):
            return None
        check_if_match(self.request, held)
        return held.version


class SubmitView(DocumentActView):
    """Hand a draft over for approval."""

    @extend_schema(request=None, responses=DocumentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Where no rule asks for approval it is approved at once."""
        return self.answer(submit_document(pk, version=self.seen(pk)).pk)


class WithdrawView(DocumentActView):
    """Take it back to work on it."""

    @extend_schema(request=DocumentReasonIn, responses=DocumentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """What was decided counts no more."""
        self.document(pk)
        return self.answer(withdraw_document(pk, **checked(DocumentReasonIn, request.data or {})).pk)


class ApproveView(DocumentActView):
    """Agree to it."""

    # Delegates of approvers hold no permission of their own; the act asks.
    write_permission = Permission.VIEW_BOOKS

    @extend_schema(request=DocumentReasonIn, responses=DocumentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Not by who made it."""
        version = self.seen(pk)
        return self.answer(
            decide_document(pk, approve=True, version=version, **checked(DocumentReasonIn, request.data or {})).pk
        )


class RejectView(DocumentActView):
    """Send it back, with a reason."""

    write_permission = Permission.VIEW_BOOKS

    @extend_schema(request=DocumentReasonIn, responses=DocumentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """It may be mended and submitted again."""
        version = self.seen(pk)
        return self.answer(
            decide_document(pk, approve=False, version=version, **checked(DocumentReasonIn, request.data or {})).pk
        )


class PostView(DocumentActView):
    """Post it: number, entry and open items."""

    write_permission = Permission.POST_ENTRIES

    @extend_schema(request=None, responses=DocumentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Once; asked again, it answers with what was posted."""
        version, is_new = self.seen(pk), self.document(pk).state != Document.State.POSTED
        posted = post_document(pk, version=version)
        return with_warnings(self.company, self.answer(pk), posted.entry_id if is_new else None)


class PostManyView(DocumentAPIView):
    """Post several, all or none."""

    write_permission = Permission.POST_ENTRIES

    @extend_schema(request=PostManyIn, responses=DocumentOut(many=True))
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Numbered in the order in which they are sent."""
        ids = checked(PostManyIn, request.data)["documents"]
        for pk in ids:
            self.document(pk)
        return Response([self.answer(one.pk).data for one in post_documents(ids)])


class PostLaterView(JournalFileAPIView):
    """Post many in the background."""

    permission = Permission.VIEW_BOOKS
    write_permission = Permission.POST_ENTRIES

    @extend_schema(
        operation_id="documents_post", summary="Post many documents in the background", request=PostLaterIn,
        responses={202: JobOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Of any kind, numbered by date; the job's result names what was refused, the rest is posted."""
        ids, given = checked(PostLaterIn, request.data)["documents"], idempotency_key(request)
        return self.accepted(request, ask_to_post(ids, key=kept_apart(given) if given else ""))


class CreditView(DocumentActView):
    """Credit it, in whole or in part."""

    @extend_schema(request=CreditIn, responses={201: DocumentOut})
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """A draft of a credit note over what is left, or over so much of some lines."""
        self.document(pk)
        values = checked(CreditIn, request.data)
        quantities = values.get("quantities")
        note = credit_document(
            pk, date=values.get("date") or business_day(self.company), reason=values["reason"],
            quantities=None if quantities is None else {as_id(line): given for line, given in quantities.items()},
        )  # fmt: skip
        return self.answer(note.pk, status.HTTP_201_CREATED)


class ApplyView(DocumentActView):
    """Use what is open in the contact's favour."""

    write_permission = Permission.POST_ENTRIES

    @extend_schema(request=ApplyIn, responses=DocumentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Sets the credit note off against the documents in their order, as far as it goes."""
        self.document(pk)
        values = checked(ApplyIn, request.data)
        apply_credit(pk, values["documents"], date=values.get("date"), key=key_of(request, pk))
        return self.answer(pk)


class FileView(DocumentAPIView):
    """The document as a file."""

    permission = Permission.EXPORT
    content_negotiation_class = FileNegotiation
    pagination_class: Any = None
    form: ClassVar[str] = ""

    @extend_schema(parameters=[FileParameters], responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: Any, company: str, pk: UUID) -> HttpResponse:
        """To save; `layout` is that of a PDF."""
        self.document(pk)
        return document_download(pk, self.form, FileParameters.of(request).get("layout", ""))


def as_id(text: str) -> UUID:
    """The id that was sent; one that fits nothing where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def key_of(request: Any, pk: UUID) -> str:
    """The key of a settlement: the caller's, or one of its own."""
    return f"apply:{pk}:{idempotency_key(request) or new_id()}"[:190]


# Address -> view, operation and what the description says of it.
ACTS = {
    "submit": (SubmitView, "Submit"), "withdraw": (WithdrawView, "Take back"), "approve": (ApproveView, "Approve"),
    "reject": (RejectView, "Reject"), "post": (PostView, "Post"), "credit": (CreditView, "Credit"),
    "apply": (ApplyView, "Set off"),
}  # fmt: skip


def acts_under(path: str, noun: str, *kinds: str) -> dict[str, Any]:
    """The views of the acts under one address, each described by its own name."""
    return acts_of(ACTS, path, noun, kinds=kinds)
