"""What becomes of a hold: posted by its page, or voided."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.return_address import place
from ledger.account_choices import account_choices
from ledger.forms_limits import HoldPostForm
from ledger.holds import post_hold, void_hold
from ledger.models import Hold, HoldEnd
from ledger.proposals import NewEntry, NewLine
from ledger.views_limits import limit_page
from tenants.forms import ReasonForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.templatetags.daybook import money


@never_cache
@needs(Permission.POST_ENTRIES)
def hold_post(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Post what is held, wholly or in part, against another account."""
    hold = _hold(request, pk)
    chart = chart_of(request.company)
    decimals = chart.units[hold.limit.currency].decimals
    initial = {
        "amount": f"{hold.amount:.{decimals}f}", "date": business_day(request.company), "memo": hold.memo,
    }  # fmt: skip
    form = HoldPostForm(chart, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_to(lambda refusal: _show(form, refusal)):
            posted = post_hold(pk, _entry(hold, form.cleaned_data), manual=True)
            messages.success(request, _("The hold is posted."))
            return redirect("ledger:entry-detail", company=company, pk=posted.id)
    ended = HoldEnd.objects.for_company(request.company).filter(hold=hold).first()
    context = {
        "form": form, "hold": hold, "limit": hold.limit, "decimals": decimals, "ended": ended,
        "accounts": account_choices(chart, to_post=True),
    }  # fmt: skip
    return render(request, "ledger/hold_post.html", context, status=form.status)


@require_POST
@needs(Permission.POST_ENTRIES)
def hold_void(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Free what was held, and come back to the same place among the holds."""
    hold = _hold(request, pk)
    page = place(request, address("ledger:limit-detail", args=[company, hold.limit_id]))
    form = ReasonForm(request.POST, auto_id="id_void_%s")
    if form.is_valid():
        with refusals_to(form.show):
            void_hold(pk, **form.cleaned_data)
            messages.success(request, _("The amount is free again."))
            return redirect(page)
    unit = hold.limit.currency
    amount = f"{money(hold.amount, chart_of(request.company).units[unit].decimals)} {unit}"
    act = PageAct(
        "void", address("ledger:hold-void", args=[company, pk]), form, page=page, next=page,
        title=_("Free %s again") % amount, button=_("Void"), hint=hold.memo,
    )  # fmt: skip
    return limit_page(request, hold.limit_id, voiding=act)


def _entry(hold: Hold, asked: dict[str, Any]) -> NewEntry:
    """Two lines in the currency of the limit: on its account, and against it."""
    limit, amount = hold.limit, asked["amount"] or Decimal(0)
    own = NewLine(limit.account_id, amount, currency=limit.currency, sub_account=limit.sub_account_id or "")
    other = NewLine(asked["against"].id, -amount, currency=limit.currency)
    return NewEntry(f"hold:{hold.pk}", asked["date"], (own, other), memo=asked["memo"])


def _show(form: HoldPostForm, refusal: Refused) -> None:
    """What the second line refuses is about the account against which it is posted."""
    if refusal.place.startswith("lines[1]"):
        form.add_error("against", refusal.message)
    elif refusal.place.startswith("lines[0]") or refusal.code == "bad_amount":
        form.add_error("amount", refusal.message)
    else:
        form.show(refusal)


def _hold(request: Any, pk: UUID) -> Hold:
    rows = Hold.objects.for_company(request.company).select_related("limit__account", "limit__sub_account")
    hold: Hold = get_object_or_404(rows, pk=pk)
    return hold
