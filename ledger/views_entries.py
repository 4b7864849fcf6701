"""The journal: its list, an entry with everything known about it, its reversal and the one that was planned."""

from typing import Any
from uuid import UUID

from django.conf import settings
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
from ledger.forms import EntryFilterForm
from ledger.models import AutoReversal, Block, Draft, Entry, EntrySeal, Line
from ledger.reversal import reverse
from tenants.forms import DayAndReasonForm, ReasonForm, RefusableForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

# The forms of one page keep their fields apart.
REVERSE, CORRECT, KEEP = "id_reverse_%s", "id_correct_%s", "id_keep_%s"


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
    form = DayAndReasonForm(request.POST, auto_id=REVERSE)
    if form.is_valid():
        with refusals_to(form.show):
            posted = reverse(entry.pk, **form.cleaned_data)
            messages.success(request, _("The entry is reversed by this one."))
            return redirect("ledger:entry-detail", company=company, pk=posted.id)
    return _detail(request, entry, reverse=form)


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def entry_correct(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Reverse the entry and go on with a draft of what it should have been."""
    entry = _entry(request, pk)
    form = DayAndReasonForm(request.POST, auto_id=CORRECT)
    if form.is_valid():
        with refusals_to(form.show):
            made = correct(entry.pk, **form.cleaned_data)
            messages.success(request, _("The entry is reversed. Put the draft right, then post it."))
            where = "ledger:draft-edit" if made.draft.is_editable else "ledger:draft-detail"
            return redirect(where, company=company, pk=made.draft.pk)
    return _detail(request, entry, correct=form)


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def entry_keep(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Leave an entry that was to reverse itself as it is."""
    entry = _entry(request, pk)
    form = ReasonForm(request.POST, auto_id=KEEP)
    if form.is_valid():
        with refusals_to(form.show):
            cancel_auto_reversal(entry.pk, **form.cleaned_data)
            messages.success(request, _("The entry is not reversed by itself any more."))
            return redirect("ledger:entry-detail", company=company, pk=pk)
    return _detail(request, entry, keep=form)


def _detail(request: Any, entry: Entry, **refused: RefusableForm) -> HttpResponse:
    """The page of the entry; the form of an act that was `refused` stands in it."""
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
        "foreign": any(line.currency != base for line in lines),
        "detailed": any(line.dimensions or line.sub_account_id for line in lines),
        "total": sum(line.amount for line in lines if line.amount > 0), "decimals": chart.units[base].decimals,
        "proof": {"leaf": bytes(seal.leaf_hash).hex(), "block": bytes(block.hash).hex()} if seal and block else None,
        "history": entry_history(entry, seal, block, reversal),
        "copy": f"{address('ledger:entry-new', args=[request.company.slug])}?copy={entry.pk}",
        **_ways(request, entry), **_acts(request, entry, reversal, refused),
    }  # fmt: skip
    status = next((form.status for form in refused.values()), 200)
    return render(request, "ledger/entry_detail.html", context, status=status)


def _acts(request: Any, entry: Entry, reversal: Entry | None, refused: dict[str, RefusableForm]) -> dict[str, Any]:
    """What can be done with the entry; what was refused stands in the page even where nothing can any more."""
    day = {"date": max(business_day(request.company), entry.date)}
    reverses = request.scope.allows(Permission.REVERSE_ENTRIES)
    corrects = reverses and request.scope.allows(Permission.DRAFT_ENTRIES) and not entry.reverses_id

    def act(
        name: str, form: RefusableForm, title: str, button: str, *, may: bool, hint: str = "", label: str = ""
    ) -> PageAct | None:
        url, page = (address(f"ledger:entry-{one}", args=[request.company.slug, entry.pk]) for one in (name, "detail"))
        made = PageAct(name, url, refused.get(name, form), title, button, page, hint=hint, label=label)
        return made if may or made.is_refused else None

    return {
        "reversing": act(
            "reverse", DayAndReasonForm(auto_id=REVERSE, initial=day), _("Reverse this entry"), _("Reverse"),
            may=reverses and not reversal,
            hint=_("A mirror entry is posted and linked; this one stays as it is."),
        ),
        "correcting": act(
            "correct", DayAndReasonForm(auto_id=CORRECT, initial=day), _("Correct this entry"),
            _("Reverse and correct"), label=_("Correct"), may=corrects and not reversal,
            hint=_("It is reversed, and a draft with the same lines opens for you to put right. Both carry this date."),
        ),
        "keeping": act(
            "keep", ReasonForm(auto_id=KEEP), _("Leave this entry as it is"), _("Do not reverse"), may=reverses,
        ),
    }  # fmt: skip


def _ways(request: Any, entry: Entry) -> dict[str, Any]:
    """Where the entry came from, what corrects it, and when it reverses itself."""
    drafts = Draft.objects.for_company(request.company)
    planned = AutoReversal.objects.for_company(request.company).filter(entry=entry).first()
    return {
        "document_sources": settings.SOURCES_OF_DOCUMENTS - {"payment", "advance", "cash_basis", "year_close"},
        "planned": planned, "draft": drafts.filter(entry=entry).select_related("corrects").first(),
        "corrections": list(drafts.filter(corrects=entry).order_by("created_at", "id")),
    }  # fmt: skip


def _entry(request: Any, pk: UUID) -> Entry:
    entries = Entry.objects.for_company(request.company).select_related("journal", "reverses")
    entry: Entry = get_object_or_404(entries, pk=pk)
    return entry
