"""The pages of budgets: their list, beginning one, and one as a grid of accounts and months."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.csv_download import csv_download
from accounting.models import FiscalYear
from ledger.account_choices import account_choices
from ledger.budget_columns import BudgetShape, budget_rows
from ledger.budget_grid import BLANK_ROWS, MOST_ROWS, Grid, keys_of, keys_posted, shown_grid, totals_of, typed_grid
from ledger.budget_listing import budget_register, list_budgets
from ledger.budgets import create_budget, planned_lines, set_lines
from ledger.forms_budgets import BudgetFilterForm, BudgetForm
from ledger.kept_once import SavedBefore
from ledger.models import Budget
from ledger.shown_budget import acts_of
from ledger.views_new_entry import new_key
from tenants.forms import RefusableForm
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def budget_list(request: Any, company: str) -> HttpResponseBase:
    """The budgets with their versions; the address is the filter. On screen or as CSV."""
    form = BudgetFilterForm(request.GET)
    valid = form.is_valid()
    found = list_budgets(request.company, **form.cleaned_data) if valid else Budget.objects.none()
    if valid and request.GET.get("format") == "csv":
        return csv_download("budgets", budget_register(found), subject="ledger_budget")
    context = {
        "form": form, "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "narrowed": any(form.data.get(name) for name in form.fields),
        "may_plan": request.scope.allows(Permission.MANAGE_ACCOUNTS),
    }  # fmt: skip
    return render(request, "ledger/budget_list.html", context, status=200 if valid else 422)


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def budget_new(request: Any, company: str) -> HttpResponse:
    """Begin a budget; its accounts are planned on its own page."""
    form = BudgetForm(request.company, request.POST or None, initial={**_this_year(request), "key": new_key()})
    if request.method == "POST" and form.is_valid():
        asked = dict(form.cleaned_data)
        with refusals_to(lambda refusal: _show(request, form, refusal)):
            made = create_budget(budget_id=asked.pop("key"), **asked)
            messages.success(request, _("The budget is begun: plan its accounts."))
            return redirect("ledger:budget-detail", company=company, pk=made.pk)
    return render(request, "ledger/budget_new.html", {"form": form}, status=form.status)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def budget_detail(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """One version: its accounts by month, with totals. On screen or as a file that can be imported again."""
    if request.GET.get("format") == "csv":
        return csv_download("budget", budget_rows(budget_of(request, pk)), subject="ledger_budget")
    return budget_page(request, pk)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def budget_plan(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Keep the grid of a draft as it was typed; rows of other pages stay."""
    budget = budget_of(request, pk)
    grid, typed = typed_grid(BudgetShape.of(budget), request.POST)
    if not grid.is_wrong:
        opened = keys_posted(request.POST)
        planned = planned_lines(budget).items()
        kept = {place: line for place, line in planned if (str(line.account), line.value) not in opened}
        try:
            set_lines(pk, list({**kept, **typed}.values()), version=version_of(request))
        except Refused as refusal:
            # Saved again, the grid takes the place of what somebody else has changed meanwhile.
            return budget_page(request, pk, grid=grid, refused=refusal.message)
        messages.success(request, _("The budget is saved."))
        return redirect("ledger:budget-detail", company=company, pk=pk)
    wrong = _("Something in the grid cannot be planned: see what is marked.")
    return budget_page(request, pk, grid=grid, refused=wrong, seen=version_of(request))


def budget_page(
    request: Any, pk: UUID, *, grid: Grid | None = None, refused: str = "", seen: int | None = None,
    forms: Mapping[str, RefusableForm] | None = None,
) -> HttpResponse:  # fmt: skip
    """The page of a version; with the grid as it was typed, or the form of the act that was refused."""
    budget = budget_of(request, pk)
    may_plan = request.scope.allows(Permission.MANAGE_ACCOUNTS)
    editing = budget.is_draft and may_plan
    shape, planned = BudgetShape.of(budget), planned_lines(budget)
    page = Paginator(keys_of(shape, planned), MOST_ROWS).get_page(request.GET.get("page"))
    shown = grid or shown_grid(shape, planned, page.object_list, blank=BLANK_ROWS if editing else 0)
    shown.totals = totals_of(shape, planned)
    acts = acts_of(request, budget, forms or {})
    versions = Budget.objects.for_company(request.company).filter(name=budget.name).order_by("-number")
    context = {
        "budget": budget, "grid": shown, "page": page, "editing": editing, "refused": refused, "may_plan": may_plan,
        "decimals": shape.decimals, "values": sorted(shape.values), "versions": versions.exclude(pk=pk),
        "version": seen or budget.version, "accounts": account_choices(shape.chart) if editing else [],
        **acts, "acts": [act for act in acts.values() if act],
    }  # fmt: skip
    return render(request, "ledger/budget_detail.html", context, status=422 if refused or forms else 200)


def budget_of(request: Any, pk: UUID) -> Budget:
    """The version that the address names."""
    rows = Budget.objects.for_company(request.company).select_related("dimension", "company")
    budget: Budget = get_object_or_404(rows, pk=pk)
    return budget


def version_of(request: Any) -> int | None:
    """The state of the version that the person saw."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _show(request: Any, form: BudgetForm, refusal: Refused) -> None:
    """At its field; what is said under a new id is another budget."""
    form.show(refusal)
    if isinstance(refusal, SavedBefore):
        form.data = {**request.POST.dict(), "key": new_key()}


def _this_year(request: Any) -> dict[str, Any]:
    today = business_day(request.company)
    year = FiscalYear.objects.for_company(request.company).filter(start__lte=today, end__gte=today).first()
    return {"start": year.start, "end": year.end} if year else {}
