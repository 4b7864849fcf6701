"""A hundred who post at once get a hundred numbers: no gap, no double, no deadlock, no error that anybody sees (T1)."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from accounting.models import NumberUse
from invoicing.document_posting import post_document
from invoicing.documents import delete_document
from invoicing.models import Document
from ledger.models import Entry
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, draft, line

CROWD = 100


def test_a_hundred_posters_leave_no_gap_and_no_double(committed_company):
    with system_scope(committed_company):
        add_tax("V20", "20")
        buyers = [customer(f"Customer {number}") for number in range(10)]
        drafts = [draft(buyers[number % 10], line("10.00", tax="V20")).pk for number in range(CROWD)]
        thrown = [draft(buyers[0], line("1.00")).pk for _number in range(10)]

    def post(pk):
        try:
            with system_scope(committed_company):
                return post_document(pk).number
        finally:
            connection.close()

    def throw(pk):
        try:
            with system_scope(committed_company):
                delete_document(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(25) as pool:
        # Every second one is posted twice at the same time, and some are thrown away in between.
        asked = [pool.submit(post, pk) for number, pk in enumerate(drafts) for _again in range(1 + number % 2)]
        gone = [pool.submit(throw, pk) for pk in thrown]
        numbers = [one.result(120) for one in asked]
        for one in gone:
            one.result(120)
    assert sorted(set(numbers)) == [f"INV-2026-{number:05d}" for number in range(1, CROWD + 1)]
    with system_scope(committed_company):
        uses = NumberUse.objects.for_company(committed_company)
        assert list(uses.order_by("number").values_list("number", flat=True)) == list(range(1, CROWD + 1))
        posted = Document.objects.for_company(committed_company).filter(state="posted")
        assert {(one.pk, one.number) for one in posted} == {(use.subject_id, use.text) for use in uses}
        assert Entry.objects.for_company(committed_company).count() == CROWD
