"""Acts on the same documents and payments meet: every order of their statements ends like one act after the other."""

import datetime
from decimal import Decimal

import pytest

from invoicing.applying import apply_credit
from invoicing.crediting import credit_document
from invoicing.document_posting import post_documents
from invoicing.documents import delete_document
from invoicing.dunning import run_dunning
from invoicing.dunning_levels import add_usual_levels
from invoicing.models import Document, DunningNotice
from invoicing.payment_posting import post_payment
from invoicing.payment_reversal import reverse_payment
from invoicing.payments import PartContent, PaymentContent, save_payment
from invoicing.recurring_documents import make_due_documents, start_recurring_document
from ledger.allocation_undo import undo_settlement
from ledger.models import Settlement
from tests.books import DAY
from tests.interleavings import conftest
from tests.interleavings.acts import without_ids
from tests.interleavings.conftest import interleave, lines  # noqa: F401
from tests.invoicing.papers import customer, draft, line, posted

LATE = DAY + datetime.timedelta(days=30)


@pytest.fixture(autouse=True)
def books_without_ids(monkeypatch):
    """Keys of documents carry their ids, which differ in every company, and so does the order of the keys."""
    known = conftest.state_of
    monkeypatch.setattr(conftest, "state_of", lambda company: {name: sorted(map(plain, rows), key=str)
                                                               for name, rows in known(company).items()})  # fmt: skip


def plain(row):
    return tuple(without_ids(one) if isinstance(one, str) else one for one in row) if isinstance(row, tuple) else row


def test_a_document_is_posted_by_two(interleave):  # noqa: F811
    interleave(posting("first"), posting("first"), given=office)


def test_documents_posted_in_opposite_order_do_not_wait_in_a_circle(interleave):  # noqa: F811
    interleave(posting("first", "second"), posting("second", "first"), given=office)


def test_a_credit_note_beside_what_it_credits_meets_its_own_posting(interleave):  # noqa: F811
    """Who asks again for the posted original holds it while waiting for the note; who posts the note, the other way."""
    interleave(posting("invoice", "note"), posting("note"), given=office, most=20)


def test_a_draft_that_is_posted_is_not_thrown_away(interleave):  # noqa: F811
    interleave(posting("first"), lambda meeting: delete_document(meeting.given["first"]), given=office)


def test_two_payments_settle_no_more_than_is_open(interleave):  # noqa: F811
    interleave(paying("big"), paying("small"), given=office)


def test_a_payment_is_posted_by_two(interleave):  # noqa: F811
    interleave(paying("big"), paying("big"), given=office)


def test_a_payment_meets_the_credit_note_of_its_document(interleave):  # noqa: F811
    interleave(paying("big"), posting("note"), given=office)


def test_a_payment_meets_the_setting_off_of_what_it_is_for(interleave):  # noqa: F811
    interleave(paying("big"), setting_off, given=office)


def test_a_payment_is_taken_back_by_two(interleave):  # noqa: F811
    interleave(taking_back, taking_back, given=office)


def test_a_payment_is_taken_back_while_its_settlement_is(interleave):  # noqa: F811
    interleave(taking_back, undoing, given=office)


def test_what_is_taken_back_meets_another_payment_of_the_document(interleave):  # noqa: F811
    interleave(taking_back, paying("again"), given=office)


def test_a_customer_is_dunned_by_two(interleave):  # noqa: F811
    interleave(dunning, dunning, given=office)


def test_dunning_meets_the_payment(interleave):  # noqa: F811
    interleave(dunning, paying("big"), given=office)


def test_what_recurs_is_made_by_two(interleave):  # noqa: F811
    interleave(recurring, recurring, given=a_recurring_invoice)


def office(meeting):
    """Invoices over 100 and 50, of which the second is paid; drafts, a credit note, and payments that wait."""
    add_usual_levels()
    buyer = customer()
    invoice, paid = (posted(buyer, line(price), due_date=DAY) for price in ("100.00", "50.00"))
    meeting.given = {
        "invoice": invoice.pk, "paid": paid.pk, "first": draft(buyer, line("1.00")).pk,
        "second": draft(buyer, line("2.00")).pk,
        "note": credit_document(invoice.pk, date=DAY, reason="Returned", quantities=None).pk,
        "big": payment(buyer, "80.00", invoice).pk, "small": payment(buyer, "70.00", invoice).pk,
        "received": payment(buyer, "50.00", paid).pk, "again": payment(buyer, "60.00", invoice).pk,
        "on account": payment(buyer, "30.00").pk,
    }  # fmt: skip
    post_payment(meeting.given["received"])
    post_payment(meeting.given["on account"])
    return meeting.given


def a_recurring_invoice(_meeting):
    start_recurring_document(draft(customer(), line("5.00")).pk, start=DAY, frequency="week", does="post")


def payment(buyer, amount, document=None):
    parts = [PartContent(document=document.pk, amount=Decimal(amount))] if document else []
    return save_payment(PaymentContent("in", "customer", buyer.pk, DAY, Decimal(amount), parts=parts))


def posting(*names):
    return lambda meeting: [one.state for one in post_documents([meeting.given[name] for name in names])]


def paying(name):
    return lambda meeting: post_payment(meeting.given[name]).state


def setting_off(meeting):
    apply_credit(meeting.given["on account"], [meeting.given["invoice"]], key="use")


def taking_back(meeting):
    return reverse_payment(meeting.given["received"], date=LATE, reason="Returned").state


def undoing(meeting):
    settlement = Settlement.objects.for_company(meeting.company).get(source_id=meeting.given["received"])
    undo_settlement(settlement.pk, date=LATE, reason="Wrong invoice")


def dunning(meeting):
    run_dunning(LATE)
    return sorted(DunningNotice.objects.for_company(meeting.company).values_list("level__number", "open_amount"))


def recurring(meeting):
    make_due_documents(DAY + datetime.timedelta(days=8))
    return Document.objects.for_company(meeting.company).filter(state="posted").count()
