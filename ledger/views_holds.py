"""What becomes of a hold: posted by its page, or voided."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounting.business_day import business_day
from accounting.chart import chart_of
from ledger.account_choices import account_choices
from ledger.forms_limits import HoldPostForm, HoldVoidForm
from ledger.holds import post_hold, void_hold
from ledger.models import Hold, HoldEnd
from ledger.proposals import NewEntry, NewLine
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused


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
        try:
            posted = post_hold(pk, _entry(hold, form.cleaned_data))
            messages.success(request, _("The hold is posted."))
            return redirect("ledger:entry-detail", company=company, pk=posted.id)
        except (NotFound, NotPermitted):
            raise
        except Refused as refusal:
            _show(form, refusal)
    ended = HoldEnd.objects.for_company(request.company).filter(hold=hold).first()
    context = {
        "form": form, "hold": hold, "limit": hold.limit, "decimals": decimals, "ended": ended,
        "accounts": account_choices(chart, to_post=True),
    }  # fmt: skip
    return render(request, "ledger/hold_post.html", context, status=form.status)


@require_POST
@needs(Permission.POST_ENTRIES)
def hold_void(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Free what was held."""
    hold = _hold(request, pk)
    form = HoldVoidForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the hold is voided."))
    else:
        try:
            void_hold(pk, **form.cleaned_data)
            messages.success(request, _("The amount is free again."))
        except (NotFound, NotPermitted):
            raise
        except Refused as refusal:
            messages.error(request, refusal.message)
    return redirect("ledger:limit-detail", company=company, pk=hold.limit_id)


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
