"""What people do with documents and payments, each act on whatever it finds: any of them may be refused."""

import datetime
import random
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import F

from accounting.models import Contact
from invoicing.applying import apply_credit
from invoicing.bulk_posting import ask_to_post
from invoicing.crediting import credit_document
from invoicing.document_listing import documents_of
from invoicing.document_posting import post_document, post_documents
from invoicing.documents import change_document, content_of, delete_document
from invoicing.dunning import run_dunning
from invoicing.dunning_job import ask_to_dun
from invoicing.models import BOOKED, Document, DocumentLine, Payment
from invoicing.payment_posting import post_payment
from invoicing.payment_reversal import reverse_payment
from invoicing.payments import PAYS, PartContent, PaymentContent, delete_payment, save_payment
from invoicing.recurring_documents import make_due_documents
from jobs.models import Job
from ledger.allocation_undo import undo_settlement
from ledger.models import Settlement
from ledger.open_items import open_items
from tenants.scope import current_scope
from tests.books import DAY
from tests.invoicing.papers import draft, line

D = Decimal
LATE = DAY + datetime.timedelta(days=120)
CREDITED = ("invoice", "bill", "debit_note")
CREDITS = ("credit_note", "supplier_credit")

Chance = random.Random
# An act that asks for background work answers with it: it is done when what asked for it is committed.
Act = Callable[[Chance], Job | None]


def write(chance: Chance) -> None:
    """Draft an invoice or a bill, with taxes, due some day."""
    contact = chance.choice(list(_rows(Contact).exclude(is_customer=False, is_supplier=False).order_by("pk")))
    tax = chance.choice(["V20", "C20", ""] if contact.is_customer else ["P20", ""])
    lines = [line(f"{chance.randint(1, 200)}.{chance.randint(0, 99):02}", str(chance.randint(1, 4)), tax)
             for _number in range(chance.randint(1, 3))]  # fmt: skip
    day = _day(chance)
    terms = {"terms": "2X"} if chance.random() < 0.3 else {"due_date": day}
    draft(contact, *lines, date=day, **terms)


def post_one(chance: Chance) -> None:
    """Post a document, perhaps one that is posted already."""
    if found := _some(chance, _drafts(chance)):
        post_document(found[0])


def post_some(chance: Chance) -> None:
    """Post several in any order, all or none."""
    if found := _some(chance, _drafts(chance), 6):
        post_documents(chance.sample(found, len(found)))


def post_in_the_background(chance: Chance) -> Job | None:
    """Post all that are drafted and some that are posted."""
    found = _some(chance, _drafts(chance), 30)
    return ask_to_post(found, key=f"{chance.randint(1, 10**9)}") if found else None


def change(chance: Chance) -> None:
    """Change a draft, or throw it away."""
    for pk in _some(chance, _rows(Document).exclude(state="posted"), 1):
        document = _rows(Document).get(pk=pk)
        content = content_of(document, date=_day(chance), memo="changed", due_date=None)
        change_document(pk, content) if chance.random() < 0.7 else delete_document(pk)


def credit(chance: Chance) -> None:
    """Credit what is posted, in whole or in part, and mostly post that."""
    for pk in _some(chance, _posted(CREDITED)):
        quantities = None
        if chance.random() < 0.6:
            quantities = {
                chance.choice(list(_rows(DocumentLine).filter(document=pk).values_list("pk", flat=True))): D(1)
            }
        note = credit_document(pk, date=_day(chance, 41, 60), reason="Returned", quantities=quantities)
        if chance.random() < 0.8:
            post_document(note.pk)


def pay(chance: Chance) -> None:
    """Pay some documents of somebody: what is open, less, or more than that."""
    direction, role = chance.choice(list(PAYS))
    kinds = PAYS[direction, role]
    people = _rows(Contact).filter(**{f"is_{role}": True}).order_by("pk")
    contact = chance.choice(list(people.values_list("pk", flat=True)))
    rows = documents_of(current_scope().company, sorted(kinds), LATE).filter(state="posted", contact=contact)
    found = list(rows.exclude(open_amount=0) if chance.random() < 0.8 else rows)
    parts = [_part(chance, one) for one in chance.sample(found, min(len(found), chance.randint(1, 3)))]
    parts = [one for one in parts if one.amount]
    amount = sum((one.amount for one in parts), D(0)) + chance.choice([D(0), D(0), D(7)])
    if amount:
        content = PaymentContent(direction, role, contact, _day(chance, 0, 90), amount, reason="Bank", parts=parts)
        made = save_payment(content, payment_id=uuid.UUID(int=chance.getrandbits(128), version=4))
        if chance.random() < 0.8:
            post_payment(made.pk)


