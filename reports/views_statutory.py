"""The page of statutory exports: choose a format, say what it needs, fetch the file when it is made."""

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reports.forms_statutory import StatutoryForm
from reports.statutory.exporting import ask_to_export, statutory_exports
from reports.statutory.formats import FORMATS, StatutoryFormat, format_for, format_named
from tenants.models import Company
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

SHOWN = 20


@never_cache
@needs(Permission.EXPORT)
def statutory(request: Any, company: str) -> HttpResponseBase:
    """Choose a format and a year; the file is written in the background and waits below."""
    data = request.POST if request.method == "POST" else None
    chosen = _chosen(request)
    form = StatutoryForm(chosen, request.company, data)
    if data is not None and form.is_valid():
        with refusals_to(form.show):
            ask_to_export(chosen.name, form.parameters(), form.cleaned_data["key"])
            messages.success(request, _("The export is under way."))
            return redirect("reports:statutory", company=company)
    context = {"formats": list(FORMATS.values()), "chosen": chosen, "form": form, **_listed(request.company)}
    return render(request, "reports/statutory.html", context, status=form.status)


@require_safe
@never_cache
@needs(Permission.EXPORT)
def statutory_list(request: Any, company: str) -> HttpResponseBase:
    """The list alone: it asks for itself as long as something is under way."""
    return render(request, "reports/statutory_list.html", _listed(request.company))


def _chosen(request: Any) -> StatutoryFormat:
    name = request.POST.get("format") or request.GET.get("format")
    return format_named(name) if name in FORMATS else format_for(request.company)


def _listed(company: Company) -> dict[str, Any]:
    exports: list[Any] = list(statutory_exports(company)[:SHOWN])
    for export in exports:
        _name(export)
    return {"exports": exports, "is_waiting": any(export.is_under_way for export in exports)}


def _name(export: Any) -> None:
    """What the export is called, and which days it holds."""
    said = export.parameters
    format = FORMATS.get(said.get("format", ""))
    export.shown_title = format.title if format else said.get("format", "")
    days = " - ".join(day for day in (said.get("from", ""), said.get("to", "")) if day)
    export.shown_days = f"{said.get('year', '')} ({days})" if days else said.get("year", "")
