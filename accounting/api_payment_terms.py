"""The API of payment terms: list, add, change, delete."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.amounts import amount_text
from accounting.api_query import QueryParameters
from accounting.api_serializers import checked
from accounting.models import PaymentTerms, TermsInstalment
from accounting.payment_terms import (
    LAST_DAY,
    MOST_DAYS,
    MOST_INSTALMENTS,
    MOST_MONTHS,
    add_terms,
    change_terms,
    delete_terms,
)
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class PercentField(AmountField):
    """A percentage as text, without the zeros that its column adds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=9, decimal_places=6, **kwargs)

    def to_representation(self, value: Any) -> str:
        """The percentage as text."""
        return amount_text(value, 0)


class InstalmentOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    percent = PercentField()

    class Meta:
        model = TermsInstalment
        fields = read_only_fields = ["percent", "months", "days", "day_of_month"]


class InstalmentIn(StrictSerializer):
    """One part: so many percent, due so many months and days after the document, or on a day of that month."""

    percent = PercentField(required=False)
    months = serializers.IntegerField(min_value=0, max_value=MOST_MONTHS, required=False)
    days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS, required=False)
    day_of_month = serializers.IntegerField(
        min_value=1, max_value=LAST_DAY, required=False, allow_null=True, help_text="31: on its last day."
    )


class TermsOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    discount_percent = PercentField()
    instalments = InstalmentOut(many=True)

    class Meta:
        model = PaymentTerms
        fields = read_only_fields = [
            "id", "code", "name", "discount_percent", "discount_days", "instalments", "is_active", "version",
        ]  # fmt: skip


class TermsChangeIn(StrictSerializer):
    """When documents are due, and what paying early saves."""

    code = TextField(max_length=40, required=False)
    name = TextField(max_length=200, required=False, help_text="As it stands on documents.")
    discount_percent = PercentField(required=False, help_text="Of the whole amount; 0: none.")
    discount_days = serializers.IntegerField(
        min_value=0, max_value=MOST_DAYS, required=False, help_text="Counted from the date of the document."
    )
    instalments: Any = serializers.ListSerializer(
        child=InstalmentIn(), required=False, min_length=1, max_length=MOST_INSTALMENTS,
        help_text="100 percent together. They replace all that are there.",
    )  # fmt: skip
    is_active = serializers.BooleanField(required=False)


class TermsIn(TermsChangeIn):
    """New payment terms."""

    code = TextField(max_length=40)
    name = TextField(max_length=200, help_text="As it stands on documents.")
    instalments: Any = serializers.ListSerializer(
        child=InstalmentIn(), min_length=1, max_length=MOST_INSTALMENTS, help_text="100 percent together."
    )


class TermsParameters(QueryParameters):
    """How payment terms may be narrowed and ordered."""

    is_active = serializers.BooleanField(required=False)
    search = serializers.CharField(max_length=200, required=False, help_text="Part of the code or the name.")
    ordering = serializers.ChoiceField(choices=["code", "-code", "name", "-name"], required=False)


class TermsAPIView(CompanyAPIView):
    """A view about payment terms."""

    serializer_class: Any = TermsOut
    queryset = PaymentTerms.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS

    def terms(self) -> Any:
        """The company's, with their instalments."""
        return PaymentTerms.objects.for_company(self.company).prefetch_related("instalments")

    def answer(self, pk: UUID, **kwargs: Any) -> Response:
        """The payment terms as they are now, with their ETag."""
        found = self.row(self.terms(), pk=pk)
        return Response(self.get_serializer(found).data, headers={"ETag": etag_of(found)}, **kwargs)


class TermsListView(TermsAPIView):
    """When documents are due."""

    @extend_schema(
        operation_id="payment_terms_list", summary="List the payment terms", parameters=[TermsParameters],
        responses=TermsOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """By code, those out of use included."""
        asked = TermsParameters.of(request)
        self.ordering = (asked.pop("ordering", "code"), "id")
        text = asked.pop("search", "")
        rows = self.terms().filter(**asked)
        return self.page(rows.filter(Q(code__icontains=text) | Q(name__icontains=text)) if text else rows)

    @extend_schema(
        operation_id="payment_terms_add", summary="Add payment terms", request=TermsIn, responses={201: TermsOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Due in one part or in several."""
        made = add_terms(**checked(TermsIn, request.data))
        answer = self.answer(made.pk, status=status.HTTP_201_CREATED)
        answer["Location"] = f"{request.path}{made.pk}/"
        return answer


class TermsView(TermsAPIView):
    """The payment terms of one code."""

    @extend_schema(operation_id="payment_terms_retrieve", summary="Show payment terms")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With their instalments."""
        return self.answer(pk)

    @extend_schema(
        operation_id="payment_terms_change", summary="Change payment terms", parameters=[IF_MATCH],
        request=TermsChangeIn, responses=TermsOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """`If-Match` carries the ETag that was read; `instalments` replace all of them. What is due already stays."""
        terms = self.row(PaymentTerms.objects.for_company(self.company), pk=pk)
        values = checked(TermsChangeIn, request.data)
        check_if_match(request, terms)
        change_terms(terms, version=terms.version, **values)
        return self.answer(pk)

    @extend_schema(
        operation_id="payment_terms_delete", summary="Delete payment terms that nothing points at",
        parameters=[MAY_MATCH], request=None, responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """Those that contacts or documents name are taken out of use instead (`is_active`)."""
        terms = self.row(PaymentTerms.objects.for_company(self.company), pk=pk)
        if request.headers.get("If-Match"):
            check_if_match(request, terms)
        delete_terms(terms)
        return Response(status=status.HTTP_204_NO_CONTENT)
