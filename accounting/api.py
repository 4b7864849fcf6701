"""The API of the chart of accounts: list, open, change, delete, sub-accounts, and the chart as a file."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from accounting.accounts import change_account, delete_account, open_account, open_sub_account
from accounting.api_files import FileNegotiation, form_of, text_of
from accounting.api_serializers import (
    AccountChangeIn,
    AccountIn,
    AccountOut,
    AccountParameters,
    ChartFileIn,
    ChartImportOut,
    SubAccountIn,
    SubAccountOut,
    checked,
)
from accounting.chart import UnknownAccount, chart_of
from accounting.chart_files import BadChartFile, ChartImport, export_chart, import_chart
from accounting.csv_download import csv_download
from accounting.dimensions import require_dimensions
from accounting.lookups import CacheKeys, CacheTTL, cached
from accounting.mappings import with_mappings
from accounting.models import Account, SubAccount
from accounting.units import UnknownCurrency
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission
from tenants.refusal import NotFound, Refused
from tenants.scope import current_scope


class AccountAPIView(CompanyAPIView):
    """A view about accounts, found by code or id."""

    serializer_class: Any = AccountOut
    queryset = Account.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS

    def get_serializer_context(self) -> dict[str, Any]:
        """One chart for all the rows of an answer."""
        context = super().get_serializer_context()
        return {**context, "chart": chart_of(self.company)} if self.request else context

    def account(self, code: str, *, lock: bool = False) -> Account:
        """The account with this code or id; `not_found` where there is none."""
        found = account_named(code, lock=lock)
        if found is None:
            raise NotFound("There is no such account.")
        return found

    def answer(self, account: Account, **kwargs: Any) -> Response:
        """The account as it is now, with its ETag."""
        return Response(self.get_serializer(account).data, headers={"ETag": etag_of(account)}, **kwargs)


class AccountListView(AccountAPIView):
    """The chart of accounts."""

    @extend_schema(
        operation_id="accounts_list", summary="List the chart of accounts", parameters=[AccountParameters],
        responses=AccountOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> HttpResponse:
        """The accounts by code, frozen and archived ones included."""
        if request.query_params:
            return self.page(self._asked_for(request))
        # Whole and in order is how most programs read the chart: kept as text, renewed with the chart.
        # Its links name the host that was asked.
        view = f"api.{request.build_absolute_uri('/')}"
        text = cached(self.company, CacheKeys.CHART, CacheTTL.CHART, lambda _company: self._text(request), view=view)
        return HttpResponse(text, content_type="application/json")

    def _text(self, request: Any) -> bytes:
        text: bytes = JSONRenderer().render(self.page(self._asked_for(request)).data)
        return text

    def _asked_for(self, request: Any) -> Any:
        asked = AccountParameters.of(request)
        self.ordering = (asked.pop("ordering", "code"), "id")
        text = asked.pop("search", "")
        rows = Account.objects.for_company(self.company).select_related("parent").filter(**asked)
        if text:
            rows = rows.filter(Q(code__icontains=text) | Q(name__icontains=text))
        return with_mappings(self.company, rows)

    @extend_schema(
        operation_id="accounts_open", summary="Open an account", request=AccountIn, responses={201: AccountOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Add an account to the chart."""
        values = _resolved(checked(AccountIn, request.data))
        dimensions = values.pop("mandatory_dimensions", [])
        account = open_account(**values)
        if dimensions:
            require_dimensions(account, dimensions)
        answer = self.answer(account, status=status.HTTP_201_CREATED)
        answer["Location"] = f"{request.path}{account.pk}/"
        return answer


