"""Posted documents are credited: to the cent what they were, in parts too, and never more than is left."""

import datetime
import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting.models import TaxCode, TaxRate
from accounting.rates import set_rate
from invoicing.crediting import credit_document
from invoicing.crediting_left import left_of
from invoicing.document_posting import post_document
from invoicing.documents import content_of, save_document
from invoicing.models import Document, DocumentLine, TaxRow
from invoicing.refusals import DocumentRefused, OverCredited
from ledger.models import Line
from ledger.open_items import open_items
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, booked, customer, draft, line, posted, supplier

D = Decimal
LATER = DAY + datetime.timedelta(days=20)


def credited(document, quantities=None):
    note = credit_document(document.pk, date=LATER, reason="Returned", quantities=quantities)
    return post_document(note.pk)


def lines_of(document):
    return list(DocumentLine.objects.for_company(document.company).filter(document=document).order_by("number"))


def open_of(document):
    found = open_items(document.company, datetime.date.max)
    return sum(one.residual for one in found if one.entry_id == document.entry_id)


def test_a_credit_note_mirrors_the_invoice_to_the_cent(scope):
    add_tax("V19", "19")
    invoice = posted(customer(), line("33.335", "3", "V19"), line("0.33", "7", "V19", discount_percent=D("7.5")))
    note = credited(invoice)
    assert note.number == "CN-2026-00001" and note.credits_id == invoice.pk
    assert (note.net, note.tax, note.total) == (invoice.net, invoice.tax, invoice.total)
    assert sorted(booked(note)) == sorted((code, -amount) for code, amount in booked(invoice))
    assert (open_of(invoice), open_of(note)) == (0, 0)


def test_a_credit_note_is_in_the_tax_return_with_its_own_sign_on_its_own_day(scope):
    add_tax("P20", "20", "purchases")
    note = credited(posted(supplier(), line("100.00", tax="P20")))
    row = TaxRow.objects.for_company(scope.company).get(document=note)
    assert (row.date, row.base, row.amount, row.deductible) == (LATER, D(-100), D(-20), D(-20))
    assert note.kind == "supplier_credit"


def test_the_rates_of_the_original_count_even_when_they_changed_since(scope):
    tax = add_tax("V", "19")
    invoice = posted(customer(), line("100.00", tax="V"))
    TaxRate.objects.create(company=scope.company, tax=tax, start=LATER, percent=D(16))
    assert credited(invoice).tax == D(19)


def test_in_another_currency_the_rate_of_the_original_counts(scope):
    set_rate("USD", DAY, D("0.9"), source="ECB")
    set_rate("USD", LATER, D("0.8"), source="ECB")
    invoice = posted(customer(currency="USD"), line("100.00"))
    note = credited(invoice)
    assert note.base_total == invoice.base_total == D(90)
    assert not Line.objects.for_company(scope.company).filter(entry__journal__code="GEN").exists()


def test_a_partly_used_credit_note_offers_only_what_is_left(scope):
    invoice = posted(customer(), line("10.00", "10"))
    [first] = lines_of(invoice)
    note = credited(invoice, {first.pk: D(1)})
    left = left_of(scope.company, invoice)
    assert (note.total, left.total, left.quantities[first.pk]) == (D(10), D(90), D(9))
    rest = credit_document(invoice.pk, date=LATER, reason="The rest")
    assert rest.total == D(90)
    with pytest.raises(OverCredited):
        credit_document(invoice.pk, date=LATER, reason="Too many", quantities={first.pk: D("9.5")})


def test_nothing_is_credited_twice(scope):
    invoice = posted(customer(), line("10.00"))
    one = credit_document(invoice.pk, date=LATER, reason="Returned")
    two = credit_document(invoice.pk, date=LATER, reason="Returned again")
    post_document(one.pk)
    with pytest.raises(OverCredited):
        post_document(two.pk)
    with pytest.raises(OverCredited):
        credit_document(invoice.pk, date=LATER, reason="Once more")


def test_a_note_that_was_written_by_hand_is_held_to_what_is_left(scope):
    invoice = posted(customer(), line("10.00"))
    made = credit_document(invoice.pk, date=LATER, reason="Returned")
    more = content_of(made, credits=invoice.pk, lines=[line("11.00")])
    with pytest.raises(OverCredited):
        post_document(save_document(more).pk)


def test_a_credit_note_says_why_and_credits_what_is_posted(scope):
    buyer = customer()
    with pytest.raises(DocumentRefused):
        credit_document(draft(buyer, line("10.00")).pk, date=LATER, reason="Never sent")
    with pytest.raises(DocumentRefused):
        credit_document(posted(buyer, line("10.00")).pk, date=LATER, reason=" ")
    free = draft(buyer, line("10.00"), kind="credit_note")
    with pytest.raises(DocumentRefused) as refused:
        post_document(free.pk)
    assert refused.value.place == "reason"


def test_a_bill_that_was_credited_wholly_may_be_entered_again(scope):
    seller = supplier()
    credited(posted(seller, line("100.00"), reference="R-1"))
    posted(seller, line("101.00"), reference="R-1")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=st.decimals(D("0.01"), D(999), places=3), parts=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    inclusive=st.booleans(), percent=st.sampled_from(["19", "5.5", "7.25"]),
)  # fmt: skip
def test_credited_in_parts_the_notes_add_up_to_the_invoice(scope, price, parts, inclusive, percent):
    with transaction.atomic():
        code = f"V{percent}"
        if not TaxCode.objects.for_company(scope.company).filter(code=code).exists():
            add_tax(code, percent)
        invoice = posted(customer(), line(str(price), str(sum(parts)), code), prices_include_tax=inclusive)
        [own] = lines_of(invoice)
        notes = [credited(invoice, {own.pk: D(part)}) for part in parts]
        assert sum(note.total for note in notes) == invoice.total
        assert sum(note.tax for note in notes) == invoice.tax
        assert (left_of(scope.company, invoice).is_nothing, open_of(invoice)) == (True, 0)


def test_two_who_credit_at_once_credit_it_once(committed_company):
    with system_scope(committed_company):
        invoice = posted(customer(), line("10.00"))
        notes = [credit_document(invoice.pk, date=LATER, reason="Returned").pk for _number in range(2)]
    outcomes = []

    def post(pk):
        try:
            with system_scope(committed_company):
                outcomes.append(post_document(pk).number)
        except OverCredited:
            outcomes.append("over_credited")
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(pk,)) for pk in notes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["CN-2026-00001", "over_credited"]
    with system_scope(committed_company):
        assert Document.objects.for_company(committed_company).filter(kind="credit_note", state="posted").count() == 1
