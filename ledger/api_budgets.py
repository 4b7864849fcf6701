"""The API of budgets: versions, what they plan, and their life."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from accounting.chart import chart_of
from ledger.api_budget_serializers import (
    BudgetChangeIn,
    BudgetIn,
    BudgetLineOut,
    BudgetLinesIn,
    BudgetOut,
    BudgetParameters,
    NewVersionIn,
    SpreadIn,
)
from ledger.budget_figures import BudgetNotFound
from ledger.budget_spread import spread_line
from ledger.budget_versions import activate_budget, new_version, retire_budget
from ledger.budgets import PlannedLine, change_budget, create_budget, delete_budget, set_lines
from ledger.models import Budget, BudgetLine
from tenants.api_description import IF_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class BudgetAPIView(CompanyAPIView):
    """A view about budgets."""

    serializer_class: Any = BudgetOut
    queryset = Budget.objects.none()
    write_permission = Permission.MANAGE_ACCOUNTS
    ordering: tuple[str, ...] = ("name", "-number", "id")

    def rows(self) -> Any:
        """The company's budgets with their dimensions."""
        return Budget.objects.for_company(self.company).select_related("dimension")

    def budget(self, pk: UUID, *, held: bool = False) -> Budget:
        """The version; `not_found` where there is none."""
        rows = self.rows()
        found: Budget | None = (rows.select_for_update(of=("self",)) if held else rows).filter(pk=pk).first()
        if found is None:
            raise BudgetNotFound("There is no such budget.")
        return found

    def shown(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        """The version as it is stored, with its tag."""
        budget = self.budget(pk)
        document = BudgetOut(budget, context=self.get_serializer_context()).data
        return Response(document, status=code, headers={"ETag": etag_of(budget)})

    def check(self, request: Any, pk: UUID, *, needed: bool = True) -> None:
        """Refuse a change that was made for another state of the version than its present one."""
        if needed or request.headers.get("If-Match"):
            check_if_match(request, self.budget(pk, held=True))


class BudgetListView(BudgetAPIView):
    """The budgets of a company."""

    @extend_schema(
        operation_id="budgets_list", summary="List budgets", parameters=[BudgetParameters],
        responses=BudgetOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """Every version, by name, the latest first."""
        asked = BudgetParameters.of(request)
        narrowed = {name: asked[name] for name in ("name", "state") if asked.get(name)}
        return self.page(self.rows().filter(**narrowed))

    @extend_schema(
        operation_id="budgets_create", summary="Begin a budget", request=BudgetIn, responses={201: BudgetOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """A draft without lines, the first version of its name."""
        return self.shown(create_budget(**checked(BudgetIn, request.data)).pk, status.HTTP_201_CREATED)


class BudgetView(BudgetAPIView):
    """One version of a budget."""

    @extend_schema(operation_id="budgets_retrieve", summary="Show a budget", responses=BudgetOut)
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """Its months, its state, and how it is kept."""
        return self.shown(pk)

    @extend_schema(
        operation_id="budgets_change", summary="Change a budget", parameters=[IF_MATCH], request=BudgetChangeIn,
        responses=BudgetOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """How a draft is kept; of an active version, make a new one."""
        self.check(request, pk)
        return self.shown(change_budget(pk, **checked(BudgetChangeIn, request.data)).pk)

    @extend_schema(
        operation_id="budgets_delete", summary="Delete a budget", parameters=[IF_MATCH], responses={204: None}
    )
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """Only a draft."""
        self.check(request, pk)
        delete_budget(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class BudgetLinesView(BudgetAPIView):
    """What a version plans."""

    serializer_class = BudgetLineOut
    ordering = ("account__code", "value__code", "month", "id")

    def get_serializer_context(self) -> dict[str, Any]:
        """With the decimals of the base currency."""
        decimals = chart_of(self.company).units[self.company.base_currency].decimals
        return {**super().get_serializer_context(), "decimals": decimals}

    @extend_schema(
        operation_id="budgets_lines", summary="List the lines of a budget", responses=BudgetLineOut(many=True)
    )
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """By account, value and month."""
        budget = self.budget(pk)
        rows = BudgetLine.objects.for_company(self.company).filter(budget=budget)
        return self.page(rows.select_related("account", "value"))

    @extend_schema(
        operation_id="budgets_set_lines", summary="Plan a budget", parameters=[IF_MATCH], request=BudgetLinesIn,
        responses=BudgetOut,
    )  # fmt: skip
    @idempotent
    def put(self, request: Any, company: str, pk: UUID) -> Response:
        """The plan of a draft as a whole; what is not named is planned no more."""
        self.check(request, pk)
        lines = [PlannedLine(**line) for line in checked(BudgetLinesIn, request.data)["lines"]]
        return self.shown(set_lines(pk, lines).pk)


class BudgetSpreadView(BudgetAPIView):
    """Spread an amount."""

    @extend_schema(
        operation_id="budgets_spread", summary="Spread an amount over a budget", parameters=[IF_MATCH],
        request=SpreadIn, responses=BudgetOut,
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """The same in every month of a draft, to the last cent; in place of what was planned for the account."""
        self.check(request, pk)
        return self.shown(spread_line(pk, **checked(SpreadIn, request.data)).pk)


class BudgetActivateView(BudgetAPIView):
    """Put a version into force."""

    @extend_schema(operation_id="budgets_activate", summary="Activate a budget", request=None, responses=BudgetOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """The active version of the name retires; with If-Match, only the version as it was read."""
        self.check(request, pk, needed=False)
        return self.shown(activate_budget(pk).pk)


class BudgetRetireView(BudgetAPIView):
    """Take a version out of force."""

    @extend_schema(operation_id="budgets_retire", summary="Retire a budget", request=None, responses=BudgetOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """It stays readable."""
        self.check(request, pk, needed=False)
        return self.shown(retire_budget(pk).pk)


class BudgetNewVersionView(BudgetAPIView):
    """Plan anew."""

    @extend_schema(
        operation_id="budgets_new_version", summary="Make a new version of a budget", request=NewVersionIn,
        responses={201: BudgetOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """A draft with the lines of this version, each changed by a percentage."""
        percent = Decimal(checked(NewVersionIn, request.data or {})["percent"])
        return self.shown(new_version(pk, percent=percent).pk, status.HTTP_201_CREATED)
