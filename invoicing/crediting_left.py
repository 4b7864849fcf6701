"""What is left of a posted document to credit: its quantities and amounts less those of its credit notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from invoicing.document_entry import Parts
from invoicing.models import Document, DocumentLine, DocumentTax
from invoicing.refusals import DocumentRefused, OverCredited
from tenants.models import Company

CREDITED_AS = {"invoice": "credit_note", "debit_note": "credit_note", "bill": "supplier_credit"}


@dataclass(slots=True)
class Left:
    """What is left of a document: in all, of each tax, and of each line its quantity and its amount: the net, or the
    gross where prices include tax. `taxes` were the document's own."""

    total: Decimal
    taxes: dict[UUID, Decimal]
    taxes_left: dict[UUID, Decimal]
    quantities: dict[UUID, Decimal]
    amounts: dict[UUID, Decimal]
    lines: list[DocumentLine]
    priced: str

    @property
    def is_nothing(self) -> bool:
        return not self.total and not any(self.quantities.values())


def left_of(company: Company, document: Document) -> Left:
    """What the posted credit notes of a document leave of it, in five statements."""
    lines = list(DocumentLine.objects.for_company(company).filter(document=document).order_by("number"))
    notes = Document.objects.for_company(company).filter(credits=document, state=Document.State.POSTED)
    credited = notes.aggregate(total=Sum("total"))["total"] or Decimal(0)
    own = DocumentLine.objects.for_company(company).filter(document__in=notes.values("pk"), credits__in=lines)
    priced = "gross" if document.prices_include_tax else "net"
    given = {row[0]: row[1:] for row in own.values_list("credits").annotate(Sum("quantity"), Sum(priced))}
    taxes = dict(_taxes(company, [document.pk]))
    taxes_left = dict(taxes)
    for tax, amount in _taxes(company, list(notes.values_list("pk", flat=True))):
        taxes_left[tax] = taxes_left.get(tax, Decimal(0)) - amount
    nothing = (Decimal(0), Decimal(0))
    return Left(
        document.total - credited, taxes, taxes_left,
        {line.pk: line.quantity - given.get(line.pk, nothing)[0] for line in lines},
        {line.pk: getattr(line, priced) - given.get(line.pk, nothing)[1] for line in lines}, lines, priced,
    )  # fmt: skip


def _taxes(company: Company, documents: Sequence[UUID]) -> list[tuple[UUID, Decimal]]:
    rows = DocumentTax.objects.for_company(company).filter(document__in=documents)
    return list(rows.values_list("tax_code").annotate(Sum("amount")))


def refuse_over_credited(company: Company, parts: Sequence[Parts]) -> None:
    """Refuse credit notes of more than is left; what they credit is held until the transaction ends."""
    crediting = [part for part in parts if part.document.credits_id]
    if not crediting:
        return
    ids = {part.document.credits_id for part in crediting}
    rows = Document.objects.for_company(company).select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in rows}
    left = {pk: left_of(company, row) for pk, row in found.items()}
    for part in crediting:
        original = found[part.document.credits_id]
        _check_pair(part.document, original)
        _take_off(left[original.pk], part)


def _check_pair(note: Document, original: Document) -> None:
    fits = CREDITED_AS.get(original.kind) == note.kind and original.contact_id == note.contact_id
    if not fits or original.currency != note.currency or original.state != Document.State.POSTED:
        raise DocumentRefused(_("%s is not credited by this document.") % original, place="credits")
    if note.date < original.date:
        raise DocumentRefused(_("A credit note is not dated before what it credits."), place="date")


def _take_off(left: Left, part: Parts) -> None:
    for number, line in enumerate(part.lines):
        place = f"lines[{number}]"
        if line.credits_id is None:
            continue
        if line.credits_id not in left.quantities:
            raise DocumentRefused(_("The line is not of what is credited."), place=f"{place}.credits")
        rest, amount, own = left.quantities[line.credits_id], left.amounts[line.credits_id], getattr(line, left.priced)
        if abs(line.quantity) > abs(rest) or line.quantity * rest < 0 or abs(own) > abs(amount):
            message = _("Only %(quantity)s is left of the line, worth %(amount)s.")
            found = {"quantity": f"{rest.normalize():f}", "amount": amount}
            raise OverCredited(message % found, place=f"{place}.quantity")
        left.quantities[line.credits_id] -= line.quantity
        left.amounts[line.credits_id] -= own
    if part.document.total > left.total:
        raise OverCredited(_("Only %s is left to credit.") % left.total, place="lines")
    left.total -= part.document.total
