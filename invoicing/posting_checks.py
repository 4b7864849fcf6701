"""What has to hold before documents are posted: complete, approved, no twin, within the credit limit."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from invoicing.approval_rules import approvals_of
from invoicing.crediting_left import refuse_over_credited
from invoicing.customer_credit import hold_contacts, owed_by
from invoicing.document_entry import Parts
from invoicing.lookups import Lookups
from invoicing.models import BOOKED, Document
from invoicing.order_matching import refuse_differing
from invoicing.refusals import ApprovalNeeded, CreditLimitPassed, DocumentRefused, DuplicateBill
from tenants.models import Company


def check_postable(lookups: Lookups, parts: Sequence[Parts]) -> None:
    """Refuse what is not complete, not approved, entered before, credits more than is left, or charges for more than
    was ordered or received."""
    for number, part in enumerate(parts):
        place = f"documents[{number}]." if len(parts) > 1 else ""
        _check_whole(lookups, part, place)
        _check_approved(lookups, part.document, place)
    company = lookups.company
    _refuse_twins(company, [part.document for part in parts])
    refuse_over_credited(company, parts)
    refuse_differing(company, (
        (part.document, part.lines, f"documents[{number}]." if len(parts) > 1 else "")
        for number, part in enumerate(parts)
    ))  # fmt: skip


def _check_whole(lookups: Lookups, part: Parts, place: str) -> None:
    document = part.document
    if document.kind not in BOOKED:
        raise DocumentRefused(_("%s makes no entry.") % document.get_kind_display(), place=f"{place}kind")
    if document.total < 0:
        message = _("A document is not below zero: make a credit note instead.")
        raise DocumentRefused(message, place=f"{place}lines")
    for number, line in enumerate(part.lines):
        if line.account_id is None:
            raise DocumentRefused(_("The line has no account."), place=f"{place}lines[{number}].account")
    if document.is_credit and not document.reason.strip():
        raise DocumentRefused(_("Say why it is credited."), place=f"{place}reason")
    for row in part.taxes:
        tax = lookups.taxes.by_id[row.tax_code_id]
        if row.amount and (tax.pending_account_id if row.pending else tax.account_id) is None and row.deductible:
            raise DocumentRefused(_("Tax %s has no account.") % tax.code, place=f"{place}lines")


def _check_approved(lookups: Lookups, document: Document, place: str) -> None:
    if document.state == Document.State.APPROVED:
        return
    if document.state in (Document.State.SUBMITTED, Document.State.REJECTED) or approvals_of(
        lookups.company, document, lookups.read
    ):
        raise ApprovalNeeded(_("Somebody else approves it first."), place=f"{place}state")


def _refuse_twins(company: Company, documents: Sequence[Document]) -> None:
    """The number of a supplier's bill comes once."""
    bills = [one for one in documents if one.kind in ("bill", "supplier_credit") and one.reference]
    if not bills:
        return
    hold_contacts(company, {one.contact_id for one in bills})
    rows = Document.objects.for_company(company).annotate(folded=Lower("reference")).filter(
        contact__in={one.contact_id for one in bills}, folded__in={one.reference.lower() for one in bills},
        state=Document.State.POSTED, kind__in=("bill", "supplier_credit"),
    ).exclude(Exists(_wholly_credited()))  # fmt: skip
    entered = rows.values_list("kind", "contact_id", "reference", "number")
    known = {(kind, contact, text.lower()): number for kind, contact, text, number in entered}
    for one in bills:
        place = (one.kind, one.contact_id, one.reference.lower())
        if place in known:
            message = _("%(contact)s's number %(reference)s is entered already, as %(number)s.") % {
                "contact": one.contact.name, "reference": one.reference, "number": known[place],
            }  # fmt: skip
            raise DuplicateBill(message, place="reference")
        known[place] = str(one)


def _wholly_credited() -> Any:
    """A bill that was taken back whole may be entered again."""
    notes = Document.objects.for_company(OuterRef("company")).filter(credits=OuterRef("pk"), state="posted")
    return notes.values("credits").annotate(given=Sum("total")).filter(given__gte=OuterRef("total")).values("credits")


def refuse_over_limit(company: Company, documents: Sequence[Document]) -> None:
    """Customers with a credit limit owe no more than that, what is posted now included."""
    limited = [one for one in documents if one.is_sale and not one.is_credit and one.contact.credit_limit is not None]
    if not limited:
        return
    hold_contacts(company, {one.contact_id for one in limited})
    owed = owed_by(company, {one.contact_id for one in limited})
    for one in limited:
        owed[one.contact_id] = owed.get(one.contact_id, Decimal(0)) + one.total * (one.rate or 1)
        limit = one.contact.credit_limit
        if owed[one.contact_id] > limit:
            message = _("%(contact)s would owe %(owed)s, and may owe %(limit)s.") % {
                "contact": one.contact.name, "owed": f"{owed[one.contact_id]:,.2f}", "limit": f"{limit:,.2f}",
            }  # fmt: skip
            raise CreditLimitPassed(message, place="contact")
