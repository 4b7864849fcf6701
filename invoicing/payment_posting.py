"""Post payments: number, entry, what they settle and the tax that moves with it, in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.rates import rate_on
from invoicing.approval_rules import approvals_of
from invoicing.cash_basis import tax_of_settled
from invoicing.lookups import Lookups, posted_with
from invoicing.models import DocumentTax, InvoicingSettings, Payment, PaymentPart, TaxRow
from invoicing.payment_entry import CONTROL, PaymentParts, discounted, entry_of_payment, tax_rows_of_payment
from invoicing.payment_settlement import settle_payment
from invoicing.payments import held_payment
from invoicing.refusals import ApprovalNeeded, PaymentRefused, WriteOffTooLarge
from invoicing.series import number_all
from invoicing.telling import tell_paid, tell_payment
from invoicing.totals import rounded
from ledger.models import Line
from ledger.posting import post_many
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import Scope, current_scope


def post_payment(payment_id: UUID, *, version: int | None = None) -> Payment:
    """Post a payment, once, and settle what it is for; asked again, it answers with what was posted.

    Refused: `not_found`, `conflict`, `approval_needed`, `over_allocated` (less of a document is open),
    `write_off_too_large`, `invalid_payment` (no reason), `period_closed` and whatever else the ledger refuses.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    return posted_with(scope.company, lambda lookups: _post(scope, lookups, payment_id, version))


def _post(scope: Scope, lookups: Lookups, payment_id: UUID, version: int | None) -> Payment:
    payment = held_payment(payment_id)
    if payment.state == Payment.State.POSTED:
        return payment
    payment = held_payment(payment_id, version)
    _check_approved(lookups, payment)
    parts = _parts(lookups, payment)
    _check_write_offs(scope.company, payment, parts.parts)
    if payment.currency != scope.company.base_currency and payment.rate is None:
        payment.rate, payment.rate_source = rate_on(payment.currency, payment.date, place="rate")
    kind = "receipt" if payment.direction == Payment.Direction.IN else "payment"
    payment.number = number_all(lookups.numbering, {payment.pk: (kind, payment.date)})[payment.pk]
    entry = entry_of_payment(parts, payment.number, lookups.chart, lookups.taxes.by_id)
    payment.entry_id = post_many([entry])[0].id
    _tie(scope.company, lookups, payment)
    payment.state, payment.posted_at = Payment.State.POSTED, timezone.now()
    payment.posted_by, payment.version = scope.actor.name[:200], payment.version + 1
    TaxRow.objects.bulk_create(_tax_rows(lookups, parts))
    payment.save()
    settle_payment(payment, parts.parts)
    settled = [part.document_id for part in parts.parts if part.document_id]
    tax_of_settled(lookups, settled, payment.date, payment.pk)
    tell_payment(payment)
    tell_paid(scope.company, settled, payment.pk)
    return payment


def _parts(lookups: Lookups, payment: Payment) -> PaymentParts:
    """The payment with its parts and the taxes of what is discounted."""
    rows = PaymentPart.objects.for_company(payment.company).filter(payment=payment).order_by("number")
    parts = list(rows.select_related("document", "refunds"))
    taxes: dict[UUID, list[DocumentTax]] = defaultdict(list)
    if discounts := [part.document_id for part in parts if part.discount]:
        found = DocumentTax.objects.for_company(payment.company).filter(document__in=discounts).order_by("number")
        for row in found:
            taxes[row.document_id].append(row)
    units = lookups.chart.units
    shares = {
        part.pk: discounted(part, taxes[part.document_id], units[part.document.currency].decimals)
        for part in parts
        if part.discount and part.document is not None
    }
    return PaymentParts(payment, parts, shares)


def _check_approved(lookups: Lookups, payment: Payment) -> None:
    if payment.state == Payment.State.APPROVED:
        return
    waiting = payment.state in (Payment.State.SUBMITTED, Payment.State.REJECTED)
    if waiting or approvals_of(lookups.company, payment, lookups.read):
        raise ApprovalNeeded(_("Somebody else approves it first."), place="state")


def _check_write_offs(company: Company, payment: Payment, parts: Sequence[PaymentPart]) -> None:
    """No more than the company allows is written off of a document, earlier payments included."""
    writing = [part for part in parts if part.write_off]
    if not writing:
        return
    if not payment.reason.strip():
        raise PaymentRefused(_("Say why it is written off."), place="reason")
    settings = InvoicingSettings.objects.for_company(company).first() or InvoicingSettings(company=company)
    earlier = PaymentPart.objects.for_company(company).filter(
        document__in=[part.document_id for part in writing], payment__state=Payment.State.POSTED,
        payment__entry__reversed_by=None,
    )  # fmt: skip
    before = dict(earlier.values_list("document").annotate(Sum("write_off")))
    for part in writing:
        document = part.document
        if document is None:
            continue
        rate = rate_on(document.currency, payment.date)[0] if document.currency != company.base_currency else 1
        worth = (part.write_off + before.get(document.pk, Decimal(0))) * rate
        if worth > settings.write_off_cap:
            message = _("%(worth)s of %(document)s would be written off, and %(cap)s may be.") % {
                "worth": f"{worth:,.2f}", "document": document, "cap": f"{settings.write_off_cap:,.2f}",
            }  # fmt: skip
            raise WriteOffTooLarge(message, place=f"parts[{part.number - 1}].write_off")


def _tie(company: Company, lookups: Lookups, payment: Payment) -> None:
    """The open item that the payment is: its line on the contact's account, in its own currency."""
    control = lookups.chart.in_role(CONTROL[payment.role]).id
    rows = Line.objects.for_company(company).filter(entry=payment.entry_id, account=control, currency=payment.currency)
    payment.line_id = rows.order_by("number").values_list("pk", flat=True).first()


def _tax_rows(lookups: Lookups, parts: PaymentParts) -> list[TaxRow]:
    company, payment = lookups.company, parts.payment
    decimals = lookups.chart.units[company.base_currency].decimals

    def in_base(currency: str, amount: Decimal) -> Decimal:
        if currency == company.base_currency:
            return amount
        rate = payment.rate if currency == payment.currency else rate_on(currency, payment.date)[0]
        return rounded(Fraction(amount) * Fraction(rate or 1), decimals)

    if payment.entry_id is None:
        return []
    return tax_rows_of_payment(parts, payment.entry_id, lookups.taxes.by_id, in_base)
