"""The API of currencies, units and exchange rates."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.amounts import rate_text
from accounting.api_query import DateRangeParameters, IsoDate
from accounting.api_serializers import checked
from accounting.chart import chart_of
from accounting.models import ExchangeRate, Unit
from accounting.rates import set_rate
from accounting.units import UnknownCurrency, define_unit, use_currency
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.idempotency import idempotent
from tenants.permissions import Permission
from tenants.refusal import Conflict


class UnitTaken(Conflict):
    """The code stands for another unit already."""

    code = "already_exists"


class UnitOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Unit
        fields = read_only_fields = ["id", "code", "name", "kind", "decimals"]


class UnitIn(StrictSerializer):
    """A currency by its ISO code, or a commodity or statistical unit of the company's own."""

    code = serializers.RegexField(r"^[A-Z][A-Z0-9'._-]*\Z", max_length=24)
    kind = serializers.ChoiceField(choices=Unit.Kind.choices, default=Unit.Kind.CURRENCY)
    name = TextField(max_length=100, required=False)
    decimals = serializers.IntegerField(min_value=0, max_value=12, required=False)


class RateOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    rate = serializers.SerializerMethodField(help_text="Base currency for one unit.")

    class Meta:
        model = ExchangeRate
        fields = read_only_fields = ["id", "currency", "date", "rate", "source"]

    def get_rate(self, row: ExchangeRate) -> str:
        """The rate as text."""
        return rate_text(row.rate) or ""


class RateIn(StrictSerializer):
    """The rate of a day; the latest word for that day counts."""

    currency = TextField(max_length=24)
    date = IsoDate()
    rate = AmountField(max_digits=24, decimal_places=12)
    source = TextField(max_length=100, default="API", help_text="Who says so.")


class RateParameters(DateRangeParameters):
    """How the rates may be narrowed."""

    currency = serializers.CharField(max_length=24, required=False)


class UnitListView(CompanyAPIView):
    """What lines may be counted in."""

    serializer_class = UnitOut
    queryset = Unit.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS
    ordering = ("code", "id")

    @extend_schema(operation_id="units_list", summary="List the currencies and units", responses=UnitOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """Currencies in use, commodities and statistical units."""
        return self.page(Unit.objects.for_company(self.company))

    @extend_schema(
        operation_id="units_use", summary="Take a currency or unit into use", request=UnitIn,
        responses={200: UnitOut, 201: UnitOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Taking the same unit into use twice changes nothing."""
        values = checked(UnitIn, request.data)
        known = values["code"] in chart_of(self.company).units
        currency = values["kind"] == Unit.Kind.CURRENCY
        unit = use_currency(values["code"]) if currency else define_unit(**values)
        if any(getattr(unit, name) != value for name, value in values.items()):
            raise UnitTaken(_("“%s” is another unit, or has other decimals.") % unit.code, place="code")
        code = status.HTTP_200_OK if known else status.HTTP_201_CREATED
        return Response(self.get_serializer(unit).data, status=code)


class RateListView(CompanyAPIView):
    """What currencies are worth."""

    serializer_class = RateOut
    queryset = ExchangeRate.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS
    ordering = ("-date", "currency")

    @extend_schema(
        operation_id="rates_list", summary="List the exchange rates", parameters=[RateParameters],
        responses=RateOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """The rates with date and source, newest first."""
        asked = RateParameters.of(request)
        names = {"start": "date__gte", "date": "date__lte", "currency": "currency"}
        wanted = {names[name]: value for name, value in asked.items()}
        return self.page(ExchangeRate.objects.for_company(self.company).filter(**wanted))

    @extend_schema(operation_id="rates_note", summary="Note an exchange rate", request=RateIn, responses={201: RateOut})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """The rate of a currency in use on a day, and where it comes from."""
        values = checked(RateIn, request.data)
        unit = chart_of(self.company).units.get(values["currency"])
        if unit is None or unit.kind == Unit.Kind.STATISTICAL or unit.code == self.company.base_currency:
            raise UnknownCurrency(_("“%s” is no foreign currency in use.") % values["currency"], place="currency")
        rate: Decimal = values.pop("rate")
        noted = set_rate(values["currency"], values["date"], rate, source=values["source"])
        return Response(self.get_serializer(noted).data, status=status.HTTP_201_CREATED)
