"""Post many drafts from their list, in the background."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from invoicing.bulk_posting import MOST, ask_to_post
from invoicing.families import FAMILIES
from invoicing.models import Document
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission

POSTABLE = ("draft", "approved")


@require_POST
@needs(Permission.POST_ENTRIES)
def documents_post(request: Any, company: str, family: str) -> HttpResponse:
    """Post what was ticked, or all that wait in this state; the page of the job shows how far it is."""
    state = request.POST.get("state", "")
    if request.POST.get("all"):
        rows = Document.objects.for_company(request.company).filter(kind__in=FAMILIES[family].kinds)
        wanted = rows.filter(state=state if state in POSTABLE else "").order_by("date", "id")
        ids = list(wanted.values_list("pk", flat=True)[:MOST])
    else:
        ids = [pk for text in request.POST.getlist("document") if (pk := _id(text))]
    with refusals_to(flashed(request)):
        if ids:
            return redirect("jobs:job-detail", company=company, pk=ask_to_post(ids, key=request.POST.get("key", "")).pk)
        messages.error(request, _("Choose at least one."))
    return redirect("invoicing:document-list", company=company, family=family)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
