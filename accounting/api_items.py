"""The API of items: list, add, change, delete."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.amounts import amount_text
from accounting.api_query import QueryParameters
from accounting.api_references import CODE_OR_ID, CodeField, resolve_accounts, resolve_taxes
from accounting.api_serializers import checked
from accounting.item_listing import POINTERS, matching
from accounting.items import PRICE_DECIMALS, add_item, change_item, delete_item
from accounting.models import Item
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class PriceField(AmountField):
    """A price of one unit as text, without the zeros that its column adds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=30, decimal_places=PRICE_DECIMALS, **kwargs)

    def to_representation(self, value: Any) -> str:
        """The price as text."""
        return amount_text(value, 0)


class TradedItemOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    sale_price = PriceField(allow_null=True)
    purchase_price = PriceField(allow_null=True)
    income_account = CodeField(help_text="Code.")
    expense_account = CodeField(help_text="Code.")
    sales_tax = CodeField(help_text="Code.")
    purchase_tax = CodeField(help_text="Code.")

    class Meta:
        model = Item
        fields = read_only_fields = [
            "id", "code", "name", "description", "unit", "sale_price", "purchase_price", "currency", "income_account",
            "expense_account", "sales_tax", "purchase_tax", "is_active", "version",
        ]  # fmt: skip


class TradedItemChangeIn(StrictSerializer):
    """What a line of a document starts from."""

    code = TextField(max_length=60, required=False)
    name = TextField(max_length=200, required=False)
    description = TextField(max_length=10_000, required=False, allow_blank=True, help_text="As it stands on documents.")
    unit = TextField(max_length=3, required=False, allow_blank=True, help_text="UN/ECE rec. 20: C62, HUR, DAY.")
    sale_price = PriceField(required=False, allow_null=True)
    purchase_price = PriceField(required=False, allow_null=True)
    currency = TextField(
        max_length=24, required=False, allow_blank=True, help_text="Of the prices; empty: the base currency."
    )
    income_account = TextField(max_length=120, required=False, allow_null=True, help_text=CODE_OR_ID)
    expense_account = TextField(max_length=120, required=False, allow_null=True, help_text=CODE_OR_ID)
    sales_tax = TextField(max_length=40, required=False, allow_null=True, help_text=CODE_OR_ID)
    purchase_tax = TextField(max_length=40, required=False, allow_null=True, help_text=CODE_OR_ID)
    is_active = serializers.BooleanField(required=False)


class TradedItemIn(TradedItemChangeIn):
    """A new good or service."""

    code = TextField(max_length=60)
    name = TextField(max_length=200)


class ItemParameters(QueryParameters):
    """How items may be narrowed and ordered."""

    is_active = serializers.BooleanField(required=False)
    search = serializers.CharField(
        max_length=200, required=False, help_text="Part of the code, the name or the description."
    )
    ordering = serializers.ChoiceField(choices=["code", "-code", "name", "-name"], required=False)


class ItemAPIView(CompanyAPIView):
    """A view about items."""

    serializer_class: Any = TradedItemOut
    queryset = Item.objects.none()
    write_permission = Permission.MANAGE_CONTACTS

    def items(self) -> Any:
        """The company's, with what they point at."""
        return Item.objects.for_company(self.company).select_related(*POINTERS)

    def answer(self, pk: UUID, **kwargs: Any) -> Response:
        """The item as it is now, with its ETag."""
        item = self.row(self.items(), pk=pk)
        return Response(self.get_serializer(item).data, headers={"ETag": etag_of(item)}, **kwargs)


class ItemListView(ItemAPIView):
    """Goods and services."""

    @extend_schema(
        operation_id="items_list",
        summary="List the items",
        parameters=[ItemParameters],
        responses=TradedItemOut(many=True),
    )
    def get(self, request: Any, company: str) -> Response:
        """By code, those out of use included."""
        asked = ItemParameters.of(request)
        self.ordering = (asked.pop("ordering", "code"), "id")
        text = asked.pop("search", "")
        return self.page(matching(self.items().filter(**asked), text))

    @extend_schema(
        operation_id="items_add", summary="Add an item", request=TradedItemIn, responses={201: TradedItemOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """A new good or service."""
        made = add_item(**_resolved(checked(TradedItemIn, request.data)))
        answer = self.answer(made.pk, status=status.HTTP_201_CREATED)
        answer["Location"] = f"{request.path}{made.pk}/"
        return answer


class ItemView(ItemAPIView):
    """One item."""

    @extend_schema(operation_id="items_retrieve", summary="Show an item")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its prices, accounts and taxes."""
        return self.answer(pk)

    @extend_schema(
        operation_id="items_change", summary="Change an item", parameters=[IF_MATCH], request=TradedItemChangeIn,
        responses=TradedItemOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """`If-Match` carries the ETag that was read. Documents that are written stay as they are."""
        item = self.row(Item.objects.for_company(self.company), pk=pk)
        values = _resolved(checked(TradedItemChangeIn, request.data))
        check_if_match(request, item)
        change_item(item, version=item.version, **values)
        return self.answer(pk)

    @extend_schema(
        operation_id="items_delete", summary="Delete an item that was never used", parameters=[MAY_MATCH],
        request=None, responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """One that documents name is taken out of use instead (`is_active`)."""
        item = self.row(Item.objects.for_company(self.company), pk=pk)
        if request.headers.get("If-Match"):
            check_if_match(request, item)
        delete_item(item)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _resolved(values: dict[str, Any]) -> dict[str, Any]:
    resolve_accounts(values)
    resolve_taxes(values)
    return values
