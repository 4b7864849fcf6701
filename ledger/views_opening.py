"""Take over books: opening balances from a table, looked at line by line before they are posted."""

import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounting.business_day import business_day, fiscal_year_start
from accounting.chart import Chart, chart_of
from ledger.entry_grid import ABOUT_THE_DATE
from ledger.entry_listing import Wanted, list_entries
from ledger.forms_closing import OpeningForm
from ledger.opening_balances import SOURCE, open_balances
from ledger.opening_file import COLUMNS, OpeningTable, in_row, read_opening, row_of
from ledger.opening_preview import OpeningPreview, preview_opening
from ledger.posting import Posted
from tenants.fields import new_id
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

SHOWN = 200
PROBLEMS_SHOWN = 200
EARLIER_SHOWN = 10


@never_cache
@needs(Permission.IMPORT_JOURNALS)
def opening(request: Any, company: str) -> HttpResponse:
    """The table is shown first: its lines, the difference, and every row that is wrong; then it is posted."""
    chart = chart_of(request.company)
    form = OpeningForm(
        chart.by_role.get("opening_balance"), request.POST or None, request.FILES or None, initial=_initial(request)
    )
    preview: OpeningPreview | None = None
    if request.method == "POST" and form.is_valid():
        table = read_opening(form.cleaned_data["text"], request.company.base_currency)
        preview = _preview(form, table)
        if preview and preview.is_postable and request.POST.get("act") == "post":
            posted = _posted(form, table)
            if posted:
                return _done(request, posted)
    return _page(request, chart, form, preview)


def _preview(form: OpeningForm, table: OpeningTable) -> OpeningPreview | None:
    asked = form.cleaned_data
    with refusals_to(form.show):
        return preview_opening(asked["date"], table, asked["balance_to"])
    return None


def _posted(form: OpeningForm, table: OpeningTable) -> list[Posted]:
    asked = form.cleaned_data
    with refusals_to(lambda refusal: _show(form, table, refusal)):
        return open_balances(
            asked["date"], table.lines, key=f"page:{asked['key']}", balance_to=asked["balance_to"], memo=asked["memo"]
        )
    return []


def _show(form: OpeningForm, table: OpeningTable, refusal: Refused) -> None:
    refusal.message = in_row(row_of(refusal, table), refusal.message)
    if refusal.code in ABOUT_THE_DATE:
        refusal.place = "date"
    form.show(refusal)


def _done(request: Any, posted: list[Posted]) -> HttpResponse:
    if all(one.replayed for one in posted):
        messages.info(request, _("The opening balances were posted already."))
    else:
        messages.success(request, _("The opening balances are posted."))
    if len(posted) == 1:
        return redirect("ledger:entry-detail", company=request.company.slug, pk=posted[0].id)
    return redirect("ledger:opening", company=request.company.slug)


def _page(request: Any, chart: Chart, form: OpeningForm, preview: OpeningPreview | None) -> HttpResponse:
    text = form.cleaned_data.get("text", "") if form.is_bound else ""
    if text:
        # What a file said goes on as if it had been pasted: nothing is to be chosen twice.
        form.data = {**form.data.dict(), "text": text}  # type: ignore[attr-defined]
    lines = preview.lines if preview else []
    context = {
        "form": form, "preview": preview, "text": text, "columns": COLUMNS, "key": str(new_id()),
        "decimals": chart.units[request.company.base_currency].decimals, "shown": SHOWN,
        "page": Paginator(lines, SHOWN).page(1),
        "problems": preview.problems[:PROBLEMS_SHOWN] if preview else [],
        "detailed": any(one.line.sub_account or one.line.reference for one in lines),
        "foreign": any(one.line.currency for one in lines),
        "may_post": request.scope.allows(Permission.POST_ENTRIES),
        "earlier": list_entries(request.company, Wanted(source=SOURCE), limit=EARLIER_SHOWN),
        "journal": f"{reverse('ledger:entry-list', args=[request.company.slug])}?source={SOURCE}",
    }  # fmt: skip
    status = 422 if form.errors or (preview and preview.problems) else 200
    return render(request, "ledger/opening.html", context, status=status)


def _initial(request: Any) -> dict[str, Any]:
    first = fiscal_year_start(request.company, business_day(request.company))
    return {"date": first - datetime.timedelta(days=1), "key": str(new_id())}
