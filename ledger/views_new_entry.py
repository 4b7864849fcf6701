"""The page of a new journal entry: posted once, however often the form is sent; refused with everything typed."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounting.business_day import business_day
from accounting.chart import Chart, chart_of
from accounting.periods import locked_until
from ledger import refusals
from ledger.account_choices import account_choices
from ledger.forms import EntryHeadForm
from ledger.models import Entry
from ledger.posting import Posted, post
from ledger.typed_entry import TypedRow, copied_rows, padded, place_in_grid, proposed, typed_rows
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import Refused

# What the calendar refuses is about the date.
ABOUT_THE_DATE = {"period_closed", "period_soft_closed", "books_locked", "no_period"}


@never_cache
@needs(Permission.POST_ENTRIES)
def entry_new(request: Any, company: str) -> HttpResponse:
    """Type an entry and post it."""
    chart = chart_of(request.company)
    if request.method != "POST":
        head, rows = _prepared(request, chart)
        return _page(request, chart, head, rows)
    rows = typed_rows(request.POST, sorted(chart.dimensions))
    head = EntryHeadForm(request.company, request.POST)
    if not head.is_valid():
        return _page(request, chart, head, rows)
    key = head.cleaned_data["key"]
    try:
        posted = post(proposed(head.cleaned_data, rows, chart, key=f"page:{key}"), manual=True)
    except Refused as refusal:
        _show(request, refusal, head, rows)
        return _page(request, chart, head, rows, refusal)
    return _posted(request, posted, head.cleaned_data)


def _prepared(request: Any, chart: Chart) -> tuple[EntryHeadForm, list[TypedRow]]:
    """An empty form, or one that copies an entry."""
    initial = {
        "date": request.GET.get("date") or business_day(request.company), "journal": request.GET.get("journal", "GEN"),
        "key": _new_key(),
    }  # fmt: skip
    rows: list[TypedRow] = []
    if copied := _copied(request):
        rows = copied_rows(copied, chart)
        initial |= {"journal": copied.journal.code, "memo": copied.memo, "reference": copied.reference}
    return EntryHeadForm(request.company, initial=initial), rows


def _copied(request: Any) -> Entry | None:
    try:
        pk = uuid.UUID(request.GET.get("copy", ""))
    except ValueError:
        return None
    entries = Entry.objects.for_company(request.company).select_related("journal", "company")
    found: Entry | None = entries.filter(pk=pk).first()
    return found


def _show(request: Any, refusal: Refused, head: EntryHeadForm, rows: list[TypedRow]) -> None:
    """Put the refusal at its place, and mint a new key where the old one has its answer."""
    if refusal.code == refusals.KeyReused.code:
        head.add_error(None, _already_posted(request, head.cleaned_data["key"]))
    elif refusal.code in ABOUT_THE_DATE:
        head.add_error("date", refusal.message)
    elif place := place_in_grid(refusal, rows):
        row, column = place
        rows[row].errors[column] = refusal.message
        head.add_error(None, _("Line %(number)s: %(message)s") % {"number": row + 1, "message": refusal.message})
    else:
        head.show(refusal)
    if refusal.frozen or isinstance(refusal, (refusals.KeyReused, refusals.RefusedBefore)):
        head.data = {**head.data.dict(), "key": _new_key()}  # type: ignore[attr-defined]


def _already_posted(request: Any, key: str) -> Any:
    entry = Entry.objects.for_company(request.company).filter(key=f"page:{key}").first()
    if entry is None:
        return _("This form was sent before, with other content. Check it and post again.")
    url = reverse("ledger:entry-detail", args=[request.company.slug, entry.pk])
    return format_html(
        '{} <a href="{}">{}</a>. {}', _("This form was posted before, as"), url, entry,
        _("Post again to make another entry."),
    )  # fmt: skip


def _posted(request: Any, posted: Posted, head: dict[str, Any]) -> HttpResponse:
    company = request.company.slug
    if posted.replayed:
        messages.info(request, _("The entry was posted already."))
    else:
        messages.success(request, _("The entry is posted."))
    if request.POST.get("then") == "new":
        query = f"?date={head['date'].isoformat()}&journal={head['journal']}"
        return redirect(reverse("ledger:entry-new", args=[company]) + query)
    return redirect("ledger:entry-detail", company=company, pk=posted.id)


def _page(
    request: Any, chart: Chart, head: EntryHeadForm, rows: list[TypedRow], refusal: Refused | None = None
) -> HttpResponse:
    base = chart.units[request.company.base_currency]
    shown = padded(rows)
    for row in shown:
        row.dimensions = {name: row.dimensions.get(name, "") for name in sorted(chart.dimensions)}
    context = {
        "head": head, "rows": shown, "blank": TypedRow(dimensions=dict.fromkeys(sorted(chart.dimensions), "")),
        "accounts": account_choices(chart, to_post=True), "base": base,
        "units": [code for code in chart.units if code != base.code],
        "dimensions": [(name, sorted(values)) for name, values in sorted(chart.dimensions.items())],
        "wide": any(row.is_wide for row in rows), "locked": locked_until(request.company),
        "reason_wanted": bool(head.data.get("reason")) or getattr(refusal, "code", "") == "period_soft_closed",
    }  # fmt: skip
    status = 200 if not head.errors else refusal.status if refusal else 422
    return render(request, "ledger/entry_new.html", context, status=status)


def _new_key() -> str:
    return str(uuid.uuid4())
