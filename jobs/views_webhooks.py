"""The pages of webhooks: who is told what happens, with what secret, and what became of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jobs.forms import RotateForm, WebhookForm
from jobs.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from jobs.webhook_endpoints import add_endpoint, change_endpoint, present_endpoints, remove_endpoint, rotate_secret
from jobs.webhook_replaying import ping, replay, replay_missed
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50
UNDER_WAY = (DeliveryState.WAITING, DeliveryState.CLAIMED)


@require_safe
@never_cache
@needs(Permission.MANAGE_COMPANY)
def webhook_list(request: Any, company: str) -> HttpResponse:
    """The webhooks of the company, those out of use last."""
    page = Paginator(present_endpoints().order_by("-is_active", "-id"), PAGE).get_page(request.GET.get("page"))
    return render(request, "jobs/webhook_list.html", {"page": page})


@never_cache
@needs(Permission.MANAGE_COMPANY)
def webhook_new(request: Any, company: str) -> HttpResponse:
    """Add a webhook; its secret is shown now and never again."""
    form = WebhookForm(None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            endpoint, secret = add_endpoint(**form.cleaned_data)
            return _shown(request, endpoint, secret)
    return render(request, "jobs/webhook_form.html", {"form": form}, status=form.status)


@never_cache
@needs(Permission.MANAGE_COMPANY)
def webhook_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a webhook, unless somebody else did meanwhile."""
    endpoint = _endpoint(pk)
    form = WebhookForm(endpoint, request.POST or None)
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(refused.append):
            change_endpoint(endpoint, **form.cleaned_data)
            messages.success(request, _("The webhook is saved."))
            return redirect("jobs:webhook-detail", company=company, pk=pk)
    for refusal in refused:
        form.show(refusal)
    status = refused[0].status if refused else form.status
    context = {"form": form, "endpoint": endpoint, "stale": status == 409}
    return render(request, "jobs/webhook_form.html", context, status=status)


@require_safe
@never_cache
@needs(Permission.MANAGE_COMPANY)
def webhook_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """A webhook and what it was told, the latest first."""
    return _shown(request, _endpoint(pk))


@require_POST
@never_cache
@needs(Permission.MANAGE_COMPANY)
def webhook_rotate(request: Any, company: str, pk: UUID) -> HttpResponse:
    """A new secret, shown now and never again."""
    form = RotateForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            endpoint, secret = rotate_secret(_endpoint(pk), form.cleaned_data["hours"])
            return _shown(request, endpoint, secret)
    return _shown(request, _endpoint(pk), form=form)


@require_POST
@needs(Permission.MANAGE_COMPANY)
def webhook_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Try a webhook out, send what it missed, take it out of use, use it again, or remove it."""
    endpoint = _endpoint(pk)
    with refusals_to(flashed(request)), transaction.atomic():
        act = request.POST.get("act")
        if act == "ping":
            ping(endpoint)
            messages.success(request, _("A test event is on its way: look again in some seconds."))
        elif act == "replay":
            messages.success(request, _("Sent once more: %d. Look again in some seconds.") % replay_missed(endpoint))
        elif act in ("retire", "use"):
            change_endpoint(endpoint, is_active=act == "use")
            messages.success(request, _("The webhook is in use.") if act == "use" else _("The webhook is out of use."))
        elif act == "remove":
            remove_endpoint(endpoint)
            messages.success(request, _("“%s” is removed.") % endpoint)
            return redirect("jobs:webhook-list", company=company)
    return redirect("jobs:webhook-detail", company=company, pk=pk)


@require_safe
@never_cache
@needs(Permission.MANAGE_COMPANY)
def delivery_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """What a webhook was told, and every attempt."""
    delivery = _delivery(request, pk)
    log = WebhookAttempt.objects.for_company(request.company).filter(delivery=delivery).order_by("-id")
    context = {"delivery": delivery, "log": log, "may_replay": _may_replay(delivery, delivery.endpoint)}
    return render(request, "jobs/webhook_delivery.html", context)


@require_POST
@needs(Permission.MANAGE_COMPANY)
def delivery_replay(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Send a delivery once more."""
    delivery = _delivery(request, pk)
    with refusals_to(flashed(request)), transaction.atomic():
        replay(delivery)
        messages.success(request, _("It is sent once more: look again in some seconds."))
    return redirect("jobs:webhook-delivery", company=company, pk=pk)


def _shown(request: Any, endpoint: WebhookEndpoint, secret: str = "", form: RotateForm | None = None) -> HttpResponse:
    rows = WebhookDelivery.objects.for_company(request.company).filter(endpoint=endpoint).select_related("event")
    state = request.GET.get("state", "")
    if state in DeliveryState.values:
        rows = rows.filter(state=state)
    page: Any = Paginator(rows.order_by("-id"), PAGE).get_page(request.GET.get("page"))
    for delivery in page:
        delivery.may_replay = _may_replay(delivery, endpoint)
    here = reverse("jobs:webhook-detail", args=[request.company.slug, endpoint.pk])
    rotate = PageAct(
        id="rotate", url=reverse("jobs:webhook-rotate", args=[request.company.slug, endpoint.pk]),
        form=form or RotateForm(), title=_("New secret"), button=_("Make a new secret"), page=here,
        hint=_("Until the old one ends, every message carries a signature of both."), label=_("New secret"),
    )  # fmt: skip
    context = {
        "endpoint": endpoint, "page": page, "secret": secret, "rotate": rotate, "here": here, "state": state,
        "states": DeliveryState.choices,
    }  # fmt: skip
    return render(request, "jobs/webhook_detail.html", context, status=form.status if form else 200)


def _may_replay(delivery: WebhookDelivery, endpoint: WebhookEndpoint) -> bool:
    return endpoint.is_active and delivery.state not in UNDER_WAY


def _endpoint(pk: UUID) -> WebhookEndpoint:
    found: WebhookEndpoint = get_object_or_404(present_endpoints(), pk=pk)
    return found


def _delivery(request: Any, pk: UUID) -> WebhookDelivery:
    rows = WebhookDelivery.objects.for_company(request.company).select_related("event", "endpoint")
    found: WebhookDelivery = get_object_or_404(rows, pk=pk)
    return found
