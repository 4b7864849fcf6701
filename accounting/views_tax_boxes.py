"""The pages of the boxes of the tax return."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.forms_taxes import TaxBoxForm
from accounting.models import TaxBox, TaxCode
from accounting.tax_boxes import add_box, change_box, delete_box
from accounting.tax_rules import BOXES
from tenants.etag import etag_of
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def tax_box_list(request: Any, company: str) -> HttpResponse:
    """The boxes in the order of the return, each with the taxes that are added to it."""
    boxes = list(TaxBox.objects.for_company(request.company))
    filled = _filled(request)
    for box in boxes:
        box.filled_by = filled.get(box.code, [])
    may_manage = request.scope.allows(Permission.MANAGE_ACCOUNTS)
    return render(request, "accounting/tax_box_list.html", {"boxes": boxes, "may_manage": may_manage})


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def tax_box_new(request: Any, company: str) -> HttpResponse:
    """Add a box."""
    return _edited(request, TaxBoxForm(None, "", request.POST or None), None)


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def tax_box_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a box, unless somebody else did meanwhile."""
    box = get_object_or_404(TaxBox.objects.for_company(request.company), pk=pk)
    return _edited(request, TaxBoxForm(box, etag_of(box), request.POST or None), box)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def tax_box_delete(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Remove a box that nothing names."""
    box = get_object_or_404(TaxBox.objects.for_company(request.company), pk=pk)
    with refusals_to(flashed(request)):
        delete_box(box)
        messages.success(request, _("Box %s is deleted.") % box)
    return redirect("accounting:tax-box-list", company=company)


def _edited(request: Any, form: TaxBoxForm, box: TaxBox | None) -> HttpResponse:
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(refused.append):
            saved = change_box(box, **form.cleaned_data) if box else add_box(**form.cleaned_data)
            messages.success(request, _("Box %s is saved.") % saved)
            return redirect("accounting:tax-box-list", company=request.company.slug)
    for refusal in refused:
        form.show(refusal)
    status = refused[0].status if refused else form.status
    context = {"form": form, "box": box, "stale": status == 409}
    return render(request, "accounting/tax_box_form.html", context, status=status)


def _filled(request: Any) -> dict[str, list[TaxCode]]:
    found: dict[str, list[TaxCode]] = {}
    for tax in TaxCode.objects.for_company(request.company).filter(is_active=True).order_by("code"):
        for code in dict.fromkeys(code for name in BOXES for code in getattr(tax, name)):
            found.setdefault(code, []).append(tax)
    return found
