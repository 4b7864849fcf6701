"""The API of schedules of reports, and of the layouts of statements."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.api_serializers import checked
from reports.catalogue import CATALOGUE
from reports.layout_versions import make_usual, retire_layout, save_layout
from reports.models import ReportSchedule, StatementLayout
from reports.report_files import FORMATS
from reports.report_schedules import ScheduleContent, add_schedule, change_schedule, remove_schedule, schedule_named
from tenants.api_description import IF_MATCH
from tenants.api_fields import SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class ReportScheduleIn(StrictSerializer):
    name = TextField(max_length=100)
    report = serializers.ChoiceField(choices=list(CATALOGUE))
    cadence = serializers.ChoiceField(choices=ReportSchedule.Cadence.choices)
    span = serializers.ChoiceField(choices=ReportSchedule.Span.choices)
    next_date = serializers.DateField(help_text="The first day on which it is made.")
    asked = serializers.DictField(child=TextField(max_length=4000), required=False, help_text="Besides the days.")
    forms = serializers.ListField(child=serializers.ChoiceField(choices=list(FORMATS)), required=False)
    recipients = serializers.ListField(child=serializers.CharField(max_length=254), required=False)
    is_active = serializers.BooleanField(required=False)


class ReportScheduleOut(SparseFields, serializers.ModelSerializer[ReportSchedule]):
    asked = serializers.DictField(read_only=True)

    class Meta:
        model = ReportSchedule
        fields = read_only_fields = [
            "id", "name", "report", "asked", "cadence", "span", "forms", "recipients", "next_date", "is_active",
            "kept_by", "version",
        ]  # fmt: skip


class ReportScheduleAPIView(CompanyAPIView):
    """A view about schedules."""

    serializer_class: Any = ReportScheduleOut
    queryset = ReportSchedule.objects.none()
    write_permission = Permission.MANAGE_COMPANY
    ordering = ("name", "id")

    def answered(self, schedule: ReportSchedule, code: int = status.HTTP_200_OK) -> Response:
        """One schedule, with its tag."""
        return Response(ReportScheduleOut(schedule).data, status=code, headers={"ETag": etag_of(schedule)})


class ReportScheduleListView(ReportScheduleAPIView):
    """Schedules of reports."""

    @extend_schema(operation_id="report_schedules_list", summary="List schedules of reports",
                   responses=ReportScheduleOut(many=True))  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """By name, those that rest included."""
        answer: Response = self.page(ReportSchedule.objects.for_company(self.company))
        return answer

    @extend_schema(operation_id="report_schedules_create", summary="Schedule a report", request=ReportScheduleIn,
                   responses={201: ReportScheduleOut})  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Made by itself from its first day on, each day once."""
        made = add_schedule(ScheduleContent(**checked(ReportScheduleIn, request.data)))
        return self.answered(made, status.HTTP_201_CREATED)


class ReportScheduleView(ReportScheduleAPIView):
    """One schedule of a report."""

    @extend_schema(operation_id="report_schedules_retrieve", summary="Show a schedule")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """What is made when, for whom."""
        return self.answered(schedule_named(pk))

    @extend_schema(operation_id="report_schedules_change", summary="Change a schedule", parameters=[IF_MATCH],
                   request=ReportScheduleIn, responses=ReportScheduleOut)  # fmt: skip
    @idempotent
    def put(self, request: Any, company: str, pk: UUID) -> Response:
        """The schedule as a whole; what it made stays."""
        check_if_match(request, schedule_named(pk, held=True))
        return self.answered(change_schedule(pk, ScheduleContent(**checked(ReportScheduleIn, request.data))))

    @extend_schema(operation_id="report_schedules_remove", summary="Remove a schedule", parameters=[IF_MATCH],
                   responses={204: None})  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """One that has made reports is left to rest."""
        check_if_match(request, schedule_named(pk, held=True))
        remove_schedule(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class StatementLayoutIn(StrictSerializer):
    statement = serializers.ChoiceField(choices=StatementLayout.Statement.choices)
    name = TextField(max_length=60)
    rows = serializers.ListField(child=serializers.DictField(child=serializers.JSONField()), help_text=(
        "`key`, `label` and either `formula` (“revenue - costs”, with `standing` total for a total) or accounts by "
        "`types`, `subtypes`, `codes`, `tags` and a `side`; `as_one` without their own lines; or a `heading` alone."
    ))  # fmt: skip
    equal = serializers.ListField(child=TextField(max_length=60), required=False, help_text="Keys of equal rows.")
    seen = serializers.IntegerField(required=False, min_value=0, help_text="The version that it was made from.")
    is_usual = serializers.BooleanField(required=False, default=False)


class StatementLayoutOut(SparseFields, serializers.ModelSerializer[StatementLayout]):
    rows = serializers.SerializerMethodField()
    equal = serializers.SerializerMethodField(help_text="Keys of rows that have to be equal.")

    class Meta:
        model = StatementLayout
        fields = read_only_fields = [
            "id", "statement", "name", "number", "rows", "equal", "is_usual", "is_retired", "saved_by", "saved_at",
        ]  # fmt: skip

    @extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
    def get_rows(self, layout: StatementLayout) -> Any:
        """As they were saved."""
        return layout.data["rows"]

    def get_equal(self, layout: StatementLayout) -> list[str]:
        """As they were saved."""
        return list(layout.data.get("equal", ()))


class LayoutChoiceIn(StrictSerializer):
    statement = serializers.ChoiceField(choices=StatementLayout.Statement.choices)
    name = TextField(max_length=60, allow_blank=True, help_text="Blank: as shipped.")


class StatementLayoutListView(CompanyAPIView):
    """Layouts of statements."""

    serializer_class: Any = StatementLayoutOut
    queryset = StatementLayout.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS
    ordering = ("statement", "name", "number", "id")

    @extend_schema(operation_id="statement_layouts_list", summary="List layouts of statements",
                   responses=StatementLayoutOut(many=True))  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """Every version of the company's own."""
        answer: Response = self.page(StatementLayout.objects.for_company(self.company))
        return answer

    @extend_schema(operation_id="statement_layouts_save", summary="Save a layout", request=StatementLayoutIn,
                   responses={201: StatementLayoutOut})  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """As the next version of its name."""
        said = checked(StatementLayoutIn, request.data)
        data = {"rows": said["rows"], "equal": said.get("equal", [])}
        made = save_layout(said["statement"], said["name"], data, seen=said.get("seen"), is_usual=said["is_usual"])
        return Response(StatementLayoutOut(made).data, status=status.HTTP_201_CREATED)


class LayoutChoiceView(CompanyAPIView):
    """A view that takes a layout by its name."""

    serializer_class: Any = LayoutChoiceIn
    queryset = StatementLayout.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS

    def done(self, request: Any, act: Callable[[str, str], object]) -> Response:
        """The act done with the layout that is named."""
        said = checked(LayoutChoiceIn, request.data)
        act(said["statement"], said["name"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class StatementLayoutUsualView(LayoutChoiceView):
    """The usual layout."""

    @extend_schema(operation_id="statement_layouts_make_usual", summary="Make a layout the usual one",
                   request=LayoutChoiceIn, responses={204: None})  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Taken where a report names none."""
        return self.done(request, make_usual)


class StatementLayoutRetireView(LayoutChoiceView):
    """A layout that is no longer used."""

    @extend_schema(operation_id="statement_layouts_retire", summary="Retire a layout", request=LayoutChoiceIn,
                   responses={204: None})  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Offered no longer; reports that were made with it keep it."""
        return self.done(request, retire_layout)
