"""What is done with a version of a budget from its page."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounting.chart import chart_of
from ledger.budget_spread import spread_line
from ledger.budget_versions import activate_budget, new_version, retire_budget
from ledger.budgets import change_budget, delete_budget, values_of
from ledger.forms_budgets import BudgetKeepingForm, NewVersionForm, SpreadForm, SureForm
from ledger.models import Budget
from ledger.views_budgets import budget_of, budget_page, version_of
from tenants.forms import RefusableForm
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def budget_activate(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Put the version into force."""
    act = partial(activate_budget, pk, version=version_of(request))
    return _done(request, pk, _("The budget is active."), act, activate=SureForm(request.POST))


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def budget_retire(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Take it out of force."""
    act = partial(retire_budget, pk, version=version_of(request))
    return _done(request, pk, _("The budget is retired."), act, retire=SureForm(request.POST))


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def budget_keeping(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Change how a draft is kept."""
    form = BudgetKeepingForm(request.company, request.POST, auto_id="id_keeping_%s")

    def act() -> Budget:
        return change_budget(pk, version=version_of(request), **form.cleaned_data)

    return _done(request, pk, _("The budget is changed."), act, keeping=form)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def budget_spread(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Plan an account the same in every month."""
    budget = budget_of(request, pk)
    chart = chart_of(request.company)
    form = SpreadForm(chart, sorted(values_of(budget)), request.POST, auto_id="id_spread_%s")

    def act() -> Budget:
        asked = {**form.cleaned_data, "account": form.cleaned_data["account"].id}
        return spread_line(pk, version=version_of(request), **asked)

    return _done(request, pk, _("The amount is spread."), act, spread=form)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def budget_new_version(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Plan anew, from this version on."""
    form = NewVersionForm(request.POST, auto_id="id_renewing_%s")

    def act() -> Budget:
        return new_version(pk, percent=form.cleaned_data["percent"], version_id=form.cleaned_data["key"])

    return _done(request, pk, _("The new version is a draft."), act, renewing=form)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def budget_delete(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Throw a draft away."""
    budget_of(request, pk)
    with refusals_to(flashed(request)):
        delete_budget(pk, version=version_of(request))
        messages.success(request, _("The draft is deleted."))
        return redirect("ledger:budget-list", company=company)
    return redirect("ledger:budget-detail", company=company, pk=pk)


def _done(
    request: Any, pk: UUID, said: str, act: Callable[[], Budget], **named: RefusableForm
) -> HttpResponseBase:  # fmt: skip
    """To the page of what was made; or back with the form and what is wrong."""
    budget_of(request, pk)
    (form,) = named.values()
    if form.is_valid():
        with refusals_to(form.show):
            made = act()
            messages.success(request, said)
            return redirect("ledger:budget-detail", company=request.company.slug, pk=made.pk)
    return budget_page(request, pk, forms=named)