class AccountView(AccountAPIView):
    """One account."""

    @extend_schema(operation_id="accounts_retrieve", summary="Show an account")
    def get(self, request: Any, company: str, code: str) -> Response:
        """The account with this code or id."""
        return self.answer(self.account(code))

    @extend_schema(
        operation_id="accounts_change", summary="Change an account", parameters=[IF_MATCH], request=AccountChangeIn,
        responses=AccountOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, code: str) -> Response:
        """Rename, move, freeze or archive; `If-Match` carries the ETag that was read."""
        account = self.account(code, lock=True)
        values = _resolved(checked(AccountChangeIn, request.data))
        check_if_match(request, account)
        if (dimensions := values.pop("mandatory_dimensions", None)) is not None:
            require_dimensions(account, dimensions)
        return self.answer(change_account(account, version=account.version, **values))

    @extend_schema(
        operation_id="accounts_delete", summary="Delete an account that was never used", parameters=[MAY_MATCH],
        request=None, responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, code: str) -> Response:
        """Only an account without lines, sub-accounts and accounts under it; archive any other."""
        account = self.account(code, lock=True)
        if request.headers.get("If-Match"):
            check_if_match(request, account)
        delete_account(account)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SubAccountListView(AccountAPIView):
    """The details of an account."""

    serializer_class = SubAccountOut
    queryset = SubAccount.objects.none()
    ordering = ("code", "id")

    @extend_schema(
        operation_id="sub_accounts_list", summary="List the sub-accounts of an account",
        responses=SubAccountOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str, code: str) -> Response:
        """The sub-accounts by code; their sum is the account."""
        return self.page(SubAccount.objects.for_company(self.company).filter(account=self.account(code)))

    @extend_schema(
        operation_id="sub_accounts_open", summary="Open a sub-account", request=SubAccountIn,
        responses={201: SubAccountOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, code: str) -> Response:
        """Detail the account by a customer, a wallet, an employee's leave."""
        account = self.account(code)
        sub_account = open_sub_account(account, **checked(SubAccountIn, request.data))
        return Response(self.get_serializer(sub_account).data, status=status.HTTP_201_CREATED)


class ChartExportView(AccountAPIView):
    """The chart as a file."""

    permission = Permission.EXPORT
    write_permission = None
    content_negotiation_class = FileNegotiation

    @extend_schema(
        operation_id="accounts_export", summary="Export the chart of accounts as CSV",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Any:
        """One row for each account; the same file can be imported. The audit trail notes the export."""
        return csv_download("accounts", export_chart(), subject="accounting_account")


class ChartImportView(AccountAPIView):
    """A chart from a file."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="accounts_import", summary="Import a chart of accounts from CSV",
        request={"multipart/form-data": ChartFileIn}, responses=ChartImportOut,
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """All rows or, when one is wrong, none; a dry run only tells what would happen."""
        values = checked(ChartFileIn, form_of(request))
        done = import_chart(text_of(values["file"]), dry_run=values["dry_run"])
        if done.problems and not values["dry_run"]:
            raise _rows_refused(done)
        return Response(ChartImportOut({"dry_run": values["dry_run"], **_plain(done)}).data)


def account_named(code: str, *, lock: bool = False) -> Account | None:
    """The current company's account with this code, or else with this id."""
    rows = Account.objects.for_company(current_scope().company).select_related("parent", "company")
    rows = rows.select_for_update(of=("self",), no_key=True) if lock else rows
    if "\x00" in code:
        return None
    found: Account | None = rows.filter(code=code).first()
    if found is None:
        try:
            found = rows.filter(pk=UUID(code)).first()
        except ValueError:
            return None
    return found


def _resolved(values: dict[str, Any]) -> dict[str, Any]:
    """The heading looked up, the currency known to be in use."""
    if (named := values.get("parent")) is not None:
        values["parent"] = account_named(named)
        if values["parent"] is None:
            raise UnknownAccount(f"There is no account “{named}”.", place="parent")
    if (unit := values.get("currency")) and unit not in chart_of(current_scope().company).units:
        raise UnknownCurrency(f"The currency or unit “{unit}” is not in use.", place="currency")
    return values


def _plain(done: ChartImport) -> dict[str, Any]:
    return {"added": done.added, "changed": done.changed, "problems": done.problems}


def _rows_refused(done: ChartImport) -> Refused:
    errors = []
    for problem in done.problems:
        error = Refused(problem.message, place=f"rows[{problem.row}].{problem.column}".rstrip("."))
        error.code = problem.code
        errors.append(error)
    refusal = BadChartFile(f"{len(errors)} rows are wrong; nothing was imported.", place=errors[0].place, errors=errors)
    refusal.code = "bad_rows"
    return refusal
