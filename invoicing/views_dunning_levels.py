"""The pages of the dunning levels."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from invoicing.dunning_levels import PLACES, add_level, add_usual_levels, change_level
from invoicing.forms_dunning import DunningLevelForm
from invoicing.models import DunningLevel
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def level_list(request: Any, company: str) -> HttpResponse:
    """How late customers are asked, step by step."""
    levels = DunningLevel.objects.for_company(request.company).order_by("number")
    context = {"levels": levels, "may_manage": request.scope.allows(Permission.MANAGE_COMPANY)}
    return render(request, "invoicing/dunning_level_list.html", context)


@require_POST
@needs(Permission.MANAGE_COMPANY)
def usual_levels(request: Any, company: str) -> HttpResponse:
    """Begin with a reminder and two notices."""
    with refusals_to(flashed(request)):
        add_usual_levels()
        messages.success(request, _("Three levels are there: look at their words."))
    return redirect("invoicing:dunning-level-list", company=company)


@never_cache
@needs(Permission.MANAGE_COMPANY)
def level_form(request: Any, company: str, pk: UUID | None = None) -> HttpResponse:
    """A new level, or another way to ask at one."""
    level = get_object_or_404(DunningLevel.objects.for_company(request.company), pk=pk) if pk else None
    form = DunningLevelForm(level, request.POST or None)
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(refused.append):
            values = form.values()
            version = values.pop("version")
            if level:
                change_level(level.pk, version=version, **values)
            else:
                add_level(**values)
            messages.success(request, _("The level is saved."))
            return redirect("invoicing:dunning-level-list", company=company)
    for refusal in refused:
        form.show(refusal)
    status = refused[0].status if refused else form.status
    context = {"form": form, "level": level, "places": [f"{{{name}}}" for name in PLACES]}
    return render(request, "invoicing/dunning_level_form.html", context, status=status)
