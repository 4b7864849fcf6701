"""The pages of entry templates: their list, and one on the grid of the new entry."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.chart import Chart, chart_of
from ledger.entry_grid import MOST_LINES, grid_context, show_refusal
from ledger.entry_templates import delete_template, save_template
from ledger.forms_drafts import TemplateHeadForm
from ledger.models import Draft, DraftLine, EntryTemplate, RecurringEntry, TemplateLine
from ledger.typed_entry import TypedRow, drafted_lines, stored_rows, typed_rows
from tenants.models import Company
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused

PAGE = 50


@require_safe
@needs(Permission.VIEW_BOOKS)
def template_list(request: Any, company: str) -> HttpResponse:
    """The templates by name, with what is made of them."""
    found = EntryTemplate.objects.for_company(request.company).select_related("journal").order_by("-is_active", "name")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    _with_figures(request.company, page)
    decimals = chart_of(request.company).units[request.company.base_currency].decimals
    return render(request, "ledger/template_list.html", {"page": page, "decimals": decimals})


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def template_new(request: Any, company: str) -> HttpResponse:
    """Type a template, or make one of a draft."""
    return _form(request, None)


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def template_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a template as a whole."""
    templates = EntryTemplate.objects.for_company(request.company).select_related("journal")
    return _form(request, get_object_or_404(templates, pk=pk))


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def template_delete(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Throw a template away."""
    try:
        delete_template(pk)
        messages.success(request, _("The template is deleted."))
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("ledger:template-list", company=company)


def _with_figures(company: Company, templates: Any) -> None:
    """Lines, total and uses of each template, in two statements."""
    shown = [template.pk for template in templates]
    ours = Q(currency__in=["", company.base_currency])
    lines = TemplateLine.objects.for_company(company).filter(template__in=shown).order_by().values("template")
    sums = lines.annotate(
        count=Count("id"), total=Sum("amount", filter=ours & Q(amount__gt=0)), foreign=Count("id", filter=~ours)
    )
    figures = {row["template"]: row for row in sums}
    recurring = RecurringEntry.objects.for_company(company).filter(template__in=shown).order_by()
    uses = dict(recurring.values_list("template").annotate(Count("id")))
    for template in templates:
        template.figures, template.uses = figures.get(template.pk, {}), uses.get(template.pk, 0)


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
            return redirect("ledger:template-list", company=request.company.slug)
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


def _page(
    request: Any, chart: Chart, head: TemplateHeadForm, rows: list[TypedRow], template: EntryTemplate | None, *,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {**grid_context(request.company, chart, rows), "head": head, "template": template}
    return render(request, "ledger/template_form.html", context, status=head.status if status == 200 else status)
