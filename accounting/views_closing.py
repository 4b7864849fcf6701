"""The close checklist of a period: what is left to do before it closes, and where each thing is done."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounting.close_checklist import CloseCheck, checklist
from accounting.models import Period
from tenants.forms import ReasonForm
from tenants.navigation import address
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import Refused


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def period_checklist(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Each check of the period: how much is left, whether it blocks, and the page where it is solved."""
    period: Period = get_object_or_404(Period.objects.for_company(request.company), pk=pk)
    return checklist_page(request, period)


def checklist_page(
    request: Any, period: Period, refusal: Refused | None = None, reopening: PageAct | None = None
) -> HttpResponse:
    """The checklist; over it the refusal of a closing or reopening that was tried."""
    checks = checklist(period)
    others = Period.objects.for_company(request.company)
    earlier = others.filter(end__lt=period.start).exclude(status=Period.Status.CLOSED).order_by("start").first()
    last_closed = others.filter(status=Period.Status.CLOSED).order_by("-start").first()
    manages = request.scope.allows(Permission.MANAGE_PERIODS)
    if reopening is None and manages and (period.status == Period.Status.SOFT_CLOSED or period == last_closed):
        reopening = _reopening(request, period)
    context = {
        "period": period, "checks": [(check, _where(request, check)) for check in checks], "earlier": earlier,
        "left": sum(1 for check in checks if check.blocks and not check.is_done), "refusal": refusal,
        "reopening": reopening,
    }  # fmt: skip
    status = refusal.status if refusal else 422 if reopening and reopening.is_refused else 200
    return render(request, "accounting/period_checklist.html", context, status=status)


def _reopening(request: Any, period: Period) -> PageAct:
    status, own = (
        reverse(f"accounting:period-{name}", args=[request.company.slug, period.pk]) for name in ("status", "checklist")
    )
    return PageAct(
        "reopen", status, ReasonForm(auto_id="id_reopen_%s"), page=own, next=own, title=_("Reopen %s") % period,
        button=_("Reopen"), value="reopen",
    )  # fmt: skip


def _where(request: Any, check: CloseCheck) -> str:
    """The address where the check is solved; none where nothing is left, or no page shows it."""
    url = address(check.page, request.company.slug) if check.page and not check.is_done else ""
    return f"{url}?{check.query}" if url and check.query else url
