"""The pages of dunning: who would be asked today, what went out, the levels, and who is spared."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from invoicing.document_downloads import as_download
from invoicing.document_files import DocumentFile
from invoicing.dunning_blocks import block_dunning, lift_block
from invoicing.dunning_job import ask_to_dun
from invoicing.dunning_letter import dunning_letter
from invoicing.dunning_levels import levels_of
from invoicing.dunning_plan import PlannedNotice, dunning_plan
from invoicing.forms_dunning import DunningBlockForm, DunningDayForm
from invoicing.models import DunningBlock, DunningNotice
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission

PAGE = 50


@never_cache
@needs(Permission.VIEW_BOOKS)
def dunning(request: Any, company: str) -> HttpResponseBase:
    """Who would be dunned on a day, with fee and interest; the chosen letters are sent in the background."""
    form = DunningDayForm(request.POST or request.GET)
    date = (form.cleaned_data["date"] if form.is_valid() else None) or business_day(request.company)
    if request.method == "POST":
        request.scope.require(Permission.POST_ENTRIES)
        chosen = request.POST.getlist("notice")
        if chosen:
            job = ask_to_dun(date, chosen)
            return redirect("jobs:job-detail", company=company, pk=job.pk)
        messages.error(request, _("Choose whom to dun."))
    notices = dunning_plan(request.company, date)
    if request.GET.get("format") == "csv":
        return csv_download("dunning", _rows(notices), subject="invoicing_dunningnotice")
    blocks = DunningBlock.objects.for_company(request.company).select_related("contact", "document")
    context = {
        "notices": notices, "date": date, "levels": levels_of(request.company), "blocks": blocks,
        "may_post": request.scope.allows(Permission.POST_ENTRIES),
        "may_block": request.scope.allows(Permission.DRAFT_ENTRIES),
        "may_manage": request.scope.allows(Permission.MANAGE_COMPANY),
    }  # fmt: skip
    return render(request, "invoicing/dunning.html", context)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def notice_list(request: Any, company: str) -> HttpResponseBase:
    """What went out, the latest first."""
    rows = DunningNotice.objects.for_company(request.company).select_related("contact", "level", "charged_by")
    if contact := request.GET.get("contact"):
        rows = rows.filter(contact__code=contact)
    if request.GET.get("format") == "csv":
        return csv_download("dunning-notices", _sent(rows), subject="invoicing_dunningnotice")
    page: Any = Paginator(rows.order_by("-date", "-id"), PAGE).get_page(request.GET.get("page"))
    units = chart_of(request.company).units
    for notice in page:
        notice.decimals = units[notice.currency].decimals
    return render(request, "invoicing/dunning_notice_list.html", {"page": page})


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def notice_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One letter: its invoices, what was charged, its e-mail."""
    notice = _notice(request, pk)
    items = notice.documents.select_related("document", "level").order_by("document__date", "id")
    decimals = chart_of(request.company).units[notice.currency].decimals
    context = {"notice": notice, "items": items, "decimals": decimals}
    return render(request, "invoicing/dunning_notice_detail.html", context)


@require_safe
@needs(Permission.EXPORT)
def notice_file(request: Any, company: str, pk: UUID) -> HttpResponse:
    """The letter as PDF."""
    notice = _notice(request, pk)
    items = list(notice.documents.select_related("document", "level").order_by("document__date", "id"))
    name = f"{notice.date}-{notice.contact.code}.pdf"
    return as_download(DocumentFile(name, "application/pdf", dunning_letter(notice, items)))


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def block(request: Any, company: str) -> HttpResponse:
    """Spare a customer or an invoice, or dun again."""
    back = redirect("invoicing:dunning", company=company)
    if lifted := request.POST.get("lift"):
        with refusals_to(flashed(request)):
            lift_block(_named(lifted))
            messages.success(request, _("It is dunned again."))
        return back
    form = DunningBlockForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is not dunned."))
        return back
    whom = "contact_id" if request.POST.get("whom") == "contact" else "document_id"
    values: dict[str, Any] = {**form.cleaned_data, whom: _named(request.POST.get(whom, ""))}
    with refusals_to(flashed(request)):
        spared = block_dunning(**values)
        messages.success(request, _("%s is not dunned.") % spared)
    return back


def _named(text: str) -> UUID:
    """The id that a form sent; one that was made up is no page."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _notice(request: Any, pk: UUID) -> DunningNotice:
    rows = DunningNotice.objects.for_company(request.company).select_related("contact__company", "level", "charged_by")
    found: DunningNotice = get_object_or_404(rows, pk=pk)
    return found


def _rows(notices: list[PlannedNotice]) -> Any:
    yield ["contact", "name", "level", "number", "due_date", "days_late", "currency", "open", "interest", "fee"]
    for notice in notices:
        for place, one in enumerate(notice.documents):
            yield [
                notice.contact.code, notice.contact.name, one.level.number, one.document.number, one.due_date,
                one.days_late, notice.currency, one.open_amount, one.interest, notice.fee if not place else 0,
            ]  # fmt: skip


def _sent(rows: Any) -> Any:
    yield ["date", "contact", "name", "level", "currency", "open", "interest", "fee", "charged_by", "mailed"]
    for one in rows.order_by("date", "id").iterator(chunk_size=1000):
        charged = one.charged_by.number if one.charged_by else ""
        yield [
            one.date, one.contact.code, one.contact.name, one.level.number, one.currency, one.open_amount,
            one.interest, one.fee, charged, "yes" if one.mail_id else "no",
        ]  # fmt: skip
