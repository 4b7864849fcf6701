"""Bills beside what was ordered and received: quantities and prices within the company's tolerance, or somebody else
agrees (the three-way match)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from invoicing.invoicing_settings import settings_of
from invoicing.models import Document, DocumentLine, InvoicingSettings, ReceiptLine
from invoicing.refusals import BillDiffers
from tenants.models import Company

ZERO = Decimal(0)


@dataclass(slots=True)
class Standing:
    """A line of a purchase order, what of it arrived, and what posted bills charge for."""

    line: DocumentLine
    received: Decimal = ZERO
    billed: Decimal = ZERO

    @property
    def price(self) -> Fraction:
        """Net for one, after discounts."""
        return Fraction(self.line.net) / Fraction(self.line.quantity) if self.line.quantity else Fraction(0)


@dataclass(frozen=True, slots=True)
class Matched:
    """A line of a bill beside the line of the order that it charges for; `difference` is empty within tolerance."""

    line: DocumentLine
    order: Document
    standing: Standing
    difference: str
    place: str


def standing_of(company: Company, orders: Collection[UUID]) -> dict[UUID, Standing]:
    """How the lines of these orders stand, in three statements. What was credited is not billed."""
    lines = DocumentLine.objects.for_company(company).filter(document__in=orders).select_related("document")
    found = {line.pk: Standing(line) for line in lines.order_by("document_id", "number")}
    arrived = ReceiptLine.objects.for_company(company).filter(order_line__document__in=orders)
    for line, quantity in arrived.values_list("order_line").annotate(Sum("quantity")):
        found[line].received = quantity
    charged = DocumentLine.objects.for_company(company).filter(
        order_line__document__in=orders, document__state=Document.State.POSTED
    )
    for line, kind, quantity in charged.values_list("order_line", "document__kind").annotate(Sum("quantity")):
        found[line].billed += quantity if kind == Document.Kind.BILL else -quantity
    return found


def matched(company: Company, bill: Document, lines: Sequence[DocumentLine]) -> list[Matched]:
    """Each line of a bill that an order stands behind, beside it; before the bill is posted."""
    wanted = {line.order_line_id for line in lines if line.order_line_id}
    if bill.kind != Document.Kind.BILL or not wanted:
        return []
    orders = DocumentLine.objects.for_company(company).filter(pk__in=wanted).values_list("document", flat=True)
    return _match(settings_of(company), bill, lines, standing_of(company, set(orders)))


def _match(
    settings: InvoicingSettings, bill: Document, lines: Sequence[DocumentLine], standing: dict[UUID, Standing]
) -> list[Matched]:
    """One line after the other: what one charges for, the next of the same order line does not charge for again."""
    found = []
    for number, line in enumerate(lines):
        if line.order_line_id is None:
            continue
        ordered = standing[line.order_line_id]
        difference, cell = _difference(settings, bill, line, ordered)
        found.append(Matched(line, ordered.line.document, ordered, difference, f"lines[{number}].{cell}"))
        standing[line.order_line_id] = Standing(ordered.line, ordered.received, ordered.billed + line.quantity)
    return found


def _difference(settings: InvoicingSettings, bill: Document, line: DocumentLine, found: Standing) -> tuple[str, str]:
    """What is outside the tolerance, in words, and the cell where it stands."""
    order = found.line.document
    if settings.match_bills == InvoicingSettings.Match.NOT:
        return "", ""
    if bill.contact_id != order.contact_id or bill.currency != order.currency:
        return _("The order is of another supplier, or in another currency."), "order_line"
    by_receipt = settings.match_bills == InvoicingSettings.Match.RECEIPT
    due = found.received if by_receipt else found.line.quantity
    charged = found.billed + line.quantity
    if charged > Fraction(due) * (1 + Fraction(settings.quantity_tolerance) / 100):
        texts = {"charged": f"{charged.normalize():f}", "due": f"{due.normalize():f}"}
        words = _("%(charged)s are charged for, %(due)s arrived.") if by_receipt else _(
            "%(charged)s are charged for, %(due)s were ordered.")  # fmt: skip
        return words % texts, "quantity"
    price = Fraction(line.net) / Fraction(line.quantity) if line.quantity else Fraction(0)
    if price > found.price * (1 + Fraction(settings.price_tolerance) / 100):
        texts = {"price": f"{float(price):,.4f}", "ordered": f"{float(found.price):,.4f}"}
        return _("One costs %(price)s net, and %(ordered)s were agreed.") % texts, "unit_price"
    return "", ""


def differs(company: Company, bill: Document, lines: Sequence[DocumentLine]) -> bool:
    """Whether the bill asks for more than its order allows, so that somebody else has to agree."""
    return any(one.difference for one in matched(company, bill, lines))


def refuse_differing(company: Company, bills: Iterable[tuple[Document, Sequence[DocumentLine], str]]) -> None:
    """Refuse (`bill_differs`, at the cell) what is outside the tolerance and was agreed to by nobody; `bills` come with
    their lines and place. The orders are held until the transaction ends."""
    wanted = [one for one in bills if one[0].kind == Document.Kind.BILL and any(row.order_line_id for row in one[1])]
    if not wanted:
        return
    ids = {row.order_line_id for _bill, lines, _place in wanted for row in lines if row.order_line_id}
    orders = DocumentLine.objects.for_company(company).filter(pk__in=ids).values("document")
    held = Document.objects.for_company(company).select_for_update(no_key=True).filter(pk__in=orders).order_by("pk")
    settings, standing = settings_of(company), standing_of(company, [order.pk for order in held])
    for bill, lines, place in wanted:
        for one in _match(settings, bill, lines, standing):
            if one.difference and bill.state != Document.State.APPROVED:
                message = _("%s Somebody else agrees to it first: submit the bill.") % one.difference
                raise BillDiffers(message, place=f"{place}{one.place}")
