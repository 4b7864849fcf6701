"""The API of balances, and of the ledger of one account."""

import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounting.api_query import BadParameter
from accounting.chart import ChartAccount, UnknownAccount, chart_of
from ledger.account_ledger import PAGE_SIZE, account_ledger
from ledger.api_query import BalanceParameters, KnownAtField, LedgerParameters, check_cursor, day_asked
from ledger.api_serializers import BalanceOut, BalancesOut, LedgerOut
from ledger.api_view import LedgerAPIView
from ledger.balances import balances
from ledger.models import Entry
from tenants.refusal import NotFound


class BalanceView(LedgerAPIView):
    """Balances at any date, as known at any moment."""

    serializer_class = BalancesOut
    queryset = Entry.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="balances_show", summary="Show the balances of all accounts", parameters=[BalanceParameters],
        responses=BalancesOut,
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """What every account holds in every currency at the end of a day; as known at a block, it never changes."""
        asked = BalanceParameters.of(request)
        date = day_asked(self.company, asked)
        chart, writer = chart_of(self.company), self.writer
        rows = balances(self.company, date, known_at=asked.get("known_at"))
        if named := asked.get("account"):
            try:
                only = chart.account(named).id
            except UnknownAccount as refusal:
                raise BadParameter(refusal.message, place="account") from refusal
            rows = [row for row in rows if row.account_id == only]
        rows.sort(key=lambda row: (chart.by_id[row.account_id].code, row.currency))
        documents = BalanceOut([writer.balance(row) for row in rows], many=True, context=self.get_serializer_context())
        known = KnownAtField().to_representation(asked["known_at"]) if "known_at" in asked else None
        return Response({"date": date.isoformat(), "known_at": known, "results": documents.data})


class AccountLedgerView(LedgerAPIView):
    """The ledger of one account."""

    serializer_class = LedgerOut
    queryset = Entry.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="account_ledger_show", summary="Show the ledger of an account", parameters=[LedgerParameters],
        responses=LedgerOut,
    )  # fmt: skip
    def get(self, request: Any, company: str, code: str) -> Response:
        """The lines of the account in order of date, with the balance after each."""
        account = self._account(code)
        asked = LedgerParameters.of(request)
        date, start = day_asked(self.company, asked), asked.get("start")
        after = check_cursor(asked["after"], "after") if "after" in asked else ""
        page = account_ledger(
            self.company, account.id, start=start or datetime.date.min, date=date, after=after,
            known_at=asked.get("known_at"), limit=asked.get("page_size", PAGE_SIZE),
        )  # fmt: skip
        writer, url = self.writer, request.build_absolute_uri()
        return Response({
            **writer.account(account.id),
            "from": start.isoformat() if start else None,
            "date": date.isoformat(),
            "known_at": KnownAtField().to_representation(asked["known_at"]) if "known_at" in asked else None,
            "opening": writer.amount(page.opening),
            "closing": writer.amount(page.closing),
            "next_after": page.next_after or None,
            "next": replace_query_param(url, "after", page.next_after) if page.next_after else None,
            "lines": [writer.ledger_line(line) for line in page.lines],
        })  # fmt: skip

    def _account(self, code: str) -> ChartAccount:
        try:
            return chart_of(self.company).account(code)
        except UnknownAccount as refusal:
            raise NotFound("There is no such account.") from refusal
