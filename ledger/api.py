"""The API of journals: the books of first entry."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from ledger.api_serializers import JournalChangeIn, JournalIn, JournalOut
from ledger.journal_settings import change_journal, open_journal
from ledger.models import Journal
from tenants.api_description import IF_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class JournalListView(CompanyAPIView):
    """The journals of a company."""

    serializer_class = JournalOut
    queryset = Journal.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS
    ordering = ("code", "id")

    @extend_schema(operation_id="journals_list", summary="List the journals", responses=JournalOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The journals by code, those out of use included."""
        return self.page(Journal.objects.for_company(self.company))

    @extend_schema(
        operation_id="journals_open", summary="Open a journal", request=JournalIn, responses={201: JournalOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """A further journal, whose entries are numbered on their own."""
        journal = open_journal(**checked(JournalIn, request.data))
        headers = {"ETag": etag_of(journal), "Location": f"{request.path}{journal.code}/"}
        return Response(self.get_serializer(journal).data, status=status.HTTP_201_CREATED, headers=headers)


class JournalView(CompanyAPIView):
    """One journal."""

    serializer_class = JournalOut
    queryset = Journal.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS

    @extend_schema(operation_id="journals_retrieve", summary="Show a journal")
    def get(self, request: Any, company: str, code: str) -> Response:
        """The journal with this code."""
        return self._answer(self.row(Journal.objects.for_company(self.company), code=code))

    @extend_schema(
        operation_id="journals_change", summary="Change a journal", parameters=[IF_MATCH], request=JournalChangeIn,
        responses=JournalOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, code: str) -> Response:
        """Rename it, or take it out of use; `If-Match` carries the ETag that was read."""
        journal = self.row(Journal.objects.for_company(self.company).select_for_update(no_key=True), code=code)
        values = checked(JournalChangeIn, request.data)
        check_if_match(request, journal)
        return self._answer(change_journal(journal, **values))

    def _answer(self, journal: Journal) -> Response:
        return Response(self.get_serializer(journal).data, headers={"ETag": etag_of(journal)})
