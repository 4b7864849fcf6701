"""Count in what arrives of a purchase order, and what goes back."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from invoicing.document_filling import is_kept
from invoicing.documents import held_document
from invoicing.models import Document, Receipt, ReceiptLine
from invoicing.order_matching import standing_of
from invoicing.refusals import ReceiptRefused
from ledger.kept_once import SavedBefore, keep_new, kept_before
from ledger.resolving import check_text
from tenants.fields import new_id
from tenants.permissions import Permission
from tenants.scope import current_scope

QUANTITY_DECIMALS = 6


@transaction.atomic
def receive(
    order_id: UUID, *, date: datetime.date, quantities: Mapping[UUID, Decimal], reference: str = "",
    receipt_id: UUID | None = None,
) -> Receipt:  # fmt: skip
    """Enter what arrived on a day, by line of the order; a quantity below zero went back to the supplier.

    More may arrive than was ordered; less than nothing may not. With a `receipt_id` of the caller's own it is kept
    once. Refused: `not_found`, `invalid_receipt` (with the line), `saved_before`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    order = held_document(order_id)
    counted = {line: quantity for line, quantity in quantities.items() if quantity}
    made = Receipt(
        id=receipt_id or new_id(), company=scope.company, order=order, date=date, reference=reference.strip(),
        received_by=scope.actor.name[:200],
    )  # fmt: skip
    if receipt_id and (kept := kept_before(made, ("order_id", "date", "reference"))):
        rows = ReceiptLine.objects.for_company(scope.company).filter(receipt=kept)
        if dict(rows.values_list("order_line", "quantity")) != counted:
            raise SavedBefore(_("This was saved before, with other content."))
        return kept
    _check(order, made, counted)
    keep_new(made)
    ReceiptLine.objects.bulk_create(
        ReceiptLine(company=scope.company, receipt=made, order_line_id=line, quantity=quantity)
        for line, quantity in counted.items()
    )
    return made


def _check(order: Document, made: Receipt, counted: Mapping[UUID, Decimal]) -> None:
    check_text(made.reference, "reference", 200)
    if order.kind != Document.Kind.PURCHASE_ORDER:
        raise ReceiptRefused(_("Goods are received for a purchase order."), place="order")
    if made.date < order.date:
        raise ReceiptRefused(_("Nothing arrives before it is ordered."), place="date")
    if not counted:
        raise ReceiptRefused(_("Say how much of what arrived."), place="quantities")
    standing = standing_of(order.company, [order.pk])
    for line, quantity in counted.items():
        place = f"quantities.{line}"
        if line not in standing:
            raise ReceiptRefused(_("The line is not of this order."), place=place)
        if not is_kept(quantity, QUANTITY_DECIMALS):
            raise ReceiptRefused(
                _("A quantity is below 10^18, with at most %d decimals.") % QUANTITY_DECIMALS, place=place
            )
        if standing[line].received + quantity < 0:
            message = _("Only %s of it arrived, so no more goes back.") % f"{standing[line].received.normalize():f}"
            raise ReceiptRefused(message, place=place)
