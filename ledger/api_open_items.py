"""The API of open items: what is open, settle it, take a settlement back."""

import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounting.api_query import BadParameter
from accounting.api_serializers import checked
from accounting.business_day import business_day
from accounting.chart import UnknownAccount, chart_of
from accounting.models import SubAccount
from ledger.allocation import SettlementNotFound, allocate, allocate_lines
from ledger.allocation_plan import Pair
from ledger.allocation_undo import undo_settlement
from ledger.api_keys import posting_key
from ledger.api_open_item_serializers import (
    OpenItemParameters,
    OpenItemsOut,
    SettlementIn,
    SettlementOut,
    SettlementUndoIn,
)
from ledger.api_view import LedgerAPIView
from ledger.models import Allocation, Settlement
from ledger.open_items import OpenItem, open_items
from tenants.idempotency import REPLAYED, idempotent
from tenants.permissions import Permission


class OpenItemListView(LedgerAPIView):
    """What is open."""

    serializer_class = OpenItemsOut
    queryset = Settlement.objects.none()
    pagination_class: Any = None

    @extend_schema(
        operation_id="open_items_list", summary="List open items", parameters=[OpenItemParameters],
        responses=OpenItemsOut,
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """At the end of any day and as known at any moment, oldest first; later settlements do not count."""
        asked = OpenItemParameters.of(request)
        date = asked.get("date") or business_day(self.company)
        size, known = asked["page_size"], asked.get("known_at")
        if isinstance(known, int):
            raise BadParameter("Open items are known at a moment.", place="known_at")
        found = open_items(
            self.company, date, known_at=known, currency=asked.get("currency", ""), after=_after(asked.get("after")),
            limit=size + 1, **self._narrowed(asked),
        )  # fmt: skip
        last = found[size - 1] if len(found) > size else None
        following = f"{last.date}_{last.line_id}" if last else None
        url = replace_query_param(request.build_absolute_uri(), "after", following) if following else None
        return Response({
            "date": date.isoformat(), "known_at": known.isoformat() if known else None, "next_after": following,
            "next": url, "results": [self._item(one) for one in found[:size]],
        })  # fmt: skip

    def _narrowed(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "account" not in asked:
            return {}
        try:
            account = chart_of(self.company).account(asked["account"]).id
        except UnknownAccount as refusal:
            raise BadParameter(refusal.message, place="account") from refusal
        if "sub_account" not in asked:
            return {"accounts": [account]}
        subs = SubAccount.objects.for_company(self.company).filter(account_id=account, code=asked["sub_account"])
        if (sub := subs.values_list("id", flat=True).first()) is None:
            raise BadParameter("There is no such sub-account.", place="sub_account")
        return {"accounts": [account], "sub_account": sub}

    def _item(self, one: OpenItem) -> dict[str, Any]:
        writer = self.writer
        return {
            "line": str(one.line_id), "entry": str(one.entry_id), "number": one.number, "date": one.date.isoformat(),
            **writer.account(one.account_id), "sub_account": one.sub_account or None,
            "sub_account_name": one.sub_account_name or None, "currency": one.currency,
            "amount": writer.amount(one.amount, one.currency), "residual": writer.amount(one.residual, one.currency),
            "base_amount": writer.amount(one.base_amount), "base_residual": writer.amount(one.base_residual),
            "memo": one.memo, "reference": one.reference,
        }  # fmt: skip


class SettlementAPIView(LedgerAPIView):
    """A view about settlements."""

    serializer_class: Any = SettlementOut
    queryset = Settlement.objects.none()
    write_permission = Permission.POST_ENTRIES
    ordering = ("-date", "-id")

    def documents(self, settlements: list[Settlement]) -> Any:
        """Settlements with their allocations, in two queries more however many there are."""
        rows: dict[UUID, list[dict[str, str]]] = {}
        found = Allocation.objects.for_company(self.company).filter(settlement__in=settlements)
        writer = self.writer
        for one in found.select_related("debit_line", "credit_line").order_by("number"):
            rows.setdefault(one.settlement_id, []).append({
                "debit": str(one.debit_line_id), "credit": str(one.credit_line_id),
                "debit_amount": writer.amount(one.debit_amount, one.debit_line.currency),
                "credit_amount": writer.amount(one.credit_amount, one.credit_line.currency),
                "base_amount": writer.amount(one.base_amount),
            })  # fmt: skip
        undone = dict(
            Settlement.objects.for_company(self.company).filter(undoes__in=settlements).values_list("undoes_id", "id")
        )
        return SettlementOut(
            [_settlement(one, rows.get(one.pk, []), undone.get(one.pk)) for one in settlements], many=True,
            context=self.get_serializer_context(),
        ).data  # fmt: skip

    def settlement(self, pk: UUID) -> Settlement:
        """The settlement; `not_found` where there is none."""
        found = Settlement.objects.for_company(self.company).filter(pk=pk).first()
        if found is None:
            raise SettlementNotFound("There is no such settlement.")
        return found


class SettlementListView(SettlementAPIView):
    """Settlements."""

    @extend_schema(operation_id="settlements_list", summary="List settlements", responses=SettlementOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The latest date first."""
        return self.get_paginated_response(
            self.documents(self.rows_of_page(Settlement.objects.for_company(self.company)))
        )

    @extend_schema(
        operation_id="settlements_make", summary="Settle open items", request=SettlementIn,
        responses={200: SettlementOut, 201: SettlementOut},
    )  # fmt: skip
    def post(self, request: Any, company: str) -> Response:
        """Once under the Idempotency-Key; what rates have moved is posted with it."""
        values, key = checked(SettlementIn, request.data), posting_key(request)
        if values.get("lines"):
            settled = allocate_lines(values["lines"], date=values["date"], key=key)
        else:
            pairs = [Pair(**pair) for pair in values.get("pairs", [])]
            settled = allocate(pairs, date=values["date"], key=key)
        document = self.documents([self.settlement(settled.id)])[0]
        code = status.HTTP_200_OK if settled.replayed else status.HTTP_201_CREATED
        answer = Response(document, status=code, headers={"Location": f"{request.path}{settled.id}/"})
        if settled.replayed:
            answer[REPLAYED] = "true"
        return answer


class SettlementView(SettlementAPIView):
    """One settlement."""

    @extend_schema(operation_id="settlements_retrieve", summary="Show a settlement")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its allocations, and what took it back."""
        return Response(self.documents([self.settlement(pk)])[0])


class SettlementUndoView(SettlementAPIView):
    """Take a settlement back."""

    @extend_schema(operation_id="settlements_undo", summary="Take a settlement back", request=SettlementUndoIn)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """By counter-allocations on a later date; what was open before that date stays as it was."""
        undone = undo_settlement(pk, **checked(SettlementUndoIn, request.data))
        return Response(self.documents([self.settlement(undone)])[0])


def _settlement(one: Settlement, allocations: list[dict[str, str]], undone_by: UUID | None) -> dict[str, Any]:
    return {
        "id": str(one.pk), "date": one.date.isoformat(), "reason": one.reason, "source": one.source,
        "exchange_entry": str(one.exchange_entry_id) if one.exchange_entry_id else None,
        "undoes": str(one.undoes_id) if one.undoes_id else None, "undone_by": str(undone_by) if undone_by else None,
        "settled_by": one.actor_name, "settled_at": one.settled_at.isoformat(), "allocations": allocations,
    }  # fmt: skip


def _after(text: str | None) -> tuple[datetime.date, UUID] | None:
    if not text:
        return None
    try:
        day, _sep, line = text.partition("_")
        return datetime.date.fromisoformat(day), UUID(line)
    except ValueError as error:
        raise BadParameter("Take the cursor from the answer before.", place="after") from error
