"""The page of entries that reverse themselves: what is to come, what could not be done, and leaving one as it is."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.csv_download import csv_download
from accounting.return_address import place
from ledger.auto_reversal import cancel_auto_reversal
from ledger.forms_drafts import DayRangeForm
from ledger.models import AutoReversal
from ledger.planned_reversal_listing import (
    CANCELLED,
    DONE,
    STUCK,
    WAITING,
    count_by_state,
    list_planned_reversals,
    name_entries,
    reversal_register,
)
from tenants.forms import ReasonForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def planned_reversal_list(request: Any, company: str) -> HttpResponseBase:
    """What reverses itself, the next first; the address is the filter. On screen or as CSV."""
    return _page(request)


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def planned_reversal_cancel(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Leave the entry as it is, and come back to the same place of the list."""
    rows = AutoReversal.objects.for_company(request.company).select_related("entry")
    planned = get_object_or_404(rows, pk=pk)
    page = place(request, address("ledger:planned-reversal-list", args=[company]))
    form = ReasonForm(request.POST, auto_id="id_keep_%s")
    if form.is_valid():
        with refusals_to(form.show):
            cancel_auto_reversal(planned.entry_id, **form.cleaned_data)
            messages.success(request, _("The entry is not reversed by itself any more."))
            return redirect(page)
    act = PageAct(
        "keep", address("ledger:planned-reversal-cancel", args=[company, pk]), form, page=page, next=page,
        title=_("Leave this entry as it is"), button=_("Do not reverse"), hint=planned.entry.memo,
    )  # fmt: skip
    return _page(request, act)


def _page(request: Any, keeping: PageAct | None = None) -> HttpResponseBase:
    form = DayRangeForm(request.GET)
    valid = form.is_valid()
    state = request.GET.get("state", WAITING)
    span: dict[str, Any] = {"start": form.cleaned_data.get("from"), "date": form.cleaned_data.get("to")}
    found = list_planned_reversals(request.company, state=state, **span) if valid else AutoReversal.objects.none()
    if valid and request.GET.get("format") == "csv":
        return csv_download("planned-reversals", reversal_register(found), subject="ledger_autoreversal")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    name_entries(request.company, list(page))
    counts = count_by_state(list_planned_reversals(request.company, **span)) if valid else {}
    tabs = [(WAITING, _("Planned")), (STUCK, _("Not done yet")), (DONE, _("Reversed")), (CANCELLED, _("Left as is"))]
    context = {
        "form": form, "page": page, "state": state, "narrowed": any(span.values()), "keeping": keeping,
        "tabs": [(value, label, counts.get(value, 0)) for value, label in tabs],
        "may_cancel": request.scope.allows(Permission.REVERSE_ENTRIES),
    }  # fmt: skip
    status = 200 if valid and not keeping else 422
    return render(request, "ledger/planned_reversal_list.html", context, status=status)
