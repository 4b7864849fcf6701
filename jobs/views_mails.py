"""The pages of e-mails: what went out to whom, what waits, what failed and why."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jobs.mail_deciding import AGAIN, STOPPABLE, cancel_mail, retry_mail
from jobs.models import MailState, OutboundMail
from jobs.plain_values import plain_text
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission

PAGE = 50
LONGEST_SEARCH = 200


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def mail_list(request: Any, company: str) -> HttpResponse:
    """The e-mails of the company, the latest first."""
    mails = OutboundMail.objects.for_company(request.company).defer("body_text", "body_html", "attachments")
    state, text = request.GET.get("state", ""), plain_text(request.GET.get("text", "").strip())[:LONGEST_SEARCH]
    if state in MailState.values:
        mails = mails.filter(state=state)
    if text:
        mails = mails.filter(Q(subject__icontains=text) | Q(to__icontains=text) | Q(cc__icontains=text))
    page = Paginator(mails.order_by("-id"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "states": MailState.choices, "state": state, "text": text,
        "is_set_up": settings.EMAIL_IS_SET_UP,
    }  # fmt: skip
    return render(request, "jobs/mail_list.html", context)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def mail_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """An e-mail, and what became of it."""
    mail = _mail(request, pk)
    allowed = request.scope.allows(Permission.DRAFT_ENTRIES)
    context = {
        "mail": mail, "may_retry": allowed and mail.state in AGAIN, "may_cancel": allowed and mail.state in STOPPABLE,
    }  # fmt: skip
    return render(request, "jobs/mail_detail.html", context)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def mail_retry(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Send the e-mail again."""
    return _act(request, pk, retry_mail, _("The e-mail is sent again."))


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def mail_cancel(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Do not send the e-mail."""
    return _act(request, pk, cancel_mail, _("The e-mail is cancelled."))


def _act(request: Any, pk: UUID, act: Callable[[OutboundMail], OutboundMail], done: str) -> HttpResponse:
    with refusals_to(flashed(request)), transaction.atomic():
        act(_mail(request, pk))
        messages.success(request, done)
    return redirect("jobs:mail-detail", company=request.company.slug, pk=pk)


def _mail(request: Any, pk: UUID) -> OutboundMail:
    found: OutboundMail = get_object_or_404(OutboundMail.objects.for_company(request.company), pk=pk)
    return found
