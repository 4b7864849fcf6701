"""The API of journal entries: list, post one or many, show, reverse."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounting.api_query import BadParameter
from accounting.api_serializers import checked
from accounting.chart import UnknownAccount, chart_of
from ledger.api_body import entry_of, explained
from ledger.api_bulk import bodies_of, item_of, last_day, post_all, post_each
from ledger.api_keys import kept_apart, posting_key
from ledger.api_query import BulkParameters, DryRunParameters, EntryParameters, check_cursor
from ledger.api_serializers import BulkIn, BulkOut, EntryIn, EntryOut, EntryRowOut, ReverseIn, TrialOut
from ledger.api_view import LedgerAPIView
from ledger.budget_warnings import budget_warnings
from ledger.entry_listing import Wanted, list_entries
from ledger.models import Entry
from ledger.posting import Posted, post
from ledger.reversal import reverse
from tenants.fields import new_id
from tenants.idempotency import HEADER, REPLAYED, idempotency_key
from tenants.permissions import Permission
from tenants.refusal import Refused

KEY = OpenApiParameter(HEADER, OpenApiTypes.STR, OpenApiParameter.HEADER, required=False,
                       description="Posting needs one: the same key never posts twice.")  # fmt: skip
ENTRY_OR_TRIAL = PolymorphicProxySerializer(
    component_name="EntryOrTrial", serializers=[EntryOut, TrialOut], resource_type_field_name=None
)
BULK_OR_TRIAL = PolymorphicProxySerializer(
    component_name="BulkOrTrial", serializers=[BulkOut, TrialOut], resource_type_field_name=None
)


class EntryAPIView(LedgerAPIView):
    """A view about entries."""

    serializer_class: Any = EntryOut
    queryset = Entry.objects.none()

    def answer(self, request: Any, posted: Posted, address: str) -> Response:
        """The entry as it stands in the books: 201 when it is new, 200 when the key was answered before."""
        shown = self.writer.entry(self.details(posted.id))
        if passed := budget_warnings(self.company, [posted.id]):
            shown["warnings"] = self.writer.warnings(passed)
        document = self.get_serializer(shown).data
        code = status.HTTP_200_OK if posted.replayed else status.HTTP_201_CREATED
        answer = Response(document, status=code, headers={"Location": address})
        if posted.replayed:
            answer[REPLAYED] = "true"
        return answer


class EntryListView(EntryAPIView):
    """The journal."""

    write_permission = Permission.POST_ENTRIES

    @extend_schema(
        operation_id="entries_list", summary="List the journal", parameters=[EntryParameters],
        responses=EntryRowOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """The entries newest first, each with number, total, and whether it was reversed."""
        asked = EntryParameters.of(request)
        after = check_cursor(asked["cursor"], "cursor") if "cursor" in asked else ""
        wanted = Wanted(
            start=asked.get("start"), date=asked.get("date"), journal=asked.get("journal", ""),
            account=self._account(asked.get("account")), text=asked.get("search", ""), source=asked.get("source", ""),
            oldest_first=asked.get("ordering") == "date",
        )  # fmt: skip
        page = list_entries(self.company, wanted, after=after, limit=asked.get("page_size", 100))
        writer = self.writer
        rows = EntryRowOut([writer.listed(row) for row in page.rows], many=True, context=self.get_serializer_context())
        url = request.build_absolute_uri()
        following = replace_query_param(url, "cursor", page.next_after) if page.next_after else None
        return Response({"next": following, "previous": None, "results": rows.data})

    @extend_schema(
        operation_id="entries_post", summary="Post a journal entry", request=EntryIn,
        parameters=[KEY, DryRunParameters], responses={200: ENTRY_OR_TRIAL, 201: EntryOut},
    )  # fmt: skip
    def post(self, request: Any, company: str) -> Response:
        """Post one balanced entry; `dry_run` shows it and its effect on the balances, and stores nothing."""
        dry_run = DryRunParameters.of(request)["dry_run"]
        key = f"dry-run:{new_id()}" if dry_run else posting_key(request)
        entry = entry_of(request.data, key)
        try:
            if dry_run:
                return self.trial(entry.date, lambda: [post(entry, manual=True).id])
            posted = post(entry, manual=True)
        except Refused as refusal:
            raise explained(refusal, request.data) from refusal
        return self.answer(request, posted, f"{request.path}{posted.id}/")

    def _account(self, named: str | None) -> UUID | None:
        try:
            return chart_of(self.company).account(named).id if named else None
        except UnknownAccount as refusal:
            raise BadParameter(refusal.message, place="account") from refusal


class EntryBulkView(EntryAPIView):
    """Many entries in one call."""

    write_permission = Permission.POST_ENTRIES
    permission = Permission.POST_ENTRIES

    @extend_schema(
        operation_id="entries_post_many", summary="Post many journal entries", request=BulkIn,
        parameters=[KEY, BulkParameters], responses={200: BULK_OR_TRIAL, 201: BulkOut},
    )  # fmt: skip
    def post(self, request: Any, company: str) -> Response:
        """All or none (at most 10,000), or with `mode=per_item` each for itself (at most 1,000)."""
        asked = BulkParameters.of(request)
        if asked["dry_run"]:
            return self._trial(request.data, each=asked["mode"] == "per_item")
        key = posting_key(request)
        if asked["mode"] == "per_item":
            results = post_each(request.data, key)
            made = [UUID(one["id"]) for one in results if "id" in one]
            return Response({"results": results, "warnings": self._warnings(made)})
        posted = post_all(request.data, key)
        replayed = all(one.replayed for one in posted)
        items = [item_of(one, number) for number, one in enumerate(posted)]
        document = {"results": items, "warnings": self._warnings([one.id for one in posted])}
        answer = Response(document, status=status.HTTP_200_OK if replayed else status.HTTP_201_CREATED)
        if replayed:
            answer[REPLAYED] = "true"
        return answer

    def _warnings(self, posted: list[UUID]) -> list[dict[str, str]]:
        return self.writer.warnings(budget_warnings(self.company, posted))

    def _trial(self, data: Any, *, each: bool) -> Response:
        """What the call would post; of items for themselves, those that would not be refused."""
        key = f"dry-run:{new_id()}"
        if not each:
            date = last_day(entry_of(body, key, f"entries[{n}].") for n, body in enumerate(bodies_of(data)))
            return self.trial(date, lambda: [one.id for one in post_all(data, key)])
        results: list[dict[str, Any]] = []

        def act() -> list[UUID]:
            results.extend(post_each(data, key))
            return [UUID(one["id"]) for one in results if "id" in one]

        answer = self.trial(_last_readable_day(data, key), act)
        answer.data["results"] = [
            {name: value for name, value in one.items() if name not in ("id", "key")} for one in results
        ]
        return answer


class EntryView(EntryAPIView):
    """One entry."""

    @extend_schema(operation_id="entries_retrieve", summary="Show a journal entry", responses=EntryOut)
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The entry with its lines, its number and seal, and what it reverses or was reversed by."""
        return Response(self.get_serializer(self.writer.entry(self.details(pk))).data)


