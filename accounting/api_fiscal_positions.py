"""The API of fiscal positions: list, add, change, delete."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api import account_named
from accounting.api_serializers import checked
from accounting.api_tax_serializers import (
    FiscalPositionChangeIn,
    FiscalPositionIn,
    FiscalPositionOut,
    FiscalPositionParameters,
)
from accounting.chart import UnknownAccount
from accounting.fiscal_positions import add_position, change_position, delete_position
from accounting.models import FiscalPosition
from accounting.named_rows import tax_named
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class FiscalPositionAPIView(CompanyAPIView):
    """A view about fiscal positions."""

    serializer_class: Any = FiscalPositionOut
    queryset = FiscalPosition.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS

    def positions(self) -> Any:
        """The company's, with what an answer shows of them."""
        rows = FiscalPosition.objects.for_company(self.company)
        return rows.prefetch_related("taxes__source", "taxes__target", "accounts__source", "accounts__target")

    def answer(self, pk: UUID, **kwargs: Any) -> Response:
        """The fiscal position as it is now, with its ETag."""
        position = self.row(self.positions(), pk=pk)
        return Response(self.get_serializer(position).data, headers={"ETag": etag_of(position)}, **kwargs)


class FiscalPositionListView(FiscalPositionAPIView):
    """Whose documents carry other taxes."""

    @extend_schema(
        operation_id="fiscal_positions_list", summary="List the fiscal positions",
        parameters=[FiscalPositionParameters], responses=FiscalPositionOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """In the order in which they are asked, those out of use included."""
        asked = FiscalPositionParameters.of(request)
        self.ordering = (asked.pop("ordering", "number"), "id")
        text = asked.pop("search", "")
        rows = self.positions().filter(**asked)
        return self.page(rows.filter(name__icontains=text) if text else rows)

    @extend_schema(
        operation_id="fiscal_positions_add", summary="Add a fiscal position", request=FiscalPositionIn,
        responses={201: FiscalPositionOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """With the taxes and accounts that stand for others."""
        made = add_position(**_resolved(checked(FiscalPositionIn, request.data)))
        answer = self.answer(made.pk, status=status.HTTP_201_CREATED)
        answer["Location"] = f"{request.path}{made.pk}/"
        return answer


class FiscalPositionView(FiscalPositionAPIView):
    """One fiscal position."""

    @extend_schema(operation_id="fiscal_positions_retrieve", summary="Show a fiscal position")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With what it replaces."""
        return self.answer(pk)

    @extend_schema(
        operation_id="fiscal_positions_change", summary="Change a fiscal position", parameters=[IF_MATCH],
        request=FiscalPositionChangeIn, responses=FiscalPositionOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """`If-Match` carries the ETag that was read. What is written keeps what it carries."""
        position = self.row(FiscalPosition.objects.for_company(self.company), pk=pk)
        values = _resolved(checked(FiscalPositionChangeIn, request.data))
        check_if_match(request, position)
        change_position(position, version=position.version, **values)
        return self.answer(pk)

    @extend_schema(
        operation_id="fiscal_positions_delete", summary="Delete a fiscal position that nothing points at",
        parameters=[MAY_MATCH], request=None, responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """One that contacts or documents name is taken out of use instead (`is_active`)."""
        position = self.row(FiscalPosition.objects.for_company(self.company), pk=pk)
        if request.headers.get("If-Match"):
            check_if_match(request, position)
        delete_position(position)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _resolved(values: dict[str, Any]) -> dict[str, Any]:
    """Taxes and accounts looked up, as pairs."""
    if "taxes" in values:
        values["taxes"] = [
            (
                tax_named(row["replaced"], f"taxes[{number}].replaced"),
                None if row["by"] is None else tax_named(row["by"], f"taxes[{number}].by"),
            )
            for number, row in enumerate(values["taxes"])
        ]
    if "accounts" in values:
        values["accounts"] = [
            tuple(_account(row[name], f"accounts[{number}].{name}") for name in ("replaced", "by"))
            for number, row in enumerate(values["accounts"])
        ]
    return values


def _account(named: str, place: str) -> Any:
    found = account_named(named)
    if found is None:
        raise UnknownAccount(f"There is no account “{named}”.", place=place)
    return found
