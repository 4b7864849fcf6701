"""The API of drafts: keep, change, submit, approve, reject, post."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from accounting.chart import chart_of
from ledger.api_body import draft_of, explained
from ledger.api_draft_serializers import (
    DecidedListOut,
    DecideIn,
    DraftIn,
    DraftOut,
    DraftParameters,
    DraftRowOut,
    ReasonIn,
)
from ledger.api_entries import EntryAPIView
from ledger.api_query import DryRunParameters
from ledger.api_serializers import EntryOut
from ledger.draft_approval import (
    Decided,
    approve_draft,
    decide_drafts,
    post_draft,
    reject_draft,
    submit_draft,
    try_draft,
    withdraw_draft,
)
from ledger.draft_documents import DraftWriter
from ledger.draft_listing import list_drafts
from ledger.drafts import DraftNotFound, change_draft, delete_draft, save_draft
from ledger.models import Draft, DraftLine
from tenants.api_description import IF_MATCH
from tenants.api_problems import problem_of
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission
from tenants.refusal import Refused


class DraftAPIView(EntryAPIView):
    """A view about drafts."""

    serializer_class: Any = DraftOut
    queryset = Draft.objects.none()
    write_permission = Permission.DRAFT_ENTRIES
    ordering = ("-changed_at", "-id")

    @property
    def drafts(self) -> DraftWriter:
        """Writes drafts with the decimals of the company's units."""
        return DraftWriter(chart_of(self.company), self.company.base_currency)

    def draft(self, pk: UUID, *, held: bool = False) -> Draft:
        """The draft; `not_found` where there is none."""
        rows = Draft.objects.for_company(self.company).select_related("journal")
        found = (rows.select_for_update(no_key=True, of=("self",)) if held else rows).filter(pk=pk).first()
        if found is None:
            raise DraftNotFound("There is no such draft.")
        return found

    def shown(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        """The draft as it is stored, with its tag."""
        draft = self.draft(pk)
        lines = DraftLine.objects.for_company(self.company).filter(draft=draft).select_related("sub_account")
        document = DraftOut(self.drafts.draft(draft, lines.order_by("number")), context=self.get_serializer_context())
        answer = Response(document.data, status=code, headers={"ETag": etag_of(draft)})
        if code == status.HTTP_201_CREATED:
            answer["Location"] = f"{self.request.path}{draft.pk}/"
        return answer


class DraftListView(DraftAPIView):
    """The drafts of a company."""

    @extend_schema(
        operation_id="drafts_list",
        summary="List drafts",
        parameters=[DraftParameters],
        responses=DraftRowOut(many=True),
    )
    def get(self, request: Any, company: str) -> Response:
        """Latest change first; `inbox` shows those that wait for the caller's decision."""
        asked = DraftParameters.of(request)
        rows = list_drafts(
            state=asked.get("state", ""), journal=asked.get("journal", ""), text=asked.get("search", ""),
            start=asked.get("start"), date=asked.get("date"), inbox=asked["inbox"],
        )  # fmt: skip
        writer = self.drafts
        page = [writer.row(draft) for draft in self.rows_of_page(rows)]
        return self.get_paginated_response(DraftRowOut(page, many=True, context=self.get_serializer_context()).data)

    @extend_schema(operation_id="drafts_save", summary="Save a draft", request=DraftIn, responses={201: DraftOut})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Keep an entry that somebody still works on; it need not balance."""
        return self.shown(save_draft(draft_of(request.data)).pk, status.HTTP_201_CREATED)


class DraftView(DraftAPIView):
    """One draft."""

    @extend_schema(operation_id="drafts_retrieve", summary="Show a draft", responses=DraftOut)
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The draft with its lines and what was decided about it."""
        return self.shown(pk)

    @extend_schema(
        operation_id="drafts_change",
        summary="Change a draft",
        parameters=[IF_MATCH],
        request=DraftIn,
        responses=DraftOut,
    )
    @idempotent
    def put(self, request: Any, company: str, pk: UUID) -> Response:
        """The draft as a whole; `If-Match` carries the ETag that was read. A rejected one is a draft again."""
        check_if_match(request, self.draft(pk, held=True))
        return self.shown(change_draft(pk, draft_of(request.data)).pk)

    @extend_schema(operation_id="drafts_delete", summary="Delete a draft", parameters=[IF_MATCH], responses={204: None})
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """Throw it away; it never had a number."""
        check_if_match(request, self.draft(pk, held=True))
        delete_draft(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DraftSubmitView(DraftAPIView):
    """Hand a draft over."""

    @extend_schema(operation_id="drafts_submit", summary="Submit a draft", request=None, responses=DraftOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Tried like a posting; approved at once where no rule asks for an approval."""
        return self.shown(submit_draft(pk).pk)


class DraftWithdrawView(DraftAPIView):
    """Take a draft back."""

    @extend_schema(operation_id="drafts_withdraw", summary="Take a draft back", request=ReasonIn, responses=DraftOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """To work on it; what was decided about it counts no more."""
        return self.shown(withdraw_draft(pk, **checked(ReasonIn, request.data or {})).pk)


class DraftApproveView(DraftAPIView):
    """Agree to a draft."""

    write_permission = Permission.VIEW_BOOKS

    @extend_schema(operation_id="drafts_approve", summary="Approve a draft", request=ReasonIn, responses=DraftOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """By an approver or who stands in for one, and never by who made it; with If-Match, that version only."""
        if request.headers.get("If-Match"):
            check_if_match(request, self.draft(pk, held=True))
        return self.shown(approve_draft(pk, **checked(ReasonIn, request.data or {})).pk)


class DraftRejectView(DraftAPIView):
    """Send a draft back."""

    write_permission = Permission.VIEW_BOOKS

    @extend_schema(operation_id="drafts_reject", summary="Reject a draft", request=ReasonIn, responses=DraftOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """With the reason; its maker changes it and submits it again."""
        return self.shown(reject_draft(pk, **checked(ReasonIn, request.data or {})).pk)


class DraftPostView(DraftAPIView):
    """Make a draft an entry."""

    serializer_class = EntryOut
    write_permission = Permission.POST_ENTRIES

    @extend_schema(
        operation_id="drafts_post", summary="Post a draft", request=None, parameters=[DryRunParameters],
        responses={200: EntryOut, 201: EntryOut},
    )  # fmt: skip
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Once, however often it is asked; `dry_run` shows the entry and its effect on the balances."""
        try:
            if DryRunParameters.of(request)["dry_run"]:
                return Response(self.writer.trial(try_draft(self.draft(pk))))
            posted = post_draft(pk)
        except Refused as refusal:
            raise explained(refusal, request.data) from refusal
        return self.answer(request, posted, request.path.split("drafts/")[0] + f"entries/{posted.id}/")


class DraftDecisionView(DraftAPIView):
    """Decide several drafts alike."""

    write_permission = Permission.VIEW_BOOKS
    permission = Permission.VIEW_BOOKS

    @extend_schema(
        operation_id="drafts_decide", summary="Approve or reject several drafts", request=DecideIn,
        responses=DecidedListOut,
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Each for itself, with one reason; the answer says what became of each."""
        asked = checked(DecideIn, request.data)
        decided = decide_drafts(asked["drafts"], approve=asked["decision"] == "approve", reason=asked["reason"])
        return Response({"results": [_outcome(one) for one in decided]})


def _outcome(one: Decided) -> dict[str, Any]:
    problem = problem_of(one.refusal) if one.refusal else None
    if problem:
        return {"draft": str(one.draft_id), "problem": problem.document()}
    return {"draft": str(one.draft_id), "state": one.draft.state if one.draft else ""}
