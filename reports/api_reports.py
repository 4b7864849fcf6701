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
from reports.entry_conditions import CONDITIONS
from reports.periods import MONTHS
from reports.report_files import FORMATS, report_response
from reports.table import Asked
from reports.table import Kind as Cells
from tenants.api_view import CompanyAPIView


class ReportParameters(KnowledgeParameters):
    """Which days, known when, and as what."""

    format = serializers.ChoiceField(choices=sorted(FORMATS), required=False, default="json")
    by = serializers.ChoiceField(choices=list(MONTHS), required=False, help_text="Columns by month, quarter or year.")
    compare = serializers.ChoiceField(
        choices=["year", "period"], required=False, help_text="The year or the period before beside it."
    )
    across = serializers.CharField(max_length=60, required=False, help_text="A dimension: a column for each value.")
    basis = serializers.ChoiceField(choices=["accrual", "cash"], required=False)
    method = serializers.ChoiceField(choices=["indirect", "direct"], required=False, help_text="Of the cash flow.")
    layout = serializers.CharField(max_length=100, required=False, help_text="The name of a layout of statements.")
    accounts = serializers.CharField(max_length=4000, required=False, help_text="Codes and ranges: 4000-4999, 6100.")
    contact = serializers.CharField(max_length=60, required=False, help_text="The number of a customer or supplier.")
    box = serializers.CharField(max_length=20, required=False, help_text="A box of the tax return.")
    budget = serializers.CharField(max_length=100, required=False, help_text="The name of a budget that is active.")
    only = serializers.ChoiceField(choices=list(CONDITIONS), required=False, help_text="Entries that auditors ask for.")
    value = serializers.CharField(
        max_length=80, required=False, help_text="Lines with a value of a dimension (project:ALPHA) or none (project:)."
    )

    # What the report heeds, in the words of `Asked`; what it does not is no parameter of its address.
    heeds: ClassVar[frozenset[str]] = frozenset()

    def get_fields(self) -> Any:
        """The days and the format, and what the report heeds."""
        names = {"start": "from"}
        kept = {"date", "format", *(names.get(one, one) for one in self.heeds)}
        return {name: field for name, field in super().get_fields().items() if name in kept}


class ReportColumnOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    label: Any = serializers.CharField()
    over = serializers.CharField(help_text="What stands over this column and its neighbours.")
    kind = serializers.ChoiceField(choices=[one.value for one in Cells])


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
    asked = serializers.DictField(
        child=serializers.JSONField(), help_text="The days, the knowledge, and what else was asked."
    )
    columns = ReportColumnOut(many=True)
    rows = ReportRowOut(many=True)
    problems = serializers.ListField(child=serializers.CharField(), help_text="What a reader has to know first.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What helps to read it.")


class ReportView(CompanyAPIView):
    """A report of the catalogue."""

    serializer_class = ReportOut
    queryset = Entry.objects.none()
    pagination_class: Any = None
    content_negotiation_class = FileNegotiation
    kind: ClassVar[ReportKind]
    parameters: ClassVar[type[ReportParameters]]

    def get(self, request: Any, company: str) -> HttpResponseBase:
        """At the end of a day, or over the days from `from`; JSON, CSV, XLSX or PDF."""
        asked = self.parameters.of(request)
        texts = {name: asked[name] for name in self.kind.heeds - {"start", "known_at"} if asked.get(name)}
        if texts.get("basis") == "accrual":
            del texts["basis"]
        start = asked.get("start") if "start" in self.kind.heeds else None
        wanted = Asked(day_asked(self.company, asked), start, asked.get("known_at"), **texts)
        return report_response(self.kind.make(self.company, wanted), asked["format"])


def view_of(kind: ReportKind) -> Any:
    """The view of one report, described by its own name."""
    name = "".join(word.title() for word in kind.name.split("-"))
    heeded = type(f"{name}Parameters", (ReportParameters,), {"heeds": kind.heeds, "__doc__": ReportParameters.__doc__})
    own = type(f"{name}ReportView", (ReportView,), {"kind": kind, "parameters": heeded, "__doc__": str(kind.about)})
    described = extend_schema(
        operation_id=f"{kind.name.replace('-', '_')}_report", summary=str(kind.title), parameters=[heeded],
        responses={(200, "application/json"): ReportOut, (200, "text/csv"): OpenApiTypes.STR,
                   (200, FORMATS["xlsx"].content_type): OpenApiTypes.BINARY,
                   (200, "application/pdf"): OpenApiTypes.BINARY},
    )  # fmt: skip
    return extend_schema_view(get=described)(own)


VIEWS = {name: view_of(kind) for name, kind in CATALOGUE.items()}
