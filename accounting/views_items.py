"""The pages of items."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.chart import chart_of
from accounting.csv_download import csv_download
from accounting.forms_items import ItemFilterForm, ItemForm
from accounting.item_listing import POINTERS, item_register, list_items
from accounting.items import add_item, change_item, delete_item
from accounting.models import Item
from accounting.row_history import shown_history
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def item_list(request: Any, company: str) -> HttpResponseBase:
    """Goods and services by code; the address is the filter. On screen or as CSV."""
    form = ItemFilterForm({"state": "active", **request.GET.dict()})
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {}
    found = list_items(request.company, text=asked["text"].strip(), state=asked["state"]) if valid else []
    if valid and request.GET.get("format") == "csv":
        return csv_download("items", item_register(found), subject="accounting_item")
    context = {
        "form": form, "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "narrowed": valid and (asked["text"] or asked["state"] not in ("", "active")), **_shown(request),
    }  # fmt: skip
    return render(request, "accounting/item_list.html", context, status=200 if valid else 422)


@never_cache
@needs(Permission.MANAGE_CONTACTS)
def item_new(request: Any, company: str) -> HttpResponse:
    """Add a good or service."""
    return _edited(request, ItemForm(request.company, None, request.POST or None), None)


@never_cache
@needs(Permission.MANAGE_CONTACTS)
def item_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change an item, unless somebody else did meanwhile."""
    item = get_object_or_404(Item.objects.for_company(request.company).select_related(*POINTERS), pk=pk)
    return _edited(request, ItemForm(request.company, item, request.POST or None), item)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def item_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One item: prices, accounts, taxes, and what became of it."""
    item = get_object_or_404(Item.objects.for_company(request.company).select_related(*POINTERS), pk=pk)
    context = {"item": item, "history": shown_history(request, item), **_shown(request)}
    return render(request, "accounting/item_detail.html", context)


@require_POST
@needs(Permission.MANAGE_CONTACTS)
def item_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take an item out of use, use it again, or delete it."""
    item = get_object_or_404(Item.objects.for_company(request.company), pk=pk)
    with refusals_to(flashed(request)):
        act = request.POST.get("act")
        if act == "delete":
            delete_item(item)
            messages.success(request, _("%s is deleted.") % item)
            return redirect("accounting:item-list", company=company)
        if act in ("retire", "use"):
            change_item(item, is_active=act == "use")
            messages.success(request, _("%s is in use.") % item if act == "use" else _("%s is out of use.") % item)
    return redirect("accounting:item-detail", company=company, pk=pk)


def _edited(request: Any, form: ItemForm, item: Item | None) -> HttpResponse:
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(refused.append):
            saved = change_item(item, **form.values()) if item else add_item(**form.values())
            messages.success(request, _("%s is saved.") % saved)
            return redirect("accounting:item-detail", company=request.company.slug, pk=saved.pk)
    for refusal in refused:
        form.show(refusal)
    status = refused[0].status if refused else form.status
    context = {"form": form, "item": item, "stale": status == 409}
    return render(request, "accounting/item_form.html", context, status=status)


def _shown(request: Any) -> dict[str, Any]:
    company = request.company
    return {
        "may_manage": request.scope.allows(Permission.MANAGE_CONTACTS),
        "decimals": chart_of(company).units[company.base_currency].decimals,
    }
