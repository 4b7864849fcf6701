"""Post documents: number, entry, open items and tax rows in one transaction, for one and for a thousand alike."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.chart import Chart
from accounting.models import ContactAddress
from accounting.rates import rate_on
from invoicing.credit_allocation import settle_credited
from invoicing.document_entry import Booking, Parts, booking_of, tax_rows
from invoicing.lookups import Lookups, posted_with
from invoicing.models import Document, DocumentLine, DocumentTax, Instalment, TaxRow
from invoicing.posting_checks import check_postable, refuse_over_limit
from invoicing.refusals import DocumentNotFound, DocumentRefused
from invoicing.series import number_all
from invoicing.telling import tell_posted
from invoicing.totals import rounded
from ledger.posting import post_many
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, Refused
from tenants.scope import Scope, current_scope

Row = TypeVar("Row", DocumentLine, DocumentTax, Instalment)


def post_document(document_id: UUID, *, version: int | None = None) -> Document:
    """Post a document, once; asked again, it answers with what was posted. `version` is the one the caller saw.

    Refused: `not_found`, `conflict`, `approval_needed`, `invalid_document` (with the place), `duplicate_bill`,
    `credit_limit_passed`, `over_credited`, `period_closed` and whatever else the ledger refuses.
    """
    return post_documents([document_id], version=version)[0]


def post_documents(ids: Sequence[UUID], *, version: int | None = None) -> list[Document]:
    """Post documents, all or none, numbered in the order given. Refused as one is; the place names the document."""
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    return posted_with(scope.company, lambda lookups: _post_all(scope, lookups, ids, version))


def _post_all(scope: Scope, lookups: Lookups, ids: Sequence[UUID], version: int | None) -> list[Document]:
    held, lines = _held(scope.company, ids)
    wanted = [held[pk] for pk in ids]
    if version is not None and any(one.version != version and one.state != "posted" for one in wanted):
        raise Conflict(_("The document was changed meanwhile: look at it again."))
    if open_ones := [one for one in wanted if one.state != Document.State.POSTED]:
        _post(scope, lookups, _parts(open_ones, lines))
    return wanted


def _held(company: Company, ids: Sequence[UUID]) -> tuple[dict[UUID, Document], dict[UUID, list[DocumentLine]]]:
    """The documents, locked, and then their lines. In one statement, where the ids bound the lines alone, many ids made
    the planner read every document of the company."""
    # Credit notes first: whoever posts one locks it before what it credits.
    order = (F("credits").asc(nulls_last=True), "pk")
    rows = Document.objects.for_company(company).filter(pk__in=ids).order_by(*order).select_related("contact")
    rows = rows.select_for_update(no_key=True, of=("self",)).annotate(billed=_billing_address())
    held: dict[UUID, Document] = {one.pk: one for one in rows}
    if len(held) < len(set(ids)):
        raise DocumentNotFound(_("There is no such document."))
    for document in held.values():
        document.company = company
    lines = _by_document(DocumentLine, company, ids)
    if len(lines) < len(held):
        raise DocumentRefused(_("A document has at least one line."), place="lines")
    return held, lines


def _billing_address() -> Subquery:
    names = ("street", "supplement", "postal_code", "city", "region", "country")
    rows = ContactAddress.objects.for_company(OuterRef("company")).filter(contact=OuterRef("contact"), kind="billing")
    return Subquery(rows.order_by("number").values(json=JSONObject(**{name: name for name in names}))[:1])


def _post(scope: Scope, lookups: Lookups, parts: Sequence[Parts]) -> None:
    company, documents = scope.company, [part.document for part in parts]
    check_postable(lookups, parts)
    refuse_over_limit(company, documents)
    numbers = number_all(lookups.numbering, {one.pk: (one.kind, one.date) for one in documents})
    bookings = _bookings(lookups, parts, numbers)
    now = timezone.now()
    for document, booking in zip(documents, bookings, strict=True):
        document.number, document.base_total = numbers[document.pk], booking.base_total
        document.state, document.posted_at = Document.State.POSTED, now
        document.posted_by, document.version = scope.actor.name[:200], document.version + 1
        document.party = _party(document)
    with_entry = [(part, booking) for part, booking in zip(parts, bookings, strict=True) if booking.entry.lines]
    _enter(with_entry)
    _tie(company, with_entry)
    _keep(lookups, parts)
    settle_credited(lookups, documents)
    tell_posted(documents)


def _parts(documents: Sequence[Document], lines: Mapping[UUID, list[DocumentLine]]) -> list[Parts]:
    """The rows of the documents, in two statements. A contact's sub-accounts are called as the contact is."""
    company, ids = documents[0].company, [document.pk for document in documents]
    taxes, instalments = _by_document(DocumentTax, company, ids), _by_document(Instalment, company, ids)
    return [Parts(one, lines[one.pk], taxes[one.pk], instalments[one.pk], one.contact.code) for one in documents]


