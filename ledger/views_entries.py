"""The journal: its list, an entry with everything known about it, its reversal and the one that was planned."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.account_choices import account_choices
from ledger.auto_reversal import cancel_auto_reversal
from ledger.correction import correct
from ledger.entry_history import entry_history
from ledger.entry_listing import EntryPage, list_entries, register_lines
from ledger.forms import EntryFilterForm, ReversalForm
from ledger.forms_closing import CorrectionForm
from ledger.forms_drafts import ReasonForm
from ledger.models import AutoReversal, Block, Draft, Entry, EntrySeal, Line
from ledger.reversal import reverse
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused


@require_safe
@needs(Permission.VIEW_BOOKS)
def entry_list(request: Any, company: str) -> HttpResponseBase:
    """Entries newest first; the address is the filter. On screen or as CSV."""
    chart = chart_of(request.company)
    form = EntryFilterForm(request.company, chart, request.GET)
    valid = form.is_valid()
    if valid and request.GET.get("format") == "csv":
        return csv_download("journal", register_lines(request.company, form.wanted()), subject="ledger_entry")
    after = request.GET.get("after", "")
    page = list_entries(request.company, form.wanted(), after=after) if valid else EntryPage([], "")
    context = {
        "form": form, "page": page, "after": after, "narrowed": any(form.data.get(name) for name in form.fields),
        "accounts": account_choices(chart), "decimals": chart.units[request.company.base_currency].decimals,
        "may_reverse": request.scope.allows(Permission.REVERSE_ENTRIES),
    }  # fmt: skip
    return render(request, "ledger/entry_list.html", context, status=200 if valid else 422)


@require_safe
@needs(Permission.VIEW_BOOKS)
def entry_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One entry: its lines, its number and seal, who posted it, and what became of it."""
    return _detail(request, _entry(request, pk))


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def entry_reverse(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Post the mirror of an entry."""
    entry = _entry(request, pk)
    form = ReversalForm(request.POST)
    if form.is_valid():
        try:
            posted = reverse(entry.pk, **form.cleaned_data)
            messages.success(request, _("The entry is reversed by this one."))
            return redirect("ledger:entry-detail", company=company, pk=posted.id)
        except Refused as refusal:
            form.show(refusal)
    return _detail(request, entry, form)


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def entry_correct(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Reverse the entry and go on with a draft of what it should have been."""
    entry = _entry(request, pk)
    form = CorrectionForm(request.POST)
    if form.is_valid():
        try:
            made = correct(entry.pk, **form.cleaned_data)
            messages.success(request, _("The entry is reversed. Put the draft right, then post it."))
            where = "ledger:draft-edit" if made.draft.is_editable else "ledger:draft-detail"
            return redirect(where, company=company, pk=made.draft.pk)
        except (NotFound, NotPermitted):
            raise
        except Refused as refusal:
            form.show(refusal)
    return _detail(request, entry, corrected=form)


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def entry_keep(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Leave an entry that was to reverse itself as it is."""
    entry = _entry(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            cancel_auto_reversal(entry.pk, **form.cleaned_data)
            messages.success(request, _("The entry is not reversed by itself any more."))
            return redirect("ledger:entry-detail", company=company, pk=pk)
        except Refused as refusal:
            form.show(refusal)
    return _detail(request, entry, kept=form)


def _detail(
    request: Any, entry: Entry, refused: ReversalForm | None = None, kept: ReasonForm | None = None,
    corrected: CorrectionForm | None = None,
) -> HttpResponse:  # fmt: skip
    chart = chart_of(request.company)
    lines = list(
        Line.objects.for_company(request.company).filter(entry=entry).select_related("account", "sub_account")
        .order_by("number")
    )  # fmt: skip
    base = request.company.base_currency
    seal = EntrySeal.objects.for_company(request.company).filter(entry=entry).first()
    block = Block.objects.for_company(request.company).filter(number=seal.block_number).first() if seal else None
    reversal = Entry.objects.for_company(request.company).filter(reverses=entry).first()
    for line in lines:
        line.unit_decimals = chart.units[line.currency].decimals
        line.exact_rate = f"{line.rate.normalize():f}" if line.rate is not None else ""
    context = {
        "entry": entry, "lines": lines, "seal": seal, "sealed_in": block, "reversal": reversal,
        "foreign": any(line.currency != base for line in lines), "refused": refused,
        "detailed": any(line.dimensions or line.sub_account_id for line in lines),
        "total": sum(line.amount for line in lines if line.amount > 0), "decimals": chart.units[base].decimals,
        "proof": {"leaf": bytes(seal.leaf_hash).hex(), "block": bytes(block.hash).hex()} if seal and block else None,
        "history": entry_history(entry, seal, block, reversal),
        "reversal_form": refused or ReversalForm(initial={"date": max(business_day(request.company), entry.date)}),
        "copy": f"{address('ledger:entry-new', args=[request.company.slug])}?copy={entry.pk}",
        "kept": kept, "keep_form": kept or ReasonForm(auto_id="id_keep_%s"), **_ways(request, entry),
    }  # fmt: skip
    context |= {"corrected": corrected, "correction_form": corrected or _correction_form(request, entry)}
    status = next((form.status for form in (refused, kept, corrected) if form), 200)
    return render(request, "ledger/entry_detail.html", context, status=status)


def _correction_form(request: Any, entry: Entry) -> CorrectionForm:
    day = max(business_day(request.company), entry.date)
    return CorrectionForm(auto_id="id_correct_%s", initial={"date": day})


def _ways(request: Any, entry: Entry) -> dict[str, Any]:
    """Where the entry came from, what corrects it, and when it reverses itself."""
    drafts = Draft.objects.for_company(request.company)
    planned = AutoReversal.objects.for_company(request.company).filter(entry=entry).first()
    return {
        "planned": planned, "draft": drafts.filter(entry=entry).select_related("corrects").first(),
        "corrections": list(drafts.filter(corrects=entry).order_by("created_at", "id")),
    }  # fmt: skip


def _entry(request: Any, pk: UUID) -> Entry:
    entries = Entry.objects.for_company(request.company).select_related("journal", "reverses")
    entry: Entry = get_object_or_404(entries, pk=pk)
    return entry
