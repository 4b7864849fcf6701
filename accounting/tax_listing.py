"""Taxes as lists and files show them: with the percentage of a day."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, Subquery

from accounting.amounts import amount_text
from accounting.models import TaxCode, TaxGroupMember, TaxRate
from accounting.tax_rules import ACCOUNTS, BOXES
from tenants.models import Company

COLUMNS = (
    "code", "name", "use", "kind", "category", "exemption_code", "exemption_reason", "compound", "is_active",
)  # fmt: skip


def list_taxes(
    company: Company, day: datetime.date, *, text: str = "", use: str = "", kind: str = "", state: str = "active"
) -> Any:
    """The taxes by use and code, each with its `percent` of the day; `state` is active, retired or all."""
    rows = TaxCode.objects.for_company(company).annotate(percent=_percent(company, day, "pk"))
    if use:
        rows = rows.filter(use=use)
    if kind:
        rows = rows.filter(kind=kind)
    if state in ("active", "retired"):
        rows = rows.filter(is_active=state == "active")
    if text:
        rows = rows.filter(Q(code__icontains=text) | Q(name__icontains=text))
    members = TaxGroupMember.objects.for_company(company).select_related("tax").order_by("number")
    with_percent = members.annotate(percent=_percent(company, day, "tax_id"))
    return rows.prefetch_related(Prefetch("members", with_percent)).order_by("-use", "code", "id")


def percent_in_words(tax: Any) -> str:
    """What the tax comes to on the day of the list, a group with all its taxes: “20 %”, or “–” before its first."""
    if not tax.is_group:
        return "–" if tax.percent is None else f"{amount_text(tax.percent, 0)} %"
    total = Decimal(0)
    for member in tax.members.all():
        if member.percent is None:
            return "–"
        if member.tax.kind == TaxCode.Kind.WITHHELD:
            total -= member.percent
        else:
            total += member.percent * (1 + total / 100 if member.tax.compound else 1)
    return f"{amount_text(round(total, 6), 0)} %"


def tax_register(taxes: Any) -> Iterator[list[Any]]:
    """The taxes as rows of a file, with their rates, and the taxes of groups."""
    yield [*COLUMNS, "deductible_percent", *ACCOUNTS, *BOXES, "percent", "rates", "members"]
    for tax in taxes.select_related(*ACCOUNTS).prefetch_related("rates").iterator(chunk_size=500):
        accounts = [getattr(tax, name).code if getattr(tax, name) else "" for name in ACCOUNTS]
        rates = [f"{rate.start.isoformat()} {amount_text(rate.percent, 0)}" for rate in tax.rates.all()]
        yield [
            *(_plain(getattr(tax, name)) for name in COLUMNS), amount_text(tax.deductible_percent, 0), *accounts,
            *(" ".join(getattr(tax, name)) for name in BOXES), percent_in_words(tax), "; ".join(rates),
            " ".join(member.tax.code for member in tax.members.all()),
        ]  # fmt: skip


def _percent(company: Company, day: datetime.date, tax: str) -> Subquery:
    rows = TaxRate.objects.for_company(company).filter(tax=OuterRef(tax), start__lte=day).order_by("-start")
    return Subquery(rows.values("percent")[:1])


def _plain(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value