def post_a_payment(chance: Chance) -> None:
    """Post a payment that waits, perhaps one that is posted already; or throw it away."""
    for pk in _some(chance, _rows(Payment)):
        post_payment(pk) if chance.random() < 0.8 else delete_payment(pk)


def give_back(chance: Chance) -> None:
    """Give back what is open of a payment."""
    for pk in _some(chance, _rows(Payment).filter(state="posted").exclude(line=None)):
        paid = _rows(Payment).get(pk=pk)
        found = open_items(paid.company, datetime.date.max, lines=[paid.line_id])
        if found:
            amount = abs(found[0].residual)
            parts = [PartContent(refunds=pk, amount=amount)]
            way = "out" if paid.direction == "in" else "in"
            content = PaymentContent(way, paid.role, paid.contact_id, _day(chance, 60, 90), amount, parts=parts)
            post_payment(save_payment(content).pk)


def set_off(chance: Chance) -> None:
    """Use a credit note or what was paid too much for what is owed."""
    notes = _posted(CREDITS).values_list("pk", "contact")
    paid = _rows(Payment).filter(state="posted").exclude(line=None).values_list("pk", "contact")
    if found := sorted([*notes, *paid], key=str):
        pk, contact = chance.choice(found)
        owed = _some(chance, _posted(("invoice", "bill")).filter(contact=contact), 3)
        apply_credit(pk, owed, key=f"{pk}:{chance.randint(1, 5)}")


def take_back(chance: Chance) -> None:
    """Take a payment back."""
    for pk in _some(chance, _rows(Payment).filter(state="posted")):
        reverse_payment(pk, date=_day(chance, 80, 120), reason="Returned")


def undo(chance: Chance) -> None:
    """Take a settlement back, whoever made it."""
    for pk in _some(chance, _rows(Settlement)):
        undo_settlement(pk, date=_day(chance, 80, 120), reason="Wrong one")


def dun(chance: Chance) -> None:
    """Dun whoever is late on some day."""
    run_dunning(_day(chance, 0, 90))


def dun_in_the_background(chance: Chance) -> Job | None:
    """The same by a job, which somebody else may have asked for as well."""
    return ask_to_dun(_day(chance, 0, 90), key=f"{chance.randint(1, 1000)}")


def come_again(chance: Chance) -> None:
    """Make the recurring documents that are due by some day."""
    make_due_documents(_day(chance, 0, 120))


ACTS: tuple[Act, ...] = (
    write, write, write, post_one, post_some, post_in_the_background, change, credit, credit, pay, pay, pay,
    post_a_payment, give_back, set_off, set_off, take_back, undo, dun, dun_in_the_background, come_again,
)  # fmt: skip


def _rows(model: Any) -> Any:
    return model.objects.for_company(current_scope().company)


def _posted(kinds: tuple[str, ...]) -> Any:
    return _rows(Document).filter(state="posted", kind__in=kinds)


def _drafts(chance: Chance) -> Any:
    """Documents that are not posted, but for those of recurring ones; now and then of any state."""
    rows = _rows(Document).filter(kind__in=BOOKED, recurring=None)
    return rows if chance.random() < 0.2 else rows.exclude(state="posted")


def _some(chance: Chance, rows: Any, most: int = 1) -> list[Any]:
    """Ids of some of the rows: rather the latest, where many meet."""
    found = list(rows.order_by(F("pk").desc()).values_list("pk", flat=True)[:40])
    return chance.sample(found, min(len(found), chance.randint(1, most)))


def _part(chance: Chance, document: Any) -> PartContent:
    left = D(document.open_amount)
    amount = chance.choice([left, left, (left / 2).quantize(D("0.01")), left + 1])
    let_go = D("0.50") if amount == left and left > 1 and chance.random() < 0.3 else D(0)
    return PartContent(
        document=document.pk, amount=amount - let_go, **{chance.choice(["discount", "write_off"]): let_go}
    )


def _day(chance: Chance, first: int = 0, last: int = 40) -> datetime.date:
    return DAY + datetime.timedelta(days=chance.randint(first, last))
