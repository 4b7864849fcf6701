"""The API of registers: entries made after closing."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounting.amounts import amount_text
from accounting.api_files import FileNegotiation
from accounting.api_query import DateRangeParameters
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.api_serializers import AmountText
from ledger.models import Entry
from reports.entries_after_closing import LateEntry, entries_after_closing, late_register
from tenants.api_view import CompanyAPIView


class RegisterParameters(DateRangeParameters):
    """Which days, and as what."""

    format = serializers.ChoiceField(choices=["json", "csv"], required=False, default="json")


class LateEntryOut(serializers.Serializer):  # type: ignore[type-arg]
    entry = serializers.UUIDField()
    number = serializers.CharField()
    date = serializers.DateField()
    journal = serializers.CharField()
    memo = serializers.CharField()
    reason = serializers.CharField()
    total = AmountText()
    posted_by = serializers.CharField()
    posted_at = serializers.DateTimeField()
    closed_by = serializers.CharField()
    closed_at = serializers.DateTimeField()


class LateEntriesOut(serializers.Serializer):  # type: ignore[type-arg]
    results = LateEntryOut(many=True)


class EntriesAfterClosingView(CompanyAPIView):
    """Entries made after closing."""

    serializer_class = LateEntriesOut
    queryset = Entry.objects.none()
    pagination_class: Any = None
    content_negotiation_class = FileNegotiation

    @extend_schema(
        operation_id="entries_after_closing_show", summary="Show entries made after closing",
        parameters=[RegisterParameters],
        responses={(200, "application/json"): LateEntriesOut, (200, "text/csv"): OpenApiTypes.STR},
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Any:
        """What was posted into a period after it had been closed for the first time; JSON or CSV."""
        asked = RegisterParameters.of(request)
        found = entries_after_closing(self.company, start=asked.get("start"), date=asked.get("date"))
        decimals = chart_of(self.company).units[self.company.base_currency].decimals
        if asked["format"] == "csv":
            return csv_download("entries-after-closing", late_register(found, decimals), subject="ledger_entry")
        return Response({"results": [_document(one, decimals) for one in found]})


def _document(one: LateEntry, decimals: int) -> dict[str, Any]:
    return {
        "entry": str(one.entry_id), "number": one.number, "date": one.date.isoformat(), "journal": one.journal,
        "memo": one.memo, "reason": one.reason, "total": amount_text(one.total, decimals), "posted_by": one.posted_by,
        "posted_at": one.posted_at.isoformat(), "closed_by": one.closed_by, "closed_at": one.closed_at.isoformat(),
    }  # fmt: skip
