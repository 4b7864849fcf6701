"""The API of recurring documents: invoices and bills that come again, and what becomes of their dates."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from invoicing.api_recurring_serializers import (
    RecurringDocumentChangeIn,
    RecurringDocumentIn,
    RecurringDocumentOut,
    RecurringDocumentParameters,
    RetryIn,
    SkipIn,
)
from invoicing.models import RecurringDocument
from invoicing.recurring_documents import (
    RecurringDocumentNotFound,
    change_recurring_document,
    occurrences_of_documents,
    retry_document_occurrence,
    skip_document_occurrence,
    start_recurring_document,
)
from invoicing.shown_recurring_documents import list_recurring_documents
from ledger.shown_recurring import in_state
from tenants.api_description import IF_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class RecurringDocumentAPIView(CompanyAPIView):
    """A view about recurring documents."""

    serializer_class: Any = RecurringDocumentOut
    queryset = RecurringDocument.objects.none()
    write_permission = Permission.DRAFT_ENTRIES
    ordering = ("-created_at", "-id")

    def written(self, rows: list[Any]) -> Any:
        """Recurring documents with their latest occurrences, in one query more however many there are."""
        came = occurrences_of_documents(rows)
        for one in rows:
            one.latest = came.get(one.pk, [])
        return self.get_serializer(rows, many=True).data

    def held(self, pk: UUID) -> RecurringDocument:
        """The recurring document, locked; `not_found` where there is none."""
        rows = RecurringDocument.objects.for_company(self.company).select_for_update(no_key=True)
        found: RecurringDocument | None = rows.filter(pk=pk).first()
        if found is None:
            raise RecurringDocumentNotFound("There is no such recurring document.")
        return found

    def answer(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        """The recurring document as it is now, with its ETag."""
        found = self.row(list_recurring_documents(self.company), pk=pk)
        answer = Response(self.written([found])[0], status=code, headers={"ETag": etag_of(found)})
        if code == status.HTTP_201_CREATED:
            answer["Location"] = f"{self.request.path}{pk}/"
        return answer


class RecurringDocumentListView(RecurringDocumentAPIView):
    """What comes again."""

    @extend_schema(
        operation_id="recurring_documents_list", summary="List the recurring documents",
        parameters=[RecurringDocumentParameters], responses=RecurringDocumentOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """The latest first, each with its latest occurrences."""
        asked = RecurringDocumentParameters.of(request)
        columns = {"contact": "pattern__contact", "pattern": "pattern"}
        rows = list_recurring_documents(self.company).filter(
            **{columns[name]: value for name, value in asked.items() if name in columns}
        )
        return self.get_paginated_response(self.written(self.rows_of_page(in_state(rows, asked.get("state", "")))))

    @extend_schema(
        operation_id="recurring_documents_start", summary="Let an invoice or bill come again",
        request=RecurringDocumentIn, responses={201: RecurringDocumentOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Drafted, posted, or posted and sent on each date; missed dates are caught up, each date once."""
        values = checked(RecurringDocumentIn, request.data)
        recurring_id = values.pop("id", None)
        made = start_recurring_document(values.pop("pattern"), recurring_id=recurring_id, **values)
        return self.answer(made.pk, status.HTTP_201_CREATED)


class RecurringDocumentView(RecurringDocumentAPIView):
    """One recurring document."""

    @extend_schema(operation_id="recurring_documents_retrieve", summary="Show a recurring document")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its latest occurrences, and every one that was not made or not sent."""
        return self.answer(pk)

    @extend_schema(
        operation_id="recurring_documents_change", summary="Change a recurring document", parameters=[IF_MATCH],
        request=RecurringDocumentChangeIn, responses=RecurringDocumentOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """How it ends, what is done, whether it goes on, and what it is made like from the next date on."""
        values = checked(RecurringDocumentChangeIn, request.data)
        check_if_match(request, self.held(pk))
        return self.answer(change_recurring_document(pk, **values).pk)


class RecurringDocumentRetryView(RecurringDocumentAPIView):
    """Try a date again."""

    @extend_schema(
        operation_id="recurring_documents_retry", summary="Make or send what could not be", request=RetryIn,
        responses=RecurringDocumentOut,
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """On its own day or another one; what is made already is posted and sent."""
        retry_document_occurrence(pk, **checked(RetryIn, request.data))
        return self.answer(pk)


class RecurringDocumentSkipView(RecurringDocumentAPIView):
    """Leave a date out."""

    @extend_schema(
        operation_id="recurring_documents_skip", summary="Leave out what could not be made or sent", request=SkipIn,
        responses=RecurringDocumentOut,
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """With the reason, which stays in the audit trail."""
        skip_document_occurrence(pk, **checked(SkipIn, request.data))
        return self.answer(pk)