def _by_document(model: type[Row], company: Company, ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    rows: Any = model._default_manager
    for row in rows.for_company(company).filter(document__in=ids).order_by("document_id", "number"):
        found[row.document_id].append(row)
    return found


def _party(document: Document) -> dict[str, str]:
    """Whom the document was made out to, as they are today: what is printed of it never changes."""
    contact, address = document.contact, document.billed or {}
    return {
        "name": contact.name, "code": contact.code, "tax_number": contact.tax_number, "email": contact.email,
        "registration": contact.registration, "language": contact.language, **address,
        "country": address.get("country") or contact.country,
    }  # fmt: skip


def _bookings(lookups: Lookups, parts: Sequence[Parts], numbers: Mapping[UUID, str]) -> list[Booking]:
    bookings = []
    for place, part in enumerate(parts):
        try:
            in_base = _conversion(lookups.company, part.document, lookups.chart)
            number = numbers[part.document.pk]
            bookings.append(booking_of(part, number, lookups.chart, lookups.taxes.by_id, in_base))
        except Refused as refusal:
            refusal.place = f"documents[{place}].{refusal.place}" if len(parts) > 1 else refusal.place
            raise
    return bookings


def _conversion(company: Company, document: Document, chart: Chart) -> Callable[[Decimal], Decimal]:
    """From the currency of the document to base currency, at its own rate or that of its date."""
    if document.currency == company.base_currency:
        return lambda amount: amount
    if document.rate is None:
        document.rate, document.rate_source = rate_on(document.currency, document.date, place="rate")
    rate, decimals = Fraction(document.rate), chart.units[company.base_currency].decimals
    return lambda amount: rounded(Fraction(amount) * rate, decimals)


def _enter(bookings: Sequence[tuple[Parts, Booking]]) -> None:
    posted = post_many([booking.entry for _part, booking in bookings])
    for (part, _booking), entry in zip(bookings, posted, strict=True):
        part.document.entry_id = entry.id


_TIE = """
UPDATE invoicing_instalment i SET line_id = l.id
FROM unnest(%s::uuid[], %s::uuid[], %s::int[]) AS w (instalment, entry, number)
JOIN ledger_line l ON l.company_id = %s AND l.entry_id = w.entry AND l.number = w.number
WHERE i.company_id = %s AND i.id = w.instalment
"""


def _tie(company: Company, bookings: Sequence[tuple[Parts, Booking]]) -> None:
    """Each instalment is the open item that it became: the first lines of the entry, in their order."""
    found = []
    for part, _booking in bookings:
        owed = [instalment for instalment in part.instalments if instalment.amount]
        found += [(one.pk, part.document.entry_id, number) for number, one in enumerate(owed, 1)]
    if found:
        with connection.cursor() as cursor:
            columns = [list(column) for column in zip(*found, strict=True)]
            cursor.execute(_TIE, [*columns, company.pk, company.pk])


# One statement for any number of documents; a CASE for each column of each row grows with their square.
_KEEP = """
UPDATE invoicing_document d SET number = w.number, state = 'posted', base_total = w.base_total, rate = w.rate,
  rate_source = w.rate_source, party = w.party::jsonb, entry_id = w.entry, posted_by = w.posted_by,
  posted_at = w.posted_at, version = w.version
FROM unnest(%s::uuid[], %s::text[], %s::numeric[], %s::numeric[], %s::text[], %s::text[], %s::uuid[], %s::text[],
  %s::timestamptz[], %s::int[])
  AS w (id, number, base_total, rate, rate_source, party, entry, posted_by, posted_at, version)
WHERE d.company_id = %s AND d.id = w.id
"""


def _keep(lookups: Lookups, parts: Sequence[Parts]) -> None:
    converted = [tax for part in parts for tax in part.taxes if part.document.rate is not None]
    if converted:
        DocumentTax.objects.for_company(lookups.company).bulk_update(
            converted, ["base_in_base", "amount_in_base", "deductible_in_base"]
        )
    due = [row for part in parts if part.document.entry_id
           for row in tax_rows(part, part.document.entry_id, lookups.taxes.by_id)]  # fmt: skip
    if due:
        TaxRow.objects.bulk_create(due)
    rows = [
        (one.pk, one.number, one.base_total, one.rate, one.rate_source, json.dumps(one.party), one.entry_id,
         one.posted_by, one.posted_at, one.version)
        for one in (part.document for part in parts)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [*(list(column) for column in zip(*rows, strict=True)), lookups.company.pk])
