"""The API of deferrals, and of limits with the holds under them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from accounting.chart import chart_of
from accounting.models import SubAccount
from ledger.api_body import entry_of, explained
from ledger.api_entries import EntryAPIView
from ledger.api_keys import posting_key
from ledger.api_schedule_serializers import (
    DeferralIn,
    DeferralOut,
    HoldIn,
    HoldOut,
    LimitIn,
    LimitOut,
    StopIn,
    VoidIn,
)
from ledger.api_serializers import EntryIn, EntryOut
from ledger.deferrals import DeferralNotFound, start_deferral, stop_deferral
from ledger.holds import HoldNotFound, post_hold, reserve, void_hold
from ledger.limits import set_limit
from ledger.models import Deferral, Hold, HoldEnd, Limit
from ledger.refusals import UnknownSubAccount
from tenants.fields import new_id
from tenants.idempotency import REPLAYED, idempotent
from tenants.permissions import Permission
from tenants.refusal import Refused


class DeferralAPIView(EntryAPIView):
    """A view about deferrals."""

    serializer_class: Any = DeferralOut
    queryset = Deferral.objects.none()
    write_permission = Permission.POST_ENTRIES
    ordering = ("-start", "-id")

    def rows(self) -> Any:
        """The company's deferrals with their parts, in three queries however many there are."""
        rows = Deferral.objects.for_company(self.company).select_related("from_account", "to_account")
        return rows.prefetch_related("parts")

    def shown(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        """One deferral."""
        found = self.rows().filter(pk=pk).first()
        if found is None:
            raise DeferralNotFound("There is no such deferral.")
        return Response(self.get_serializer(found).data, status=code)


class DeferralListView(DeferralAPIView):
    """The deferrals of a company."""

    @extend_schema(operation_id="deferrals_list", summary="List deferrals", responses=DeferralOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The latest start first, each with its parts."""
        return self.page(self.rows())

    @extend_schema(
        operation_id="deferrals_start", summary="Spread an amount over time", request=DeferralIn,
        responses={201: DeferralOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """The parts add up to the last cent; each is posted when its day comes."""
        made = start_deferral(**checked(DeferralIn, request.data))
        return self.shown(made.pk, status.HTTP_201_CREATED)


class DeferralView(DeferralAPIView):
    """One deferral."""

    @extend_schema(operation_id="deferrals_retrieve", summary="Show a deferral")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its parts: planned, posted, or why one is not."""
        return self.shown(pk)


class DeferralStopView(DeferralAPIView):
    """Stop a deferral."""

    @extend_schema(operation_id="deferrals_stop", summary="Stop a deferral", request=StopIn, responses=DeferralOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """What is left is recognised at once, on the date."""
        return self.shown(stop_deferral(pk, **checked(StopIn, request.data)).pk)


class LimitListView(EntryAPIView):
    """The limits of a company."""

    serializer_class = LimitOut
    queryset = Limit.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS
    ordering = ("id",)

    @extend_schema(operation_id="limits_list", summary="List limits", responses=LimitOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """Each with its balance and what is held under it."""
        return self.page(Limit.objects.for_company(self.company).select_related("account", "sub_account"))

    @extend_schema(operation_id="limits_set", summary="Set a limit", request=LimitIn, responses={201: LimitOut})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """From now on and against every writer; set again, it changes."""
        values = checked(LimitIn, request.data)
        account = chart_of(self.company).account(values.pop("account"), "account")
        sub = self._sub_account(account.id, values.pop("sub_account"))
        limit = set_limit(account.id, sub_account_id=sub, **values)
        return Response(self.get_serializer(limit).data, status=status.HTTP_201_CREATED)

    def _sub_account(self, account: UUID, code: str) -> UUID | None:
        if not code:
            return None
        rows = SubAccount.objects.for_company(self.company).filter(account_id=account, code=code)
        found = rows.values_list("id", flat=True).first()
        if found is None:
            raise UnknownSubAccount("There is no such sub-account.", place="sub_account")
        return UUID(str(found))


class HoldAPIView(EntryAPIView):
    """A view about holds."""

    serializer_class: Any = HoldOut
    queryset = Hold.objects.none()
    write_permission = Permission.POST_ENTRIES
    ordering = ("-held_at", "-id")

    def shown(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        """One hold."""
        found = Hold.objects.for_company(self.company).prefetch_related("ends").filter(pk=pk).first()
        if found is None:
            raise HoldNotFound("There is no such hold.")
        return Response(self.get_serializer(found).data, status=code)


class HoldListView(HoldAPIView):
    """Holds under the limits of a company."""

    @extend_schema(operation_id="holds_list", summary="List holds", responses=HoldOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The latest first, ended ones included."""
        return self.page(Hold.objects.for_company(self.company).prefetch_related("ends"))

    @extend_schema(
        operation_id="holds_reserve", summary="Hold an amount", request=HoldIn, responses={200: HoldOut, 201: HoldOut}
    )
    def post(self, request: Any, company: str) -> Response:
        """Once under the Idempotency-Key; never past the limit, in any race."""
        values, key = checked(HoldIn, request.data), posting_key(request)
        made = reserve(values.pop("limit"), values.pop("amount"), key=key, **values)
        response = self.shown(made.pk, status.HTTP_200_OK if made.replayed else status.HTTP_201_CREATED)
        if made.replayed:
            response[REPLAYED] = "true"
        return response


class HoldView(HoldAPIView):
    """One hold."""

    @extend_schema(operation_id="holds_retrieve", summary="Show a hold")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """Held, or how it ended."""
        return self.shown(pk)


class HoldVoidView(HoldAPIView):
    """Free what was held."""

    @extend_schema(operation_id="holds_void", summary="Void a hold", request=VoidIn)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Voiding twice is once."""
        ended: HoldEnd = void_hold(pk, **checked(VoidIn, request.data or {}))
        return self.shown(ended.hold_id)


class HoldPostView(EntryAPIView):
    """Post what was held."""

    write_permission = Permission.POST_ENTRIES

    @extend_schema(
        operation_id="holds_post", summary="Post a hold", request=EntryIn, responses={200: EntryOut, 201: EntryOut}
    )
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """One entry, wholly or in part; the rest is free again. Asked again, it answers with that entry."""
        try:
            posted = post_hold(pk, entry_of(request.data, f"hold:{new_id()}"), manual=True)
        except Refused as refusal:
            raise explained(refusal, request.data) from refusal
        return self.answer(request, posted, request.path.split("holds/")[0] + f"entries/{posted.id}/")
