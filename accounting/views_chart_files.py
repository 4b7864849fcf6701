"""Import a chart of accounts: look at what the file would do, then do it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounting.chart_files import COLUMNS, ChartImport, import_chart
from accounting.forms import ChartFileForm
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission


@needs(Permission.MANAGE_ACCOUNTS)
def chart_import(request: Any, company: str) -> HttpResponse:
    """The file is shown first: what it adds and changes, and every row that is wrong."""
    form = ChartFileForm(request.POST or None, request.FILES or None)
    preview: ChartImport | None = None
    if request.method == "POST" and form.is_valid():
        confirmed = request.POST.get("act") == "import"
        with refusals_to(form.show):
            preview = import_chart(form.cleaned_data["text"], dry_run=not confirmed)
        if confirmed and preview and not preview.problems:
            messages.success(request, _("%(added)s accounts added, %(changed)s changed.") % {
                "added": preview.added, "changed": preview.changed})  # fmt: skip
            return redirect("accounting:account-list", company=company)
    context = {
        "form": form, "preview": preview, "columns": COLUMNS,
        "text": form.cleaned_data.get("text", "") if form.is_bound and preview else "",
    }  # fmt: skip
    status = 422 if form.errors or (preview and preview.problems) else 200
    return render(request, "accounting/chart_import.html", context, status=status)
