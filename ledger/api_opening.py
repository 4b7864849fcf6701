"""The API of opening balances: as JSON, or as a table in a file, CSV or XLSX."""

import datetime
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounting.api_files import form_of
from accounting.api_serializers import checked
from ledger.api_act_serializers import EntriesMadeOut, OpeningFileIn, OpeningIn
from ledger.api_entries import EntryAPIView
from ledger.api_keys import posting_key
from ledger.api_query import DryRunParameters
from ledger.api_serializers import TrialOut
from ledger.opening_balances import OpeningLine, open_balances
from ledger.opening_file import in_row, opening_text, read_opening, refuse_problems, row_of
from tenants.api_parsing import StrictJSONParser
from tenants.fields import new_id
from tenants.idempotency import REPLAYED
from tenants.permissions import Permission
from tenants.refusal import Refused

ENTRIES_OR_TRIAL = PolymorphicProxySerializer(
    component_name="EntriesOrTrial", serializers=[EntriesMadeOut, TrialOut], resource_type_field_name=None
)


class OpeningBalanceView(EntryAPIView):
    """Take over books."""

    serializer_class = EntriesMadeOut
    permission = Permission.VIEW_BOOKS
    write_permission = Permission.IMPORT_JOURNALS
    parser_classes = [StrictJSONParser, MultiPartParser]

    @extend_schema(
        operation_id="opening_balances_post", summary="Post opening balances",
        request={"application/json": OpeningIn, "multipart/form-data": OpeningFileIn},
        parameters=[DryRunParameters], responses={200: ENTRIES_OR_TRIAL, 201: EntriesMadeOut},
    )  # fmt: skip
    def post(self, request: Any, company: str) -> Response:
        """A trial balance, or open items one by one; all or none, once under the Idempotency-Key.

        Of a file, the place of a refusal names the row as a spreadsheet counts it: `rows[5].debit`.
        """
        if "multipart/form-data" in (request.content_type or ""):
            return self._post_file(request)
        values = checked(OpeningIn, request.data)
        lines = [OpeningLine(**line) for line in values.pop("lines")]
        return self._answer(request, lines, values)

    def _post_file(self, request: Any) -> Response:
        values = checked(OpeningFileIn, form_of(request))
        table = read_opening(opening_text(values.pop("file").read()), self.company.base_currency)
        refuse_problems(table)
        try:
            return self._answer(request, table.lines, values)
        except Refused as refusal:
            if row := row_of(refusal, table):
                refusal.message = in_row(row, refusal.message)
                refusal.place = f"rows[{row}]{refusal.place.partition(']')[2]}"
            raise

    def _answer(self, request: Any, lines: list[OpeningLine], values: dict[str, Any]) -> Response:
        date: datetime.date = values["date"]
        if DryRunParameters.of(request)["dry_run"]:
            key = f"dry-run:{new_id()}"
            return self.trial(date, lambda: [one.id for one in open_balances(lines=lines, key=key, **values)])
        posted = open_balances(lines=lines, key=posting_key(request), **values)
        new = any(not one.replayed for one in posted)
        document = {"entries": [str(one.id) for one in posted]}
        if new:
            return Response(document, status=status.HTTP_201_CREATED)
        return Response(document, headers={REPLAYED: "true"})
