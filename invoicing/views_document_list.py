"""The lists of documents: every kind, what is open of each, and what that comes to."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from invoicing.api_documents import matching
from invoicing.document_listing import STATUSES, TONES, documents_of, of_status, register_of, status_of
from invoicing.document_sums import open_sums
from invoicing.families import FAMILIES, Family
from invoicing.forms_documents import TAB_NAMES, TABS, DocumentFilterForm
from invoicing.models import BOOKED, Document
from invoicing.views_bulk_posting import POSTABLE
from tenants.page_permissions import needs
from tenants.permissions import Permission

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def document_list(request: Any, company: str, family: str) -> HttpResponseBase:
    """Documents of a family, latest first; the address is the filter. On screen or as CSV."""
    one = FAMILIES[family]
    form = DocumentFilterForm(request.GET)
    valid = form.is_valid()
    tab = request.GET.get("state", "")
    rows = _rows(request, one, form, tab) if valid else documents_of(request.company, (), _today(request))
    if valid and request.GET.get("format") == "csv":
        return csv_download(family, register_of(rows), subject="invoicing_document")
    page = _page(rows, request.GET.get("page"))
    units, said = chart_of(request.company).units, {status: str(label) for status, label in STATUSES.items()}
    kinds = {kind: str(label) for kind, label in Document.Kind.choices}
    for document in page:
        document.status, document.decimals = status_of(document), units[document.currency].decimals
        document.said, document.tone = said[document.status], TONES.get(document.status, "")
        document.day, document.named = date_format(document.date, "j M Y"), kinds[document.kind]
    context = {
        "family": one, "form": form, "page": page, "state": tab, "tabs": _tabs(one),
        "narrowed": any(form.data.get(name) for name in form.fields), "booked": one.kinds[0] in BOOKED,
        "several": len(one.kinds) > 1, "key": uuid.uuid4(),
        "may_post_many": tab in POSTABLE and one.kinds[0] in BOOKED and request.scope.allows(Permission.POST_ENTRIES),
    }  # fmt: skip
    return render(request, "invoicing/document_list.html", context, status=200 if valid else 422)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def document_sums(request: Any, company: str, family: str) -> HttpResponse:
    """How many documents are open and overdue, and what that comes to, by currency: the fragment over the list."""
    one = FAMILIES[family]
    if one.kinds[0] not in BOOKED:
        raise Http404
    sums = open_sums(request.company, one.kinds, _today(request))
    return render(request, "invoicing/document_sums.html", {"sums": sums, "family": one})


def _rows(request: Any, family: Family, form: DocumentFilterForm, tab: str) -> Any:
    rows = matching(request.company, documents_of(request.company, family.kinds, _today(request)), form.wanted())
    if tab in TABS and tab:
        rows = of_status(request.company, rows, tab, _today(request))
    return rows.order_by("-date", "-id")


def _page(rows: Any, number: str | None) -> Any:
    """The page of this number: which documents are on it is found without what is open of each, nor their contacts."""
    page = Paginator(rows.values_list("pk", flat=True), PAGE).get_page(number)
    page.object_list = list(rows.filter(pk__in=list(page.object_list)))
    return page


def _tabs(family: Family) -> list[tuple[str, Any]]:
    tabs = TABS if family.kinds[0] in BOOKED else ["", "draft"]
    return [(tab, TAB_NAMES[tab]) for tab in tabs]


def _today(request: Any) -> Any:
    return business_day(request.company)
