"""The API of taxes and of the boxes of the return: list, add, change, delete, and a template to start with."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api import account_named
from accounting.api_serializers import checked
from accounting.api_tax_serializers import (
    TaxBoxChangeIn,
    TaxBoxIn,
    TaxBoxOut,
    TaxChangeIn,
    TaxIn,
    TaxOut,
    TaxParameters,
    TaxTemplateIn,
    TaxTemplateOut,
)
from accounting.chart import UnknownAccount
from accounting.models import TaxBox, TaxCode
from accounting.tax_boxes import add_box, change_box, delete_box
from accounting.tax_installation import install_taxes
from accounting.tax_rules import ACCOUNTS
from accounting.taxes import add_tax, change_tax, delete_tax
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class TaxAPIView(CompanyAPIView):
    """A view about taxes."""

    serializer_class: Any = TaxOut
    queryset = TaxCode.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS

    def taxes(self) -> Any:
        """The company's, with what an answer shows of them."""
        rows = TaxCode.objects.for_company(self.company).select_related(*ACCOUNTS)
        return rows.prefetch_related("rates", "members__tax")

    def answer(self, pk: UUID, **kwargs: Any) -> Response:
        """The tax as it is now, with its ETag."""
        tax = self.row(self.taxes(), pk=pk)
        return Response(self.get_serializer(tax).data, headers={"ETag": etag_of(tax)}, **kwargs)


class TaxListView(TaxAPIView):
    """The taxes that lines of documents carry."""

    @extend_schema(
        operation_id="taxes_list", summary="List the taxes", parameters=[TaxParameters], responses=TaxOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """By code, those out of use included."""
        asked = TaxParameters.of(request)
        self.ordering = (asked.pop("ordering", "code"), "id")
        text = asked.pop("search", "")
        rows = self.taxes().filter(**asked)
        return self.page(rows.filter(Q(code__icontains=text) | Q(name__icontains=text)) if text else rows)

    @extend_schema(operation_id="taxes_add", summary="Add a tax", request=TaxIn, responses={201: TaxOut})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """A tax with its rates, or a group of taxes."""
        made = add_tax(**_resolved(checked(TaxIn, request.data)))
        answer = self.answer(made.pk, status=status.HTTP_201_CREATED)
        answer["Location"] = f"{request.path}{made.pk}/"
        return answer


class TaxView(TaxAPIView):
    """One tax."""

    @extend_schema(operation_id="taxes_retrieve", summary="Show a tax")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its rates, or with the taxes of the group."""
        return self.answer(pk)

    @extend_schema(
        operation_id="taxes_change", summary="Change a tax", parameters=[IF_MATCH], request=TaxChangeIn,
        responses=TaxOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """`If-Match` carries the ETag that was read. What is posted keeps the rate that it was posted with."""
        tax = self.row(TaxCode.objects.for_company(self.company), pk=pk)
        values = _resolved(checked(TaxChangeIn, request.data))
        check_if_match(request, tax)
        change_tax(tax, version=tax.version, **values)
        return self.answer(pk)

    @extend_schema(
        operation_id="taxes_delete", summary="Delete a tax that was never used", parameters=[MAY_MATCH], request=None,
        responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """One that something points at is taken out of use instead (`is_active`)."""
        tax = self.row(TaxCode.objects.for_company(self.company), pk=pk)
        if request.headers.get("If-Match"):
            check_if_match(request, tax)
        delete_tax(tax)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TaxInstallView(TaxAPIView):
    """A template to start with."""

    serializer_class = TaxTemplateOut

    @extend_schema(
        operation_id="taxes_install", summary="Install a template of taxes", request=TaxTemplateIn,
        responses={201: TaxTemplateOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Taxes, boxes of the return and fiscal positions of a country, where there are none yet."""
        made = install_taxes(checked(TaxTemplateIn, request.data)["template"])
        counts = {"taxes": len(made.taxes), "boxes": len(made.boxes), "fiscal_positions": len(made.positions)}
        return Response(TaxTemplateOut(counts).data, status=status.HTTP_201_CREATED)


class TaxBoxAPIView(CompanyAPIView):
    """A view about boxes of the return."""

    serializer_class = TaxBoxOut
    queryset = TaxBox.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS
    ordering = ("number", "id")

    def answer(self, box: TaxBox, **kwargs: Any) -> Response:
        """The box as it is now, with its ETag."""
        return Response(self.get_serializer(box).data, headers={"ETag": etag_of(box)}, **kwargs)


class TaxBoxListView(TaxBoxAPIView):
    """The boxes of the tax return."""

    @extend_schema(
        operation_id="tax_boxes_list", summary="List the boxes of the tax return", responses=TaxBoxOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """In the order of the return."""
        return self.page(TaxBox.objects.for_company(self.company))

    @extend_schema(operation_id="tax_boxes_add", summary="Add a box", request=TaxBoxIn, responses={201: TaxBoxOut})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Filled by the taxes that name it, or reckoned from other boxes."""
        made = add_box(**checked(TaxBoxIn, request.data))
        answer = self.answer(made, status=status.HTTP_201_CREATED)
        answer["Location"] = f"{request.path}{made.pk}/"
        return answer


class TaxBoxView(TaxBoxAPIView):
    """One box."""

    @extend_schema(operation_id="tax_boxes_retrieve", summary="Show a box")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The box."""
        return self.answer(self.row(TaxBox.objects.for_company(self.company), pk=pk))

    @extend_schema(
        operation_id="tax_boxes_change", summary="Change a box", parameters=[IF_MATCH], request=TaxBoxChangeIn,
        responses=TaxBoxOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """`If-Match` carries the ETag that was read."""
        box = self.row(TaxBox.objects.for_company(self.company), pk=pk)
        values = checked(TaxBoxChangeIn, request.data)
        check_if_match(request, box)
        return self.answer(change_box(box, seen=etag_of(box), **values))

    @extend_schema(
        operation_id="tax_boxes_delete", summary="Delete a box", parameters=[MAY_MATCH], request=None,
        responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """Only one that no tax and no formula names."""
        box = self.row(TaxBox.objects.for_company(self.company), pk=pk)
        if request.headers.get("If-Match"):
            check_if_match(request, box)
        delete_box(box)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _resolved(values: dict[str, Any]) -> dict[str, Any]:
    """The accounts looked up, the rates as pairs."""
    for name in ACCOUNTS:
        if (named := values.get(name)) is not None:
            values[name] = account_named(named)
            if values[name] is None:
                raise UnknownAccount(f"There is no account “{named}”.", place=name)
    if "rates" in values:
        values["rates"] = [(rate["start"], rate["percent"]) for rate in values["rates"]]
    return values
