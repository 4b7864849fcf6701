"""The API of dimensions and their values."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import (
    DimensionIn,
    DimensionOut,
    DimensionValueChangeIn,
    DimensionValueIn,
    DimensionValueOut,
    checked,
)
from accounting.dimensions import change_dimension_value, open_dimension, open_dimension_value
from accounting.models import Dimension, DimensionValue
from tenants.api_description import IF_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class DimensionAPIView(CompanyAPIView):
    """A view about the dimensions of lines."""

    serializer_class: Any = DimensionOut
    queryset = Dimension.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS
    ordering = ("code", "id")

    def dimension(self, dimension: str) -> Dimension:
        """The company's dimension with this code."""
        found: Dimension = self.row(Dimension.objects.for_company(self.company), code=dimension)
        return found


class DimensionListView(DimensionAPIView):
    """The dimensions of a company."""

    @extend_schema(operation_id="dimensions_list", summary="List the dimensions", responses=DimensionOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """Cost centres, projects, departments: the ways to cut the figures."""
        return self.page(Dimension.objects.for_company(self.company))

    @extend_schema(
        operation_id="dimensions_open", summary="Open a dimension", request=DimensionIn, responses={201: DimensionOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Let lines carry a further dimension."""
        opened = open_dimension(**checked(DimensionIn, request.data))
        return Response(self.get_serializer(opened).data, status=status.HTTP_201_CREATED)


class DimensionValueListView(DimensionAPIView):
    """The values of a dimension."""

    serializer_class = DimensionValueOut
    queryset = DimensionValue.objects.none()

    @extend_schema(
        operation_id="dimension_values_list", summary="List the values of a dimension",
        responses=DimensionValueOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str, dimension: str) -> Response:
        """The values by code, those out of use included."""
        rows = DimensionValue.objects.for_company(self.company)
        return self.page(rows.filter(dimension=self.dimension(dimension)))

    @extend_schema(
        operation_id="dimension_values_open", summary="Add a value to a dimension", request=DimensionValueIn,
        responses={201: DimensionValueOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, dimension: str) -> Response:
        """A further cost centre, project or department."""
        value = open_dimension_value(self.dimension(dimension), **checked(DimensionValueIn, request.data))
        answer = Response(self.get_serializer(value).data, status=status.HTTP_201_CREATED)
        answer["ETag"] = etag_of(value)
        return answer


class DimensionValueView(DimensionAPIView):
    """One value of a dimension."""

    serializer_class = DimensionValueOut
    queryset = DimensionValue.objects.none()

    @extend_schema(operation_id="dimension_values_retrieve", summary="Show a value of a dimension")
    def get(self, request: Any, company: str, dimension: str, value: str) -> Response:
        """The value with this code."""
        found = self.row(self._values(dimension), code=value)
        return Response(self.get_serializer(found).data, headers={"ETag": etag_of(found)})

    @extend_schema(
        operation_id="dimension_values_change", summary="Change a value of a dimension", parameters=[IF_MATCH],
        request=DimensionValueChangeIn, responses=DimensionValueOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, dimension: str, value: str) -> Response:
        """Rename it, or take it out of use; `If-Match` carries the ETag that was read."""
        found = self.row(self._values(dimension).select_for_update(), code=value)
        values = checked(DimensionValueChangeIn, request.data)
        check_if_match(request, found)
        changed = change_dimension_value(found, **values)
        return Response(self.get_serializer(changed).data, headers={"ETag": etag_of(changed)})

    def _values(self, dimension: str) -> Any:
        return DimensionValue.objects.for_company(self.company).filter(dimension=self.dimension(dimension))