class EntryReverseView(EntryAPIView):
    """Reverse an entry."""

    write_permission = Permission.REVERSE_ENTRIES

    @extend_schema(
        operation_id="entries_reverse", summary="Reverse a journal entry", request=ReverseIn,
        parameters=[KEY, DryRunParameters], responses={200: ENTRY_OR_TRIAL, 201: EntryOut},
    )  # fmt: skip
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Post the mirror of the entry on a day of an open period, once; the original stays as it is."""
        dry_run = DryRunParameters.of(request)["dry_run"]
        values = checked(ReverseIn, request.data)
        given = idempotency_key(request)
        key = f"dry-run:{new_id()}" if dry_run else kept_apart(given) if given else ""
        try:
            if dry_run:
                return self.trial(values["date"], lambda: [reverse(pk, **values, key=key).id])
            posted = reverse(pk, **values, key=key)
        except Refused as refusal:
            raise explained(refusal, request.data) from refusal
        address = request.path.removesuffix(f"{pk}/reverse/") + f"{posted.id}/"
        return self.answer(request, posted, address)


def _last_readable_day(data: Any, key: str) -> Any:
    """The last day of the entries that can be read; today's books where none can."""
    days = []
    for body in bodies_of(data):
        try:
            days.append(entry_of(body, key).date)
        except Refused:
            continue
    from accounting.business_day import business_day
    from tenants.scope import current_scope

    return max(days, default=business_day(current_scope().company))
