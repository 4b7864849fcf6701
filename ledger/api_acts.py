"""The API of larger acts: corrections, reversals of many, revaluation, the closing of years."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from accounting.models import FiscalYear
from jobs.api_serializers import JobOut
from ledger.api_act_serializers import (
    AutoReversalOut,
    CorrectionOut,
    EntriesMadeOut,
    RevaluationIn,
    RevaluationOut,
    RevaluationParameters,
    ReverseManyIn,
    WhyIn,
)
from ledger.api_drafts import DraftAPIView
from ledger.api_entries import EntryAPIView
from ledger.api_imports import JournalFileAPIView
from ledger.api_keys import kept_apart
from ledger.api_serializers import EntryOut, ReverseIn
from ledger.auto_reversal import cancel_auto_reversal
from ledger.bulk_reversal import ask_to_reverse
from ledger.correction import correct
from ledger.models import AutoReversal, Entry
from ledger.posting import Posted
from ledger.revaluation import revaluations, revalue
from ledger.year_closing import YearNotFound, close_year, reopen_year
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission


class EntryCorrectView(DraftAPIView):
    """Correct an entry."""

    serializer_class = CorrectionOut
    write_permission = Permission.REVERSE_ENTRIES

    @extend_schema(
        operation_id="entries_correct", summary="Correct a journal entry", request=ReverseIn,
        responses={201: CorrectionOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Reverse it and draft it anew, in one act; asked twice, it is one correction."""
        made = correct(pk, **checked(ReverseIn, request.data))
        document = {"reversal": str(made.reversal.id), "draft": str(made.draft.pk)}
        return Response(document, status=status.HTTP_201_CREATED)


class ReverseManyView(JournalFileAPIView):
    """Reverse many entries."""

    permission = Permission.VIEW_BOOKS
    write_permission = Permission.REVERSE_ENTRIES

    @extend_schema(
        operation_id="entries_reverse_many", summary="Reverse many journal entries", request=ReverseManyIn,
        responses={202: JobOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """In the background, each for itself; the job's result names what was refused."""
        values, given = checked(ReverseManyIn, request.data), idempotency_key(request)
        key = kept_apart(given) if given else ""
        return self.accepted(
            request, ask_to_reverse(values["entries"], date=values["date"], reason=values["reason"], key=key)
        )


class AutoReversalListView(EntryAPIView):
    """Entries that reverse themselves."""

    serializer_class = AutoReversalOut
    queryset = AutoReversal.objects.none()
    ordering = ("date", "id")

    @extend_schema(
        operation_id="auto_reversals_list", summary="List planned reversals", responses=AutoReversalOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """By date: planned, made, cancelled, and why one could not be made yet."""
        return self.page(AutoReversal.objects.for_company(self.company))


class AutoReversalCancelView(EntryAPIView):
    """Leave an entry as it is."""

    serializer_class = AutoReversalOut
    queryset = AutoReversal.objects.none()
    write_permission = Permission.REVERSE_ENTRIES

    @extend_schema(operation_id="auto_reversals_cancel", summary="Cancel a planned reversal", request=WhyIn)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Of the entry with this id, with the reason."""
        planned = cancel_auto_reversal(pk, **checked(WhyIn, request.data or {}))
        return Response(self.get_serializer(planned).data)


class RevaluationView(EntryAPIView):
    """Revalue balances in foreign currency."""

    serializer_class = RevaluationOut
    queryset = Entry.objects.none()
    write_permission = Permission.POST_ENTRIES
    pagination_class: Any = None

    @extend_schema(
        operation_id="revaluations_preview", summary="Preview a revaluation", parameters=[RevaluationParameters],
        responses=RevaluationOut,
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """Each balance, its closing rate and the difference; nothing is stored."""
        date = RevaluationParameters.of(request)["date"]
        writer = self.writer
        rows = [
            {
                **writer.account(one.account_id),
                "sub_account": str(one.sub_account_id) if one.sub_account_id else None,
                "currency": one.currency, "amount": writer.amount(one.amount, one.currency),
                "carried": writer.amount(one.carried), "rate": f"{one.rate.normalize():f}",
                "rate_source": one.rate_source, "difference": writer.amount(one.difference),
            }
            for one in revaluations(self.company, date)
        ]  # fmt: skip
        return Response({"date": date.isoformat(), "results": rows})

    @extend_schema(
        operation_id="revaluations_run", summary="Run a revaluation", request=RevaluationIn, responses={201: EntryOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Post the unrealised differences of a day; they reverse themselves on the next."""
        return _made(self, revalue(checked(RevaluationIn, request.data)["date"]))


class YearCloseView(EntryAPIView):
    """Close a fiscal year."""

    serializer_class = EntriesMadeOut
    write_permission = Permission.MANAGE_PERIODS

    @extend_schema(
        operation_id="fiscal_years_close", summary="Close a fiscal year", request=WhyIn, responses=EntriesMadeOut
    )
    @idempotent
    def post(self, request: Any, company: str, name: str) -> Response:
        """What is left of income and expenses goes to retained earnings on the last day."""
        posted = close_year(_year(self, name), **checked(WhyIn, request.data or {}))
        return Response({"entries": [str(one.id) for one in posted]})


class YearReopenView(EntryAPIView):
    """Take the closing of a fiscal year back."""

    serializer_class = EntriesMadeOut
    write_permission = Permission.MANAGE_PERIODS

    @extend_schema(
        operation_id="fiscal_years_reopen", summary="Reopen a fiscal year", request=WhyIn, responses=EntriesMadeOut
    )
    @idempotent
    def post(self, request: Any, company: str, name: str) -> Response:
        """By reversal of its closing entries, with the reason."""
        posted = reopen_year(_year(self, name), **checked(WhyIn, request.data or {}))
        return Response({"entries": [str(one.id) for one in posted]})


def _made(view: EntryAPIView, posted: Posted) -> Response:
    base = view.request.path.rsplit("/", 2)[0]
    document = EntryOut(view.writer.entry(view.details(posted.id))).data
    return Response(
        document, status=status.HTTP_201_CREATED, headers={"Location": f"{base}/entries/{posted.id}/"}
    )  # fmt: skip


def _year(view: EntryAPIView, name: str) -> UUID:
    found = FiscalYear.objects.for_company(view.company).filter(name=name).values_list("id", flat=True).first()
    if found is None:
        raise YearNotFound("There is no such fiscal year.")
    return UUID(str(found))
