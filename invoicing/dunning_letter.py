"""What a dunning notice says: its words, and the letter with the late invoices."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounting.chart import chart_of
from invoicing.letters import Column, Letter, formats_for, language_of, letter_for
from invoicing.mail_words import filled, filled_line
from invoicing.models import DunnedDocument, DunningNotice


def dunning_words(notice: DunningNotice, items: Sequence[DunnedDocument]) -> tuple[str, str]:
    """Subject and text of the notice's level, filled for its reader."""
    values = _values(notice, items)
    return filled_line(notice.level.subject, values), filled(notice.level.body, values)


def dunning_letter(notice: DunningNotice, items: Sequence[DunnedDocument]) -> bytes:
    """The notice as PDF; of the same notice it is the same. Refused: `cannot_be_printed`, `bad_logo`."""
    contact, formats = notice.contact, _formats(notice)
    with override(language_of(contact)):
        subject, body = dunning_words(notice, items)
        columns = [
            Column(_("Number")), Column(_("Date")), Column(_("Due")), Column(_("Days late"), is_number=True),
            Column(_("Open"), is_number=True), Column(_("Interest"), is_number=True),
        ]  # fmt: skip
        rows = [
            (
                one.document.number, formats.day(one.document.date), formats.day(one.document.due_date),
                str(max(one.days_late, 0)), formats.money(one.open_amount), formats.money(one.interest),
            )
            for one in items
        ]  # fmt: skip
        totals = [(_("Open"), formats.money(notice.open_amount))]
        totals += [
            (label, formats.money(amount))
            for label, amount in ((_("Interest"), notice.interest), (_("Fee"), notice.fee))
            if amount
        ]
        due = notice.open_amount + notice.interest + notice.fee
        totals.append((f"{_('To be paid')} {notice.currency}", formats.money(due)))
        letter = Letter(subject, notice.date, body, columns, rows, totals)
    return letter_for(contact.company, contact, letter)


def _values(notice: DunningNotice, items: Sequence[DunnedDocument]) -> dict[str, str]:
    formats, contact = _formats(notice), notice.contact
    return {
        "contact": contact.name, "company": contact.company.name, "date": formats.day(notice.date),
        "level": notice.level.name, "open": formats.money(notice.open_amount), "fee": formats.money(notice.fee),
        "interest": formats.money(notice.interest), "currency": notice.currency,
        "due": formats.money(notice.open_amount + notice.interest + notice.fee),
        "days": str(max((one.days_late for one in items), default=0)),
    }  # fmt: skip


def _formats(notice: DunningNotice) -> Any:
    company = notice.contact.company
    return formats_for(notice.contact, chart_of(company).units[notice.currency].decimals)
