"""The API of reports: the trial balance."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounting.amounts import amount_text
from accounting.api_files import FileNegotiation
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.api_documents import Writer
from ledger.api_query import KnowledgeParameters, KnownAtField, day_asked
from ledger.api_serializers import AmountText
from ledger.models import Entry
from reports.trial_balance import TrialBalance, TrialBalanceGroup, TrialBalanceRow, trial_balance
from tenants.api_view import CompanyAPIView

FIGURES = ("opening", "debit", "credit", "closing", "closing_debit", "closing_credit")
TOTALS = ("debit", "credit", "closing_debit", "closing_credit")


class TrialBalanceParameters(KnowledgeParameters):
    """Which days, known when, and as what."""

    format = serializers.ChoiceField(choices=["json", "csv"], required=False, default="json")


class FiguresOut(serializers.Serializer):  # type: ignore[type-arg]
    opening = AmountText(help_text="Signed, before the first day; zero without one.")
    debit = AmountText()
    credit = AmountText()
    closing = AmountText(help_text="Signed, at the end of the last day.")
    closing_debit = AmountText()
    closing_credit = AmountText()


class UnitBalanceOut(serializers.Serializer):  # type: ignore[type-arg]
    currency = serializers.CharField()
    amount = AmountText()


class TrialBalanceRowOut(FiguresOut):
    account = serializers.CharField()
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    units = UnitBalanceOut(many=True, help_text="What it holds of other currencies and units.")


class TrialBalanceGroupOut(FiguresOut):
    type = serializers.CharField()
    label = serializers.CharField()
    rows = TrialBalanceRowOut(many=True)


class TrialBalanceOut(serializers.Serializer):  # type: ignore[type-arg]
    """All accounts with movements or a balance, by type; debits equal credits."""

    date = serializers.DateField()
    known_at = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    debit = AmountText()
    credit = AmountText()
    closing_debit = AmountText()
    closing_credit = AmountText()
    groups = TrialBalanceGroupOut(many=True)

    def get_fields(self) -> Any:
        """`from` is no name that Python lets a class use."""
        return {**super().get_fields(), "from": serializers.DateField(allow_null=True)}


class TrialBalanceView(CompanyAPIView):
    """The trial balance."""

    serializer_class = TrialBalanceOut
    queryset = Entry.objects.none()
    pagination_class = None
    content_negotiation_class = FileNegotiation

    @extend_schema(
        operation_id="trial_balance_show", summary="Show the trial balance", parameters=[TrialBalanceParameters],
        responses={(200, "application/json"): TrialBalanceOut, (200, "text/csv"): OpenApiTypes.STR},
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Any:
        """Balances at the end of a day, with `from` also the opening balances and movements; JSON or CSV."""
        asked = TrialBalanceParameters.of(request)
        date = day_asked(self.company, asked)
        found = trial_balance(self.company, date, start=asked.get("start"), known_at=asked.get("known_at"))
        writer = Writer(chart_of(self.company), self.company.base_currency)
        if asked["format"] == "csv":
            return csv_download(f"trial-balance-{date}", _table(found, writer), subject="ledger_entry")
        return Response(_document(found, writer))


def _document(found: TrialBalance, writer: Writer) -> dict[str, Any]:
    known = None if found.known_at is None else KnownAtField().to_representation(found.known_at)
    return {
        "date": found.date.isoformat(),
        "from": found.start.isoformat() if found.start else None,
        "known_at": known,
        "currency": found.company.base_currency,
        **{name: writer.amount(getattr(found, name)) for name in TOTALS},
        "groups": [
            {"type": group.type, "label": group.label, **_figures(group, writer), "rows": _rows(group, writer)}
            for group in found.groups
        ],
    }


def _rows(group: TrialBalanceGroup, writer: Writer) -> list[dict[str, Any]]:
    return [
        {
            **writer.account(row.account.id),
            **_figures(row, writer),
            "units": [{"currency": u.currency, "amount": writer.amount(u.amount, u.currency)} for u in row.units],
        }
        for row in group.rows
    ]


def _figures(of: TrialBalanceGroup | TrialBalanceRow, writer: Writer) -> dict[str, str]:
    return {name: writer.amount(getattr(of, name)) for name in FIGURES}


def _table(found: TrialBalance, writer: Writer) -> Iterator[list[Any]]:
    decimals = writer.chart.units[writer.base].decimals
    yield ["Account", "Name", "Type", "Opening", "Debit", "Credit", "Closing debit", "Closing credit", "Units"]
    for row in found.rows:
        figures = (row.opening, row.debit, row.credit, row.closing_debit, row.closing_credit)
        units = "; ".join(f"{writer.amount(u.amount, u.currency)} {u.currency}" for u in row.units)
        yield [row.account.code, row.account.name, row.account.type, *(_cell(f, decimals) for f in figures), units]
    totals = (found.debit, found.credit, found.closing_debit, found.closing_credit)
    yield ["", "Total", "", "", *(_cell(figure, decimals) for figure in totals), ""]


def _cell(figure: Any, decimals: int) -> Any:
    """A number for a spreadsheet, in the decimals of the currency."""
    return type(figure)(amount_text(figure, decimals))
