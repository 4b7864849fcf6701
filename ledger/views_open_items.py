"""The pages of open items: what is open at any day, and settling what a person has chosen."""

import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounting.business_day import business_day
from accounting.chart import Chart, chart_of
from accounting.csv_download import csv_download
from ledger.allocation import allocate
from ledger.forms_open_items import OpenItemFilterForm, SettleForm
from ledger.open_item_listing import ItemPage, item_register, item_totals, list_items
from ledger.open_items import OpenItem, open_items
from ledger.refusals import OverAllocated
from ledger.settlement_proposal import propose_pairs
from ledger.shown_settlement import ShownOutcome, settling_day, shown_outcome
from ledger.typed_settlement import BLANK_ROWS, TypedPair, read_pairs, show_at_row, shown_pairs, typed_pairs
from ledger.views_new_entry import new_key
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.templatetags.daybook import money

MOST_LINES = 400


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def open_item_list(request: Any, company: str) -> HttpResponseBase:
    """Open items, oldest first; the address is the filter. On screen or as CSV."""
    chart, today = chart_of(request.company), business_day(request.company)
    data = request.GET.copy()
    data.setdefault("date", today.isoformat())
    form = OpenItemFilterForm(request.company, chart, today, data)
    valid = form.is_valid()
    if valid and request.GET.get("format") == "csv":
        return csv_download("open-items", item_register(request.company, form.wanted()), subject="ledger_line")
    after = request.GET.get("after", "")
    page = list_items(request.company, form.wanted(), after=after) if valid else ItemPage([], "")
    base = request.company.base_currency
    totals = item_totals(request.company, form.wanted()) if valid else []
    context = {
        "form": form, "page": page, "after": after, "decimals": chart.units[base].decimals,
        "totals": totals, "base_total": sum(total.base_residual for total, _decimals in totals),
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "foreign": any(row.item.currency != base for row in page.rows), "date": form.cleaned_data.get("date") or today,
        "kept": [(name, form.data[name]) for name in ("account", "sub_account") if form.data.get(name)],
        "any_account": any(account.open_item for account in chart.by_code.values()),
        "may_settle": request.scope.allows(Permission.POST_ENTRIES),
    }  # fmt: skip
    return render(request, "ledger/open_item_list.html", context, status=200 if valid else 422)


@never_cache
@needs(Permission.POST_ENTRIES)
def open_item_settle(request: Any, company: str) -> HttpResponse:
    """Settle the chosen items: pairs are proposed, changed, tried and posted."""
    data = request.POST if request.method == "POST" else request.GET
    # What was settled meanwhile is told by the act: sent again under its key, a settlement has its answer.
    found = _chosen(request, data.getlist("line"), settled=request.method == "POST")
    if problem := _problem(found):
        return _not_settled(request, data, found, problem)
    if request.method == "POST":
        return _settled(request, found)
    chart = chart_of(request.company)
    decimals = {code: unit.decimals for code, unit in chart.units.items()}
    initial = {"date": settling_day(request.company, list(found.values())), "key": new_key()}
    pairs = propose_pairs(list(found.values()), decimals, request.company.base_currency)
    return _page(request, found, SettleForm(initial=initial), shown_pairs(pairs, found, decimals))


def _settled(request: Any, found: dict[UUID, OpenItem]) -> HttpResponse:
    rows, form = typed_pairs(request.POST), SettleForm(request.POST)
    if request.POST.get("act") == "settle" and form.is_valid():
        with refusals_to(lambda refusal: _show(form, refusal, rows)):
            settled = allocate(read_pairs(rows, found), **form.cleaned_data)
            messages.success(request, _("The items are settled."))
            return redirect("ledger:settlement-detail", company=request.company.slug, pk=settled.id)
        # What was refused stays refused under its key; what is typed next is another settlement.
        form.data = {**request.POST.dict(), "key": new_key()}
    return _page(request, found, form, rows)


def _not_settled(request: Any, data: Any, found: dict[UUID, OpenItem], problem: str) -> HttpResponse:
    """The problem where the outcome would be, or back to the account that the items were chosen in."""
    if request.htmx:
        return render(request, "ledger/settle_outcome.html", {"outcome": ShownOutcome(problem=problem)})
    messages.error(request, problem)
    account, sub_account = data.get("account", ""), data.get("sub_account", "")
    if first := next(iter(found.values()), None):
        account, sub_account = chart_of(request.company).by_id[first.account_id].code, first.sub_account
    kept = urlencode({name: value for name, value in (("account", account), ("sub_account", sub_account)) if value})
    return redirect(f"{reverse('ledger:open-item-list', args=[request.company.slug])}{'?' if kept else ''}{kept}")


def _page(request: Any, found: dict[UUID, OpenItem], form: SettleForm, rows: list[TypedPair]) -> HttpResponse:
    chart: Chart = chart_of(request.company)
    items = sorted(found.values(), key=lambda one: (one.date, one.line_id))
    outcome = shown_outcome(request.company, found, rows)
    fragment = bool(request.htmx)
    context = {
        "form": form, "rows": rows if fragment else [*rows, *(TypedPair() for _blank in range(BLANK_ROWS))],
        "debits": [_option(chart, one) for one in items if one.is_debit], "outcome": outcome,
        "credits": [_option(chart, one) for one in items if not one.is_debit],
        "account": chart.by_id[items[0].account_id], "first": items[0], "lines": [one.line_id for one in items],
        "several": len({one.currency for one in items}) > 1,
        "decimals": chart.units[request.company.base_currency].decimals,
    }  # fmt: skip
    if fragment:
        return render(request, "ledger/settle_outcome.html", context)
    return render(request, "ledger/open_item_settle.html", context, status=422 if _refused(form, rows) else 200)


def _show(form: SettleForm, refusal: Refused, rows: list[TypedPair]) -> None:
    """At its pair. More than is open, where it is open today: it was not on that day."""
    if show_at_row(refusal, rows):
        return
    if refusal.code == OverAllocated.code:
        form.add_error("date", refusal.message)
    else:
        form.show(refusal)


def _option(chart: Chart, one: OpenItem) -> tuple[str, str]:
    """An item as a box offers it."""
    text = Truncator(one.reference or one.memo or one.number).chars(28)
    open_amount = money(abs(one.residual), chart.units[one.currency].decimals)
    return str(one.line_id), f"{date_format(one.date, 'j M Y')} {text} · {open_amount} {one.currency}"


def _refused(form: SettleForm, rows: list[TypedPair]) -> bool:
    return form.is_bound and (bool(form.errors) or any(row.error for row in rows))


def _chosen(request: Any, texts: list[str], *, settled: bool) -> dict[UUID, OpenItem]:
    """What is open of the chosen lines; lines of others, or of no open-item account, are not there."""
    lines = []
    for text in texts[:MOST_LINES]:
        try:
            lines.append(UUID(text))
        except ValueError:
            continue
    if not lines:
        return {}
    found = open_items(request.company, datetime.date.max, lines=lines, settled=settled)
    return {one.line_id: one for one in found}


def _problem(found: dict[UUID, OpenItem]) -> str:
    if not any(one.is_debit for one in found.values()) or all(one.is_debit for one in found.values()):
        return _("Choose debits and credits that are open: at least one of each.")
    if len({(one.account_id, one.sub_account_id) for one in found.values()}) > 1:
        return _("Choose items of one account and one sub-account.")
    return ""
