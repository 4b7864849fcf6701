"""What a payment of a table is for: documents named by number or reference, with an amount or with all that is open."""

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.table_cells import read_amount
from accounting.written_numbers import Unreadable
from invoicing.document_listing import documents_of
from invoicing.models import BOOKED, Document
from invoicing.payments import PAYS, PartContent, PaymentContent
from invoicing.refusals import PaymentRefused
from tenants.models import Company

ZERO = Decimal(0)
PLACE = "parts"


class PaidDocuments:
    """The posted documents that a table names, read once, and what its payments so far leave open of them."""

    def __init__(self, company: Company, cells: Sequence[str]) -> None:
        self._company = company
        names = {name for cell in cells for name, _amount in _named(cell)}
        rows = documents_of(company, sorted(BOOKED), business_day(company)).filter(state=Document.State.POSTED)
        self._found: dict[tuple[UUID, str], list[Any]] = defaultdict(list)
        self._left: dict[UUID, Decimal] = {}
        if not names:
            return
        for document in rows.filter(Q(number__in=names) | Q(reference__in=names)):
            for name in {document.number, document.reference} & names:
                self._found[document.contact_id, name].append(document)
            self._left[document.pk] = document.open_amount

    def paid_with(self, content: PaymentContent, contact: UUID | None, cell: str) -> PaymentContent:
        """The payment with its parts. Refused (`invalid_payment`, at `parts`) where a document is not found, or its
        amount is blank and nothing is open or its currency is another one."""
        parts: list[PartContent] = []
        left = content.amount
        for name, text in _named(cell):
            document = self._document(content, contact, name)
            amount = _read(text) if text else self._open(content, document, left)
            left -= amount
            parts.append(PartContent(document=document.pk, amount=amount))
        return dataclasses.replace(content, parts=tuple(parts))

    def take(self, content: PaymentContent) -> None:
        """The payment is kept: so much less is open for the rows below."""
        for part in content.parts:
            if part.document is not None:
                self._left[part.document] -= part.amount

    def _document(self, content: PaymentContent, contact: UUID | None, name: str) -> Any:
        kinds = PAYS[content.direction, content.role]
        found = [one for one in self._found.get((contact, name), []) if one.kind in kinds] if contact else []
        exact = [one for one in found if one.number == name] or found
        if len(exact) > 1:
            message = _("Several documents have the reference “%s”: write the number.")
            raise PaymentRefused(message % name[:60], place=PLACE)
        if not exact:
            message = _("The contact has no posted document “%s” that such a payment settles.")
            raise PaymentRefused(message % name[:60], place=PLACE)
        return exact[0]

    def _open(self, content: PaymentContent, document: Any, left: Decimal) -> Decimal:
        if content.currency and content.currency != document.currency:
            message = _("%(document)s is in %(currency)s: note this payment by hand.")
            raise PaymentRefused(message % {"document": document, "currency": document.currency}, place=PLACE)
        amount = min(self._left[document.pk], left)
        if amount <= ZERO:
            nothing = _("Nothing of %s is open.") if left > ZERO else _("Nothing is left of the payment for %s.")
            raise PaymentRefused(nothing % document, place=PLACE)
        return amount.quantize(Decimal(1).scaleb(-chart_of(self._company).units[document.currency].decimals))


def _named(cell: str) -> list[tuple[str, str]]:
    """Names and the texts of their amounts: `INV-1:100.00; INV-2`."""
    pairs = []
    for part in filter(None, (text.strip() for text in cell.split(";"))):
        name, colon, amount = part.rpartition(":")
        pairs.append((name.strip(), amount.strip()) if colon else (part, ""))
    return pairs


def _read(text: str) -> Decimal:
    try:
        return read_amount(text, decimal_comma=False)
    except Unreadable as error:
        raise PaymentRefused(error.message, place=PLACE) from error
