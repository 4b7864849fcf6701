"""The API of reports: each under its name, as JSON, CSV, XLSX or PDF."""

from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounting.api_files import FileNegotiation
from ledger.api_query import KnowledgeParameters, day_asked
from ledger.models import Entry
from reports.catalogue import CATALOGUE, ReportKind
from reports.periods import MONTHS
from reports.report_files import FORMATS, report_response
from reports.table import Asked
from tenants.api_view import CompanyAPIView


class ReportParameters(KnowledgeParameters):
    """Which days, known when, and as what."""

    format = serializers.ChoiceField(choices=sorted(FORMATS), required=False, default="json")
    by = serializers.ChoiceField(
        choices=list(MONTHS), required=False, help_text="Columns by month, quarter or year, where the report has them."
    )
    compare = serializers.BooleanField(
        required=False, default=False, help_text="The year before beside it, where the report has it."
    )


class ReportColumnOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    label: Any = serializers.CharField()
    kind = serializers.ChoiceField(choices=["text", "date", "amount", "count"])


class ReportRowOut(serializers.Serializer[Any]):
    standing = serializers.ChoiceField(choices=["heading", "line", "subtotal", "total"])
    level = serializers.IntegerField()
    cells = serializers.DictField(
        child=serializers.JSONField(), help_text="By key of the column; amounts are exact text, empty cells null."
    )


class ReportOut(serializers.Serializer[Any]):
    """A report: its columns, and its rows in their order."""

    report = serializers.CharField()
    title = serializers.CharField()
    company = serializers.CharField()
    currency = serializers.CharField()
    asked = serializers.DictField(child=serializers.JSONField(), help_text="`from`, `date` and `known_at`.")
    columns = ReportColumnOut(many=True)
    rows = ReportRowOut(many=True)
    problems = serializers.ListField(child=serializers.CharField(), help_text="What a reader has to know first.")


class ReportView(CompanyAPIView):
    """A report of the catalogue."""

    serializer_class = ReportOut
    queryset = Entry.objects.none()
    pagination_class: Any = None
    content_negotiation_class = FileNegotiation
    kind: ClassVar[ReportKind]

    def get(self, request: Any, company: str) -> HttpResponseBase:
        """At the end of a day, or over the days from `from`; JSON, CSV, XLSX or PDF."""
        asked = ReportParameters.of(request)
        wanted = Asked(
            day_asked(self.company, asked), asked.get("start"), asked.get("known_at"), asked.get("by", ""),
            asked["compare"],
        )  # fmt: skip
        return report_response(self.kind.make(self.company, wanted), asked["format"])


def view_of(kind: ReportKind) -> Any:
    """The view of one report, described by its own name."""
    name = "".join(word.title() for word in kind.name.split("-"))
    own = type(f"{name}ReportView", (ReportView,), {"kind": kind, "__doc__": str(kind.about)})
    described = extend_schema(
        operation_id=f"{kind.name.replace('-', '_')}_report", summary=str(kind.title), parameters=[ReportParameters],
        responses={(200, "application/json"): ReportOut, (200, "text/csv"): OpenApiTypes.STR,
                   (200, FORMATS["xlsx"].content_type): OpenApiTypes.BINARY,
                   (200, "application/pdf"): OpenApiTypes.BINARY},
    )  # fmt: skip
    return extend_schema_view(get=described)(own)


VIEWS = {name: view_of(kind) for name, kind in CATALOGUE.items()}
