"""The page of approval rules: which journal, from which amount, how many approvals."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounting.chart import chart_of
from accounting.return_address import back
from ledger.approval_rules import SUBJECT
from ledger.forms_drafts import ApprovalRuleForm
from ledger.models import Journal
from tenants.approvals import remove_rule, set_rule
from tenants.models import ApprovalRule
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

PAGE = 50


@needs(Permission.VIEW_BOOKS, to_write=Permission.MANAGE_COMPANY)
def approval_rule_list(request: Any, company: str) -> HttpResponse:
    """The rules for journal entries; who manages the company adds to them."""
    form = ApprovalRuleForm(request.company, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            set_rule(SUBJECT, **form.cleaned_data)
            messages.success(request, _("The rule is set."))
            return redirect("ledger:approval-rule-list", company=company)
    rules = ApprovalRule.objects.for_company(request.company).filter(subject=SUBJECT).order_by("scope", "minimum", "id")
    page = Paginator(rules, PAGE).get_page(request.GET.get("page"))
    names = dict(Journal.objects.for_company(request.company).values_list("code", "name"))
    context = {
        "form": form, "page": page, "rules": [(rule, names.get(rule.scope, "")) for rule in page],
        "decimals": chart_of(request.company).units[request.company.base_currency].decimals,
    }  # fmt: skip
    return render(request, "ledger/approval_rules.html", context, status=form.status)


@require_POST
@needs(Permission.MANAGE_COMPANY)
def approval_rule_remove(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take a rule away."""
    remove_rule(pk)
    messages.success(request, _("The rule is removed. What waits under it goes on waiting."))
    return back(request, reverse("ledger:approval-rule-list", args=[company]))
