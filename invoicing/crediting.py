"""Credit a posted document: in whole or in part, to the cent what it was, and never more than is left of it."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from accounting.tax_lookup import Taxes, taxes_of
from invoicing.crediting_left import CREDITED_AS, Left, left_of
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.documents import content_line, content_of, save_document
from invoicing.models import Document, DocumentLine
from invoicing.refusals import DocumentNotFound, DocumentRefused, OverCredited
from invoicing.totals import rounded
from tenants.permissions import Permission
from tenants.scope import current_scope


@transaction.atomic
def credit_document(
    document_id: UUID, *, date: datetime.date, reason: str, quantities: Mapping[UUID, Decimal] | None = None,
    note_id: UUID | None = None,
) -> Document:  # fmt: skip
    """A draft of a credit note over what is left of a document, or over so much of some of its lines.

    The last credit note takes what rounding left, so that all of them together are exactly the document.
    Refused: `not_found`, `over_credited` (nothing is left), `invalid_document` (not posted, no reason, a strange line).
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    rows = Document.objects.for_company(scope.company).select_for_update(no_key=True)
    original: Document | None = rows.filter(pk=document_id).first()
    if original is None:
        raise DocumentNotFound(_("There is no such document."))
    if original.state != Document.State.POSTED or original.kind not in CREDITED_AS:
        raise DocumentRefused(_("Only posted invoices and bills are credited."), place="credits")
    if not reason.strip():
        raise DocumentRefused(_("Say why it is credited."), place="reason")
    left = left_of(scope.company, original)
    if left.is_nothing:
        raise OverCredited(_("%s is credited wholly.") % original)
    chosen = _chosen(left, quantities)
    return save_document(_note(original, left, chosen, date, reason), document_id=note_id)


def _note(
    original: Document, left: Left, chosen: Mapping[UUID, Decimal], date: datetime.date, reason: str
) -> DocumentContent:
    company = current_scope().company
    decimals = chart_of(company).units[original.currency].decimals
    amounts = {line.pk: _amount(left, line, chosen.get(line.pk, Decimal(0)), decimals) for line in left.lines}
    lines = [_line(line, chosen[line.pk], amounts[line.pk], decimals) for line in left.lines if chosen.get(line.pk)]
    return content_of(
        original, kind=CREDITED_AS[original.kind], date=date, due_date=date, terms="", tax_date=date, reason=reason,
        credits=original.pk, lines=lines, memo="", reference=original.number if original.is_sale else "",
        stated_taxes=_taxes(taxes_of(company), left, amounts, decimals),
    )  # fmt: skip


def _chosen(left: Left, quantities: Mapping[UUID, Decimal] | None) -> Mapping[UUID, Decimal]:
    if quantities is None:
        return left.quantities
    for line, quantity in quantities.items():
        if line not in left.quantities:
            raise DocumentRefused(_("The line is not of what is credited."), place=f"quantities.{line}")
        rest = left.quantities[line]
        if abs(quantity) > abs(rest) or quantity * rest < 0:
            message = _("Only %s is left of the line.") % f"{rest.normalize():f}"
            raise OverCredited(message, place=f"quantities.{line}")
    return quantities


def _amount(left: Left, line: DocumentLine, quantity: Decimal, decimals: int) -> Decimal:
    """What this quantity is worth: what all that is credited by then is worth, less what was credited before."""
    if not line.quantity:
        return Decimal(0)
    whole: Decimal = getattr(line, left.priced)
    before = whole - left.amounts[line.pk]
    credited = line.quantity - left.quantities[line.pk] + quantity
    return rounded(Fraction(whole) * Fraction(credited) / Fraction(line.quantity), decimals) - before


def _line(line: DocumentLine, quantity: Decimal, amount: Decimal, decimals: int) -> ContentLine:
    """The line again, for so much of it; at another price where rounding would not come to the amount."""
    content = content_line(line, quantity=quantity, credits=line.pk)
    kept = 1 - Fraction(line.discount_percent) / 100
    if rounded(Fraction(quantity) * Fraction(line.unit_price) * kept, decimals) == amount:
        return content
    price = (amount / quantity).quantize(Decimal("1e-12"))
    return content_line(line, quantity=quantity, credits=line.pk, unit_price=price, discount_percent=Decimal(0))


def _taxes(taxes: Taxes, left: Left, amounts: Mapping[UUID, Decimal], decimals: int) -> dict[str, Decimal]:
    """Each tax in the share of the lines that carry it, in the same way: so the notes add up to the document."""
    found = {}
    for pk, whole in left.taxes.items():
        own = [line for line in left.lines if line.tax_code_id and pk in _carried(taxes, line.tax_code_id)]
        base = sum((getattr(line, left.priced) for line in own), Decimal(0))
        now = sum((amounts[line.pk] for line in own), Decimal(0))
        before = base - sum((left.amounts[line.pk] for line in own), Decimal(0))
        if base and now:
            target = rounded(Fraction(whole) * Fraction(before + now) / Fraction(base), decimals)
            found[taxes.by_id[pk].code] = target - (whole - left.taxes_left[pk])
    return found


def _carried(taxes: Taxes, tax_code: UUID) -> set[UUID]:
    return {tax.id for tax in taxes.single(taxes.by_id[tax_code])}
