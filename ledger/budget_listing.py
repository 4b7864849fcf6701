"""Budgets as their list shows them."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery

from ledger.models import Budget, BudgetLine
from tenants.models import Company

_CSV_PAGE = 500


def list_budgets(company: Company, *, text: str = "", state: str = "") -> Any:
    """Every version by name, the latest first, with the number of accounts that it plans."""
    lines = BudgetLine.objects.for_company(company).filter(budget=OuterRef("pk")).order_by().values("budget")
    accounts = Subquery(lines.annotate(count=Count("account", distinct=True)).values("count"))
    found = Budget.objects.for_company(company).select_related("dimension").annotate(accounts=accounts)
    if text:
        found = found.filter(name__icontains=text)
    return (found.filter(state=state) if state else found).order_by("name", "-number", "id")


def budget_register(found: Any) -> Iterator[list[Any]]:
    """The versions for a file, one row each."""
    yield ["Name", "Version", "State", "First day", "Last day", "Control", "Compared", "Dimension", "Accounts",
           "Made by", "Made", "Budget"]  # fmt: skip
    for page in Paginator(found, _CSV_PAGE):
        for one in page:
            yield [
                one.name, one.number, one.state, one.start, one.end, one.control, one.basis,
                one.dimension.code if one.dimension else "", one.accounts or 0, one.created_by,
                one.created_at.isoformat(), one.pk,
            ]  # fmt: skip
