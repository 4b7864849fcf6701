"""The pages of fiscal positions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.fiscal_positions import add_position, change_position, delete_position
from accounting.forms_fiscal_positions import FiscalPositionForm, Pairs
from accounting.models import FiscalPosition
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def position_list(request: Any, company: str) -> HttpResponse:
    """The fiscal positions in the order in which they are asked, those out of use last."""
    rows = FiscalPosition.objects.for_company(request.company).order_by("-is_active", "number", "name", "id")
    rows = rows.prefetch_related("taxes__source", "taxes__target", "accounts__source", "accounts__target")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    may_manage = request.scope.allows(Permission.MANAGE_ACCOUNTS)
    return render(request, "accounting/fiscal_position_list.html", {"page": page, "may_manage": may_manage})


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def position_new(request: Any, company: str) -> HttpResponse:
    """Add a fiscal position."""
    return _edited(request, FiscalPositionForm(None, request.POST or None), None)


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def position_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a fiscal position, unless somebody else did meanwhile."""
    position = get_object_or_404(FiscalPosition.objects.for_company(request.company), pk=pk)
    return _edited(request, FiscalPositionForm(position, request.POST or None), position)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def position_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take a fiscal position out of use, use it again, or delete it."""
    position = get_object_or_404(FiscalPosition.objects.for_company(request.company), pk=pk)
    with refusals_to(flashed(request)):
        act = request.POST.get("act")
        if act == "delete":
            delete_position(position)
            messages.success(request, _("%s is deleted.") % position)
        elif act in ("retire", "use"):
            change_position(position, is_active=act == "use")
            said = _("%s is in use.") if act == "use" else _("%s is out of use.")
            messages.success(request, said % position)
    return redirect("accounting:fiscal-position-list", company=company)


def _edited(request: Any, form: FiscalPositionForm, position: FiscalPosition | None) -> HttpResponse:
    pairs = Pairs(request.company, position, request.POST or None)
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid() & pairs.is_valid():
        given = {**form.cleaned_data, **pairs.values()}
        with refusals_to(lambda refusal: refused.append(_shown(refusal, form, pairs))):
            saved = change_position(position, **given) if position else add_position(**given)
            messages.success(request, _("%s is saved.") % saved)
            return redirect("accounting:fiscal-position-list", company=request.company.slug)
    wrong = form.errors or (request.method == "POST" and not pairs.is_valid())
    status = refused[0].status if refused else 422 if wrong else 200
    context = {"form": form, "pairs": pairs, "position": position, "stale": status == 409}
    return render(request, "accounting/fiscal_position_form.html", context, status=status)


def _shown(refusal: Refused, form: FiscalPositionForm, pairs: Pairs) -> Refused:
    """Say it at the pair that it is about, or else at the form."""
    name, _bracket, rest = refusal.place.partition("[")
    number = rest.partition("]")[0]
    said = pairs.said(name) if number.isdecimal() else []
    (said[int(number)] if number.isdecimal() and int(number) < len(said) else form).show(refusal)
    return refusal
