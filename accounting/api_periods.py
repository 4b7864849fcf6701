"""The API of fiscal years, periods and lock dates."""

import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.api_query import IsoDate, QueryParameters
from accounting.api_serializers import checked
from accounting.fiscal_years import open_fiscal_year
from accounting.models import FiscalYear, LockDate, Period
from accounting.periods import close_period, hold_calendar, reopen_period, set_lock_date
from tenants.api_description import MAY_MATCH
from tenants.api_fields import SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission

LAST_DAY = datetime.date(9000, 12, 31)


class FiscalYearOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = FiscalYear
        fields = read_only_fields = ["id", "name", "start", "end"]


class FiscalYearIn(StrictSerializer):
    """Any day of the year to open."""

    date = IsoDate()

    def validate_date(self, date: datetime.date) -> datetime.date:
        """A year that calendars can hold."""
        if date > LAST_DAY:
            raise serializers.ValidationError(_("That is too far away."), code="bad_date")
        return date


class PeriodOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    fiscal_year = serializers.SerializerMethodField(help_text="Its name.")

    class Meta:
        model = Period
        fields = read_only_fields = ["id", "fiscal_year", "number", "start", "end", "status", "version"]

    def get_fiscal_year(self, period: Period) -> str:
        """The name of the year."""
        return str(period.fiscal_year.name)


class PeriodParameters(QueryParameters):
    """How the periods may be narrowed."""

    status = serializers.ChoiceField(choices=Period.Status.choices, required=False)
    fiscal_year = serializers.CharField(max_length=20, required=False, source="fiscal_year__name")


class CloseIn(StrictSerializer):
    """For everybody, or softly: then only who may, with a reason, posts into it."""

    soft = serializers.BooleanField(required=False, default=False)


class ReopenIn(StrictSerializer):
    """Why; it stays in the audit trail."""

    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class LockDateOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = LockDate
        fields = read_only_fields = ["kind", "until", "version"]


class LockDateIn(StrictSerializer):
    """Lock up to and including a day; null lifts the lock. Moving it back needs a reason."""

    kind = serializers.ChoiceField(choices=LockDate.Kind.choices, default=LockDate.Kind.ALL)
    until = IsoDate(allow_null=True)
    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class LockDatesOut(serializers.Serializer):  # type: ignore[type-arg]
    """Every lock that is set."""

    results = LockDateOut(many=True)


class FiscalYearListView(CompanyAPIView):
    """The fiscal years of a company."""

    serializer_class = FiscalYearOut
    queryset = FiscalYear.objects.none()
    write_permission = Permission.MANAGE_PERIODS
    ordering = ("start", "id")

    @extend_schema(
        operation_id="fiscal_years_list", summary="List the fiscal years", responses=FiscalYearOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """The years, the first one first."""
        return self.page(FiscalYear.objects.for_company(self.company))

    @extend_schema(
        operation_id="fiscal_years_open", summary="Open a fiscal year", request=FiscalYearIn,
        responses={200: FiscalYearOut, 201: FiscalYearOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """The year that holds the day, with its monthly periods; one that is there already stays as it is."""
        date = checked(FiscalYearIn, request.data)["date"]
        rows = FiscalYear.objects.for_company(self.company)
        known = rows.filter(start__lte=date, end__gte=date).exists()
        code = status.HTTP_200_OK if known else status.HTTP_201_CREATED
        return Response(self.get_serializer(open_fiscal_year(date)).data, status=code)


class PeriodAPIView(CompanyAPIView):
    """A view about periods."""

    serializer_class: Any = PeriodOut
    queryset = Period.objects.none()
    write_permission: Permission | None = Permission.MANAGE_PERIODS
    ordering = ("start", "id")

    def period(self, pk: Any) -> Period:
        """The company's period with this id; locked where `If-Match` names the state it was read in."""
        rows = Period.objects.for_company(self.company).select_related("fiscal_year")
        if not self.request.headers.get("If-Match"):
            unlocked: Period = self.row(rows, pk=pk)
            return unlocked
        hold_calendar()
        found: Period = self.row(rows.select_for_update(of=("self",), no_key=True), pk=pk)
        check_if_match(self.request, found)
        return found

    def answer(self, period: Period) -> Response:
        """The period as it is now."""
        return Response(self.get_serializer(period).data, headers={"ETag": etag_of(period)})


class PeriodListView(PeriodAPIView):
    """The periods of a company."""

    write_permission = None

    @extend_schema(
        operation_id="periods_list", summary="List the periods", parameters=[PeriodParameters],
        responses=PeriodOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """Every month of every year: open, soft-closed or closed."""
        rows = Period.objects.for_company(self.company).select_related("fiscal_year")
        return self.page(rows.filter(**PeriodParameters.of(request)))


class PeriodView(PeriodAPIView):
    """One period."""

    write_permission = None

    @extend_schema(operation_id="periods_retrieve", summary="Show a period")
    def get(self, request: Any, company: str, pk: Any) -> Response:
        """The period, with its ETag."""
        return self.answer(self.row(Period.objects.for_company(self.company).select_related("fiscal_year"), pk=pk))


class PeriodCloseView(PeriodAPIView):
    """Close a period."""

    @extend_schema(
        operation_id="periods_close", summary="Close a period", parameters=[MAY_MATCH], request=CloseIn,
        responses=PeriodOut,
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: Any) -> Response:
        """Periods close from the first one on."""
        return self.answer(close_period(self.period(pk), **checked(CloseIn, request.data)))


class PeriodReopenView(PeriodAPIView):
    """Reopen a period."""

    @extend_schema(
        operation_id="periods_reopen", summary="Reopen a period", parameters=[MAY_MATCH], request=ReopenIn,
        responses=PeriodOut,
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: Any) -> Response:
        """Periods reopen from the last one back; the reason stays in the audit trail."""
        return self.answer(reopen_period(self.period(pk), **checked(ReopenIn, request.data)))


class LockDateView(CompanyAPIView):
    """The lock dates of a company."""

    serializer_class = LockDatesOut
    queryset = LockDate.objects.none()
    write_permission = Permission.MANAGE_PERIODS
    pagination_class = None

    @extend_schema(operation_id="lock_dates_list", summary="Show the lock dates", responses=LockDatesOut)
    def get(self, request: Any, company: str) -> Response:
        """Up to which day everything, sales, purchases or tax are locked."""
        return self._answer()

    @extend_schema(
        operation_id="lock_dates_set", summary="Set or lift a lock date", request=LockDateIn, responses=LockDatesOut
    )
    @idempotent
    def put(self, request: Any, company: str) -> Response:
        """Nothing of this kind is posted on or before the day from now on."""
        set_lock_date(**checked(LockDateIn, request.data))
        return self._answer()

    def _answer(self) -> Response:
        rows = LockDate.objects.for_company(self.company).order_by("kind")
        return Response({"results": LockDateOut(rows, many=True).data})
