"""The statement of account on paper, and by e-mail."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounting.business_day import business_day
from accounting.models import Contact
from invoicing.document_files import DocumentFile
from invoicing.invoicing_settings import settings_of
from invoicing.letters import Column, Letter, formats_for, language_of, letter_for
from invoicing.mail_templates import words_for
from invoicing.mail_words import filled, filled_line
from invoicing.mailing import NoMailAddress, kept_file
from invoicing.statement import CurrencyStatement, statement_of
from jobs.mail import send_mail_later
from jobs.models import OutboundMail
from tenants.permissions import Permission
from tenants.refusal import NotFound
from tenants.scope import current_scope


def statement_file(contact: Contact, start: datetime.date, end: datetime.date) -> DocumentFile:
    """The statement as PDF. Refused: `invalid_document`, `cannot_be_printed`, `bad_logo`."""
    statements = statement_of(contact.company, contact, start, end)
    with override(language_of(contact)):
        letter = _letter(contact, statements, start, end)
    content = letter_for(contact.company, contact, letter)
    return DocumentFile(f"statement-{contact.code}-{end}.pdf", "application/pdf", content)


@transaction.atomic
def mail_statement(
    contact_id: UUID, start: datetime.date, end: datetime.date, *, key: str, to: Sequence[str] = ()
) -> OutboundMail:
    """Send the statement to its contact, or to who is named; the same key sends it once.

    Refused: `not_found`, `no_mail_address`, `invalid_mail`, `invalid_document`, `cannot_be_printed`, `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    rows = Contact.objects.for_company(scope.company).select_related("company").select_for_update(of=("self",))
    contact = rows.filter(pk=contact_id).first()
    if contact is None:
        raise NotFound(_("There is no such contact."))
    own_key = f"statement:{uuid5(contact.pk, key)}"
    if sent := OutboundMail.objects.for_company(scope.company).filter(key=own_key).first():
        found: OutboundMail = sent
        return found
    people = list(to) or ([contact.email] if contact.email else [])
    if not people:
        raise NoMailAddress(_("%s has no e-mail address: say where it goes.") % contact.name, place="to")
    words = words_for(scope.company, "statement", language_of(contact))
    values = _values(contact, start, end)
    file = kept_file(statement_file(contact, start, end))
    return send_mail_later(
        key=own_key, to=people, reply_to=settings_of(scope.company).email, subject=filled_line(words.subject, values),
        body_text=filled(words.body, values), attachments=[file], about="accounting_contact", about_id=contact.pk,
    )  # fmt: skip


def _values(contact: Contact, start: datetime.date, end: datetime.date) -> dict[str, str]:
    """The balance is the one in base currency, or in the only currency that there is."""
    company = contact.company
    statements = statement_of(company, contact, start, end)
    first = statements[0] if statements else CurrencyStatement(company.base_currency, 2, Decimal(0))
    formats = formats_for(contact, first.decimals)
    return {
        "start": formats.day(start), "end": formats.day(end), "balance": formats.money(first.closing),
        "currency": first.currency, "contact": contact.name, "company": company.name,
    }  # fmt: skip


def _letter(
    contact: Contact, statements: Sequence[CurrencyStatement], start: datetime.date, end: datetime.date
) -> Letter:  # fmt: skip
    columns = [
        Column(_("What")), Column(_("Date")), Column(_("Number")), Column(_("Amount"), is_number=True),
        Column(_("Balance"), is_number=True),
    ]  # fmt: skip
    rows: list[Sequence[str]] = []
    totals = []
    for one in statements:
        formats = formats_for(contact, one.decimals)
        rows.append((f"{_('Opening balance')} {one.currency}", formats.day(start), "", "", formats.money(one.opening)))
        rows += [
            (line.kind, formats.day(line.date), line.number, formats.money(line.amount), formats.money(line.balance))
            for line in one.lines
        ]
        totals.append((f"{_('Balance')} {one.currency}", formats.money(one.closing)))
    formats = formats_for(contact, 2)
    text = _("Your account from %(start)s to %(end)s. Amounts above zero are owed to us.") % {
        "start": formats.day(start), "end": formats.day(end)
    }  # fmt: skip
    return Letter(_("Statement of account"), business_day(contact.company), text, columns, rows, totals)
