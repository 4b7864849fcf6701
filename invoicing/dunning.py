"""Dun late customers: one letter each, every invoice once a level; what was sent is kept and never changed."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounting.models import Account
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.document_files import DocumentFile
from invoicing.document_posting import post_document
from invoicing.documents import save_document
from invoicing.dunning_letter import dunning_letter, dunning_words
from invoicing.dunning_plan import PlannedNotice, dunning_plan
from invoicing.invoicing_settings import settings_of, settings_to_change
from invoicing.letters import language_of
from invoicing.mailing import kept_file
from invoicing.models import Document, DunnedDocument, DunningNotice
from jobs.mail import send_mail_later
from tenants.fields import new_id
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope


@dataclass(slots=True)
class DunningRun:
    """What a run sent, and what it could not."""

    notices: list[DunningNotice] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)


class CannotDun(Refused):
    """The letter cannot be sent as things are."""

    code = "cannot_dun"


def run_dunning(date: datetime.date, keys: Collection[str] | None = None) -> DunningRun:
    """Send what is due on a day: all of it, or the letters that are named by their `PlannedNotice.key`.

    Fee and interest are charged by a debit note where the company has an account for them. Who has an e-mail address
    gets the letter there. Run twice, or by two at once, each invoice gets each level once. A letter that is refused
    keeps no other from being sent. Refused as a whole: `not_permitted`.
    """
    current_scope().require(Permission.POST_ENTRIES)
    done = DunningRun()
    for key in [notice.key for notice in dunning_plan(current_scope().company, date)]:
        if keys is not None and key not in keys:
            continue
        try:
            if notice := _dun(date, key):
                done.notices.append(notice)
        except Refused as refusal:
            done.refused.append((key, refusal))
    return done


def dun_one(date: datetime.date, key: str) -> DunningNotice | None:
    """Send one letter, if it is still due. Refused: `cannot_dun`, and as posting and mailing are; `not_permitted`."""
    current_scope().require(Permission.POST_ENTRIES)
    return _dun(date, key)


@transaction.atomic
def _dun(date: datetime.date, key: str) -> DunningNotice | None:
    # Runs wait for each other here; what the other has sent is due no more.
    settings_to_change()
    company = current_scope().company
    contact, _colon, _currency = key.partition(":")
    planned = next((one for one in dunning_plan(company, date, UUID(contact)) if one.key == key), None)
    if planned is None:
        return None
    if planned.problem:
        raise CannotDun(planned.problem)
    pk = new_id()
    charge = _charge(pk, planned, date)
    notice = DunningNotice(
        id=pk, company=company, contact=planned.contact, level=planned.level, date=date, currency=planned.currency,
        open_amount=planned.open_amount, fee=planned.fee, interest=planned.interest, charged_by=charge,
        created_by=current_scope().actor.name[:200],
    )  # fmt: skip
    items = [
        DunnedDocument(
            company=company, notice=notice, document=one.document, level=one.level, days_late=one.days_late,
            open_amount=one.open_amount, interest=one.interest,
            interest_until=date if one.level.interest_percent else None,
        )
        for one in planned.documents
    ]  # fmt: skip
    notice.mail_id = _mail(notice, items)
    notice.save(force_insert=True)
    DunnedDocument.objects.bulk_create(items)
    return notice


def _charge(notice: UUID, planned: PlannedNotice, date: datetime.date) -> Document | None:
    """The debit note over fee and interest; none where they are only asked for."""
    account: Account | None = settings_of(current_scope().company).dunning_account
    if account is None or not planned.fee + planned.interest:
        return None
    with override(language_of(planned.contact)):
        wanted = [(_("Dunning fee"), planned.fee), (_("Interest on late payment"), planned.interest)]
    lines = [
        ContentLine(description=text, quantity=Decimal(1), unit_price=amount, account=account.pk, tax="")
        for text, amount in wanted
        if amount
    ]
    content = DocumentContent(
        kind=Document.Kind.DEBIT_NOTE, contact=planned.contact.pk, date=date, due_date=date, currency=planned.currency,
        prices_include_tax=False, position=None, lines=lines,
    )  # fmt: skip
    made = save_document(content, document_id=uuid5(notice, "charge"))
    return post_document(made.pk)


def _mail(notice: DunningNotice, items: list[DunnedDocument]) -> UUID | None:
    contact = notice.contact
    if not contact.email:
        return None
    subject, body = dunning_words(notice, items)
    file = DocumentFile(f"{notice.date}-{contact.code}.pdf", "application/pdf", dunning_letter(notice, items))
    mail = send_mail_later(
        key=f"dunning:{notice.pk}", to=[contact.email], reply_to=settings_of(contact.company).email, subject=subject,
        body_text=body, attachments=[kept_file(file)], about="invoicing_dunningnotice", about_id=notice.pk,
    )  # fmt: skip
    return mail.pk
