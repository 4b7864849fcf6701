"""Take the books away: the whole ledger as a plain-text journal, at once or as a background job."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from jobs.enqueue import enqueue
from jobs.models import Job
from ledger.journal_export import ENDINGS, export_journal
from tenants.page_permissions import needs
from tenants.permissions import Permission

KIND = "ledger.export_journal"
SHOWN = 10


@needs(Permission.EXPORT)
def export(request: Any, company: str) -> HttpResponseBase:
    """Choose a format; small books download at once, large ones become a job."""
    format = request.GET.get("format", "")
    if request.method == "POST":
        enqueue(KIND, {"format": request.POST.get("format", "hledger")}, key=f"export:{uuid4()}")
        messages.success(request, _("The export is under way."))
        return redirect("ledger:export", company=company)
    if format:
        response = StreamingHttpResponse(export_journal(format), content_type="text/plain; charset=utf-8")
        name = f"{request.company.slug}.{ENDINGS[format]}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    found = Job.objects.for_company(request.company).filter(kind=KIND).order_by("-id").prefetch_related("files")
    return render(request, "ledger/export.html", {"jobs": found[:SHOWN], "formats": sorted(ENDINGS)})
