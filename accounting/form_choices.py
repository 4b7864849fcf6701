"""What forms of master data offer to choose from: what is in use, and what is chosen already."""

from typing import Any

from django.db.models import Q

from accounting.chart import Chart
from accounting.models import HEADING, Account, FiscalPosition, PaymentTerms, TaxCode
from tenants.models import Company


def currencies(chart: Chart, empty: Any, chosen: str) -> list[tuple[str, Any]]:
    """The currencies in use by code; `empty` is what none of them says."""
    used = [(unit.code, f"{unit.code} {unit.name}") for unit in chart.units.values() if unit.kind == "currency"]
    return with_chosen([("", empty), *used], chosen)


def with_chosen(choices: list[tuple[str, Any]], value: str) -> list[tuple[str, Any]]:
    """The choices, and what is chosen already."""
    return choices if value in [code for code, _label in choices] else [*choices, (value, value)]


def accounts(company: Company, kinds: tuple[str, ...], chosen: Any) -> Any:
    """The accounts of these types that take lines."""
    rows = Account.objects.for_company(company).exclude(subtype=HEADING)
    return rows.filter(Q(status="active", type__in=kinds) | Q(pk=chosen)).order_by("code")


def taxes(company: Company, use: str, chosen: Any) -> Any:
    """The taxes on sales, or those on purchases."""
    return _in_use(TaxCode.objects.for_company(company).filter(use=use), chosen).order_by("code")


def terms(company: Company, chosen: Any) -> Any:
    """The payment terms."""
    return _in_use(PaymentTerms.objects.for_company(company), chosen).order_by("code")


def positions(company: Company, chosen: Any) -> Any:
    """The fiscal positions."""
    return _in_use(FiscalPosition.objects.for_company(company), chosen).order_by("name")


def offer_accounts_and_taxes(fields: dict[str, Any], company: Company, row: Any) -> None:
    """Fill the boxes of accounts and taxes that contacts and items have alike; `row` is what is kept, or nothing."""
    chosen = {name: getattr(row, f"{name}_id", None) for name in fields}
    fields["income_account"].queryset = accounts(company, ("income",), chosen["income_account"])
    fields["expense_account"].queryset = accounts(company, ("expense", "asset"), chosen["expense_account"])
    fields["sales_tax"].queryset = taxes(company, TaxCode.Use.SALES, chosen["sales_tax"])
    fields["purchase_tax"].queryset = taxes(company, TaxCode.Use.PURCHASES, chosen["purchase_tax"])


def _in_use(rows: Any, chosen: Any) -> Any:
    return rows.filter(Q(is_active=True) | Q(pk=chosen))
