"""The API of deliveries for purchase orders, and of bills beside their orders."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.api_query import IsoDate
from accounting.api_serializers import checked
from invoicing.api_document_serializers import ExactField
from invoicing.api_documents import DocumentAPIView
from invoicing.models import Receipt, ReceiptLine
from invoicing.order_matching import matched
from invoicing.receiving import receive
from tenants.api_fields import SparseFields, StrictSerializer, TextField
from tenants.idempotency import idempotent


class ReceiptLineOut(serializers.ModelSerializer[ReceiptLine]):
    order_line = serializers.UUIDField(source="order_line_id")
    quantity = ExactField()

    class Meta:
        model = ReceiptLine
        fields = read_only_fields = ["order_line", "quantity"]


class ReceiptOut(SparseFields, serializers.ModelSerializer[Receipt]):
    lines = ReceiptLineOut(many=True)

    class Meta:
        model = Receipt
        fields = read_only_fields = ["id", "date", "reference", "lines", "received_by", "received_at"]


class ReceiptLineIn(StrictSerializer):
    """So much of a line of the order; below zero it went back."""

    order_line = serializers.UUIDField()
    quantity = ExactField(max_digits=24, decimal_places=6)


class ReceiptIn(StrictSerializer):
    """A delivery."""

    date = IsoDate()
    reference = TextField(max_length=200, required=False, allow_blank=True, help_text="Number of the delivery note.")
    lines = ReceiptLineIn(many=True)
    id = serializers.UUIDField(required=False, help_text="An id of the caller's own: kept once, however often sent.")


class ReceiptListView(DocumentAPIView):
    """The deliveries of a purchase order."""

    kinds = ("purchase_order",)
    serializer_class: Any = ReceiptOut
    queryset = Receipt.objects.none()
    ordering = ("date", "id")

    @extend_schema(
        operation_id="purchase_orders_receipts_list", summary="List what arrived of a purchase order",
        responses=ReceiptOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The first one first; below zero it went back."""
        rows = Receipt.objects.for_company(self.company).filter(order=self.document(pk))
        return self.page(rows.prefetch_related("lines"))

    @extend_schema(
        operation_id="purchase_orders_receipts_add", summary="Enter a delivery", request=ReceiptIn,
        responses={201: ReceiptOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Never changed: what was counted wrong is corrected by another one, below zero."""
        values = checked(ReceiptIn, request.data)
        quantities: dict[UUID, Decimal] = {}
        for line in values.pop("lines"):
            place = line["order_line"]
            quantities[place] = quantities.get(place, Decimal(0)) + line["quantity"]
        order = self.document(pk, held=True)
        made = receive(order.pk, quantities=quantities, receipt_id=values.pop("id", None), **values)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)


class MatchedOut(serializers.Serializer[Any]):
    """A line of a bill beside the line of its order."""

    line = serializers.UUIDField(source="line.pk")
    order = serializers.UUIDField(source="order.pk")
    order_line = serializers.UUIDField(source="standing.line.pk")
    ordered = ExactField(source="standing.line.quantity")
    received = ExactField(source="standing.received")
    billed = ExactField(source="standing.billed", help_text="By the posted bills.")
    quantity = ExactField(source="line.quantity")
    difference = serializers.CharField(help_text="Empty within the tolerance.")


class MatchingView(DocumentAPIView):
    """A bill beside its order."""

    kinds = ("bill",)

    @extend_schema(
        operation_id="bills_matching", summary="Compare a bill with its order and deliveries",
        responses=MatchedOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """Line by line, for a bill that is not posted yet; empty where no order stands behind it."""
        bill = self.document(pk)
        rows = bill.lines.for_company(self.company).order_by("number") if bill.state != bill.State.POSTED else []
        return Response(MatchedOut(matched(self.company, bill, list(rows)), many=True).data)
