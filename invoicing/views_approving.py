"""What the pages of documents and payments share: the steps past maker and checker, on the version that was seen."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from invoicing.approving import (
    decide_document,
    decide_payment,
    submit_document,
    submit_payment,
    withdraw_document,
    withdraw_payment,
)

PageStep = Callable[[Any, UUID], HttpResponse]
STEPS: dict[str, tuple[Any, Any, Any]] = {
    "invoicing:document-detail": (submit_document, decide_document, withdraw_document),
    "invoicing:payment-detail": (submit_payment, decide_payment, withdraw_payment),
}


def approval_steps(page: str) -> dict[str, PageStep]:
    """Submit, withdraw, approve and reject, by what the button says; each leads back to the page."""
    submit, decide, withdraw = STEPS[page]

    def submitted(request: Any, pk: UUID) -> HttpResponse:
        if submit(pk, version=seen_version(request)).state == "submitted":
            return told(request, pk, page, _("It is submitted and waits for approval."))
        return told(request, pk, page, _("No approval is needed: it is ready to be posted."))

    def withdrawn(request: Any, pk: UUID) -> HttpResponse:
        withdraw(pk, reason=request.POST.get("reason", ""))
        return told(request, pk, page, _("It is taken back."))

    def approved(request: Any, pk: UUID) -> HttpResponse:
        thing = decide(pk, approve=True, version=seen_version(request), reason=request.POST.get("reason", ""))
        done = thing.state == "approved"
        return told(
            request, pk, page, _("It is approved.") if done else _("You have approved. Somebody else has to as well.")
        )

    def rejected(request: Any, pk: UUID) -> HttpResponse:
        decide(pk, approve=False, version=seen_version(request), reason=request.POST.get("reason", ""))
        return told(request, pk, page, _("It is rejected."))

    return {"submit": submitted, "withdraw": withdrawn, "approve": approved, "reject": rejected}


def told(request: Any, pk: UUID, page: str, sentence: str) -> HttpResponse:
    """Say what was done, on the page of what it was done to."""
    messages.success(request, sentence)
    return redirect(page, company=request.company.slug, pk=pk)


def seen_version(request: Any) -> int | None:
    """The version that was on the page when the button was pressed."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
