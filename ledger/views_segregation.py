"""The report of segregation of duties: rights that meet in one person, and acts that were in one hand."""

from typing import Any

from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.forms_drafts import DayRangeForm
from ledger.models import Draft
from ledger.segregation import acts_in_one_hand, conflicting_members, segregation_register
from tenants.audit_trail import note_read
from tenants.page_permissions import needs
from tenants.permissions import Permission

PAGE = 50


@require_safe
@needs(Permission.VIEW_AUDIT)
def segregation(request: Any, company: str) -> HttpResponseBase:
    """Who holds conflicting rights today, and what one person made or approved and posted; on screen or as CSV."""
    form = DayRangeForm(request.GET)
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {}
    members = conflicting_members(request.company, business_day(request.company))
    span = {"start": asked.get("from"), "date": asked.get("to")}
    drafts = acts_in_one_hand(request.company, **span) if valid else Draft.objects.none()
    decimals = chart_of(request.company).units[request.company.base_currency].decimals
    if valid and request.GET.get("format") == "csv":
        rows = segregation_register(members, drafts, _in_words, decimals)
        return csv_download("segregation-of-duties", rows, subject="tenants_membership")
    note_read("ledger_segregation", None, {"from": span["start"], "to": span["date"]})
    page = Paginator(drafts, PAGE).get_page(request.GET.get("page"))
    for draft in page:
        draft.what = _in_words(draft)
    narrowed = any(span.values())
    context = {"form": form, "members": members, "page": page, "decimals": decimals, "narrowed": narrowed}
    return render(request, "ledger/segregation.html", context, status=200 if valid else 422)


def _in_words(draft: Draft) -> str:
    if draft.made_it and draft.approved_it:  # type: ignore[attr-defined]
        return _("Made, approved and posted by the same person")
    if draft.approved_it:  # type: ignore[attr-defined]
        return _("Approved and posted by the same person")
    return _("Made and posted by the same person")
