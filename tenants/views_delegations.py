"""The page of delegations: who approves in whose place, and until when."""

import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tenants.approvals import delegate, end_delegation, visible_delegations
from tenants.forms import DelegationForm
from tenants.models import Membership, User
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission, permissions_of_role

PAGE = 50


@never_cache
@needs(Permission.VIEW_BOOKS)
def delegation_list(request: Any, company: str) -> HttpResponse:
    """Mine, and for who manages the company everybody's; approvers hand their approvals over for a while."""
    today = datetime.datetime.now(tz=ZoneInfo(request.company.time_zone)).date()
    manages = request.scope.allows(Permission.MANAGE_COMPANY)
    people = _people(request)
    approvers = [user for user, role in people if Permission.APPROVE in permissions_of_role(role)]
    mine = [user for user in approvers if user.pk == request.user.pk]
    offered = approvers if manages else mine
    form = DelegationForm(request.POST or None, delegators=offered, delegates=[user for user, _role in people])
    if request.method == "POST":
        request.scope.require(Permission.VIEW_BOOKS if offered else Permission.APPROVE)
        if form.is_valid():
            with refusals_to(form.show):
                delegate(**form.wanted())
                messages.success(request, _("The approvals are delegated."))
                return redirect("tenants:delegation-list", company=company)
    else:
        form.initial = {"delegator": request.user.pk, "start": today, "end": today}
    rows = visible_delegations().order_by("-end", "-start", "id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "page": page, "today": today,
        "offered": offered, "manages": manages, "me": request.user.pk,
    }  # fmt: skip
    return render(request, "tenants/delegations.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Permission.VIEW_BOOKS)
def delegation_end(request: Any, company: str, pk: UUID) -> HttpResponse:
    """End a delegation: by either of the two, or who manages the company."""
    end_delegation(pk)
    messages.success(request, _("The delegation is ended."))
    return redirect("tenants:delegation-list", company=company)


def _people(request: Any) -> list[tuple[User, str]]:
    members = Membership.objects.for_company(request.company).filter(is_active=True, user__is_active=True)
    rows = members.select_related("user").order_by("user__name", "user__email")
    return [(row.user, row.role) for row in rows]
