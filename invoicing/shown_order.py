"""What the page of a purchase order shows of its deliveries, and that of a bill of its order."""

from typing import Any

from invoicing.models import Document, Receipt
from invoicing.order_matching import matched, standing_of
from invoicing.shown_document import ShownDocument
from tenants.models import Company


def shown_order(company: Company, shown: ShownDocument) -> dict[str, Any]:
    """For an order how its lines stand and its receipts; for a bill that is not posted each line beside its order."""
    document = shown.document
    if document.kind == Document.Kind.PURCHASE_ORDER:
        receipts = Receipt.objects.for_company(company).filter(order=document).order_by("date", "id")
        return {
            "standing": list(standing_of(company, [document.pk]).values()),
            "receipts": receipts.prefetch_related("lines__order_line"),
        }
    if document.state == Document.State.POSTED:
        return {}
    return {"matches": matched(company, document, shown.lines)}
