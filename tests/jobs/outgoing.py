"""Webhooks and mails in the hands of tests: made, looked at, and moved to another moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from jobs.models import OutboundMail, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from jobs.webhook_delivery import deliver_company
from jobs.webhook_endpoints import add_endpoint
from jobs.webhooks import emit
from tenants.scope import Actor, company_scope


def inside(company: Any) -> Any:
    """Inside the company, as the system."""
    return company_scope(company, actor=Actor.system("test"))


def listen(company: Any, url: str, **fields: Any) -> tuple[WebhookEndpoint, str]:
    """A webhook of the company, with its secret."""
    with inside(company):
        return add_endpoint(url, **fields)


def happen(company: Any, key: str = "invoice:1:post", type: str = "invoice.posted", **payload: Any) -> None:
    """Something happens, and is committed as long as no transaction is open."""
    with inside(company):
        emit(type, key=key, subject="invoicing_document", subject_id=company.pk, payload=payload)


def deliver(company: Any) -> int:
    """What a worker does for one company."""
    with ThreadPoolExecutor(4) as pool:
        return deliver_company(company, pool)


def delivery_of(company: Any, **wanted: Any) -> WebhookDelivery:
    """The one delivery, as everybody sees it now."""
    with inside(company):
        return WebhookDelivery.objects.for_company(company).select_related("endpoint", "event").get(**wanted)


def attempts_of(delivery: WebhookDelivery) -> list[WebhookAttempt]:
    with inside(delivery.company):
        return list(WebhookAttempt.objects.for_company(delivery.company).filter(delivery=delivery).order_by("id"))


def move(company: Any, model: Any, **values: Any) -> None:
    """Move the company's rows, for what would otherwise take a wait."""
    with inside(company):
        assert model.objects.for_company(company).update(**values)


def mail_of(company: Any, **wanted: Any) -> OutboundMail:
    with inside(company):
        return OutboundMail.objects.for_company(company).get(**wanted)
