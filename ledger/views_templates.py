"""The pages of entry templates: their list, and one on the grid of the new entry."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.chart import Chart, chart_of
from accounting.csv_download import csv_download
from accounting.return_address import back
from ledger.entry_grid import MOST_LINES, grid_context, show_refusal
from ledger.entry_templates import TemplateNotFound, delete_template, save_template
from ledger.forms_drafts import TemplateHeadForm
from ledger.models import Draft, DraftLine, EntryTemplate, TemplateLine
from ledger.shown_draft import shown_lines
from ledger.template_listing import list_templates, template_register, with_figures
from ledger.typed_entry import TypedRow, drafted_lines, stored_rows, typed_rows
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, NotPermitted, Refused

PAGE = 50


@require_safe
@needs(Permission.VIEW_BOOKS)
def template_list(request: Any, company: str) -> HttpResponseBase:
    """The templates by name, with what is made of them; on screen or as CSV."""
    found = list_templates(request.company)
    decimals = chart_of(request.company).units[request.company.base_currency].decimals
    if request.GET.get("format") == "csv":
        rows = template_register(request.company, found, decimals)
        return csv_download("templates", rows, subject="ledger_entrytemplate")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    with_figures(request.company, page)
    return render(request, "ledger/template_list.html", {"page": page, "decimals": decimals})


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def template_new(request: Any, company: str) -> HttpResponse:
    """Type a template, or make one of a draft."""
    return _form(request, None)


@never_cache
@needs(Permission.VIEW_BOOKS, to_write=Permission.DRAFT_ENTRIES)
def template_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a template as a whole, or read it; what was typed into one that is gone becomes a new one."""
    templates = EntryTemplate.objects.for_company(request.company).select_related("journal")
    template = templates.filter(pk=pk).first()
    if template is None and request.method == "POST":
        chart = chart_of(request.company)
        return _as_new(request, chart, typed_rows(request.POST, sorted(chart.dimensions)))
    template = get_object_or_404(templates, pk=pk)
    return _form(request, template) if request.scope.allows(Permission.DRAFT_ENTRIES) else _read(request, template)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def template_delete(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Throw a template away, and come back to the same page of the list."""
    with refusals_to(flashed(request)):
        delete_template(pk)
        messages.success(request, _("The template is deleted."))
    return back(request, reverse("ledger:template-list", args=[company]))


def _read(request: Any, template: EntryTemplate) -> HttpResponse:
    chart = chart_of(request.company)
    lines = TemplateLine.objects.for_company(request.company).filter(template=template).select_related("sub_account")
    context = {
        "template": template, "shown": shown_lines(request.company, chart, lines.order_by("number")),
        "decimals": chart.units[request.company.base_currency].decimals,
    }  # fmt: skip
    return render(request, "ledger/template_detail.html", context)


def _form(request: Any, template: EntryTemplate | None) -> HttpResponse:
    chart = chart_of(request.company)
    if request.method != "POST":
        return _opened(request, chart, template)
    rows = typed_rows(request.POST, sorted(chart.dimensions))
    head = TemplateHeadForm(request.company, request.POST)
    if not head.is_valid():
        return _page(request, chart, head, rows, template)
    asked = head.cleaned_data
    try:
        saved = save_template(
            asked["name"], drafted_lines(rows, chart), journal=asked["journal"], memo=asked["memo"],
            reference=asked["reference"], is_active=asked["is_active"], version=asked["version"],
            template_id=template.pk if template else None,
        )  # fmt: skip
    except TemplateNotFound:
        return _as_new(request, chart, rows)
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        _show(request, template, refusal, head, rows)
        return _page(request, chart, head, rows, template, status=refusal.status)
    messages.success(request, _("The template “%s” is saved.") % saved.name)
    return redirect("ledger:template-list", company=request.company.slug)


def _opened(request: Any, chart: Chart, template: EntryTemplate | None) -> HttpResponse:
    base = request.company.base_currency
    source: Any = template or _draft(request)
    initial: dict[str, Any] = {"journal": "GEN", "is_active": True}
    rows: list[TypedRow] = []
    if source is not None:
        initial |= {"journal": source.journal.code, "memo": source.memo, "reference": source.reference}
        kept = (
            TemplateLine.objects.for_company(request.company).filter(template=source) if template
            else DraftLine.objects.for_company(request.company).filter(draft=source)
        )  # fmt: skip
        lines = list(kept.select_related("sub_account").order_by("number")[: MOST_LINES + 1])
        if len(lines) > MOST_LINES:
            messages.warning(request, _("A template of more than %d lines is changed through the API.") % MOST_LINES)
            if template:
                return _read(request, template)
            return redirect("ledger:draft-detail", company=request.company.slug, pk=source.pk)
        rows = stored_rows(lines, chart, base)
    if template:
        initial |= {"name": template.name, "is_active": template.is_active, "version": template.version}
    return _page(request, chart, TemplateHeadForm(request.company, initial=initial), rows, template)


def _draft(request: Any) -> Draft | None:
    try:
        pk = uuid.UUID(request.GET.get("draft", ""))
    except ValueError:
        return None
    found: Draft | None = (
        Draft.objects.for_company(request.company).select_related("journal").filter(pk=pk).first()
    )  # fmt: skip
    return found


def _show(
    request: Any, template: EntryTemplate | None, refusal: Refused, head: TemplateHeadForm, rows: list[TypedRow]
) -> None:
    if not (template and type(refusal) is Conflict):
        show_refusal(refusal, head, rows, as_draft=True)
        return
    template.refresh_from_db()
    head.data = {**head.data.dict(), "version": str(template.version)}  # type: ignore[attr-defined]
    url = reverse("ledger:template-edit", args=[request.company.slug, template.pk])
    head.add_error(None, format_html(
        '{} <a href="{}" target="_blank" rel="noopener">{}</a>',
        _("The template was changed meanwhile. Save again to put yours in its place."), url,
        _("Look at the other version"),
    ))  # fmt: skip


def _as_new(request: Any, chart: Chart, rows: list[TypedRow]) -> HttpResponse:
    """The template is gone: what was typed is kept, to be saved as a new one."""
    head = TemplateHeadForm(request.company, {**request.POST.dict(), "version": ""})
    head.add_error(None, _("The template was deleted meanwhile. Save yours as a new template."))
    action = reverse("ledger:template-new", args=[request.company.slug])
    return _page(request, chart, head, rows, None, action=action)


def _page(
    request: Any, chart: Chart, head: TemplateHeadForm, rows: list[TypedRow], template: EntryTemplate | None, *,
    status: int = 200, action: str = "",
) -> HttpResponse:  # fmt: skip
    context = {**grid_context(request.company, chart, rows), "head": head, "template": template, "action": action}
    return render(request, "ledger/template_form.html", context, status=head.status if status == 200 else status)
