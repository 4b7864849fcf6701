"""What was settled as known at a block: whatever was under way when it was sealed, the answer never changes."""

import threading
import time

import pytest

from accounting.accounts import open_sub_account
from accounting.models import Account
from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.balances import balances
from ledger.models import Block, Entry
from ledger.open_items import open_statement, tie_outs
from ledger.sealing import seal
from reports.sealed_books import mark_block
from tests.constitution.conftest import in_background  # noqa: F401
from tests.constitution.raw import enter, raw_post, raw_sale, seal_everything, system_scope
from tests.ledger.test_open_items import APRIL, LATER, MARCH, on_account

PATIENCE = 30


@pytest.fixture
def company(committed_company):
    with system_scope(committed_company):
        receivables = Account.objects.for_company(committed_company).get(code="1100")
        open_sub_account(receivables, code="C1", name="Customer One")
    return committed_company


def open_at(company, block):
    from django.db import connection

    with system_scope(company):
        receivables = Account.objects.for_company(company).get(code="1100").pk
        statement, values = open_statement(company, LATER, accounts=[receivables], known_at=block)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT date, residual FROM ({statement}) found ORDER BY 1", values)
            return [(date, int(residual)) for date, residual in cursor.fetchall()]


def last_block(company):
    with system_scope(company):
        return Block.objects.for_company(company).order_by("number").last().number


def test_what_is_settled_while_a_block_is_sealed_is_known_at_the_next(company, in_background):  # noqa: F811
    with system_scope(company):
        invoice = on_account("invoice", MARCH, "100.00")
        payment = on_account("payment", APRIL, "-100.00", against="1000")
    seal_everything(company)
    written, may_finish = threading.Event(), threading.Event()

    def settle():
        with system_scope(company):
            allocate([Pair(invoice, payment)], key="settled")
            written.set()
            assert may_finish.wait(PATIENCE)

    settling = in_background(settle)
    assert written.wait(PATIENCE)
    seal(company, even_empty=True)
    block, both_open = last_block(company), [(MARCH, 100), (APRIL, -100)]
    assert open_at(company, block) == both_open
    may_finish.set()
    settling.join(PATIENCE)
    assert open_at(company, block) == both_open and open_at(company, None) == []
    deadline = time.monotonic() + PATIENCE
    while open_at(company, last_block(company)) and time.monotonic() < deadline:
        seal(company, even_empty=True)
    assert open_at(company, last_block(company)) == []


def test_a_payment_that_is_in_no_block_yet_settles_nothing_at_it(company, runtime_connection):
    """A transaction that is still running holds the sealer back, while a payment behind it is finished."""
    with system_scope(company):
        invoice = on_account("invoice", MARCH, "100.00")
    seal_everything(company)
    entry, rows = raw_sale(company, "10.00")
    enter(runtime_connection, company)
    raw_post(runtime_connection, entry, rows)
    with system_scope(company):
        payment = on_account("payment", APRIL, "-100.00", against="1000")
        allocate([Pair(invoice, payment)], key="settled")
    seal(company, even_empty=True)
    block = last_block(company)
    assert open_at(company, block) == [(MARCH, 100)] and open_at(company, None) == []
    with system_scope(company):
        assert all(one.is_equal for one in tie_outs(company, LATER, known_at=block))
    runtime_connection.rollback()


def test_nothing_is_settled_or_open_at_a_block_that_is_not_there(company):
    with system_scope(company):
        on_account("invoice", MARCH, "100.00")
    assert open_at(company, 1000) == []


def test_a_new_epoch_knows_what_was_settled_in_the_one_before(company, owner_connection):
    """After a restore transaction numbers begin anew: a later block knows all of the epoch before, an older one not."""
    with system_scope(company):
        invoice = on_account("invoice", MARCH, "100.00")
        payment = on_account("payment", APRIL, "-100.00", against="1000")
    seal_everything(company)
    older = last_block(company)
    with system_scope(company):
        allocate([Pair(invoice, payment)], key="settled")
    enter(owner_connection, company)
    owner_connection.execute("SELECT public.ledger_open_epoch(%s)", [company.pk])
    owner_connection.commit()
    with system_scope(company):
        on_account("next", LATER, "7.00")
    seal_everything(company)
    assert open_at(company, last_block(company)) == [(LATER, 7)]
    assert open_at(company, older) == [(MARCH, 100), (APRIL, -100)]


def test_the_watermark_of_a_slower_sealer_makes_no_block(company, owner_connection):
    """Read before another sealer was done, it is older: counted from there, entries would be in the balances twice."""
    with system_scope(company):
        on_account("first", MARCH, "50.00")
        earlier = Entry.objects.for_company(company).get(key="first").posted_xid
    with system_scope(company):
        on_account("second", APRIL, "50.00")
    seal_everything(company)
    before = last_block(company)
    enter(owner_connection, company)
    for even_empty in (True, False):
        (count,) = owner_connection.execute(
            "SELECT public.ledger_seal_below(%s, %s::xid8, %s)", [company.pk, str(earlier), even_empty]
        ).fetchone()
        assert count == 0
    owner_connection.commit()
    assert last_block(company) == before
    with system_scope(company):
        assert sum(one.debit for one in balances(company, LATER)) == 100
        on_account("third", APRIL, "7.00")
    assert seal_everything(company) == 1


def test_a_block_that_is_marked_knows_what_was_settled_before_it(company, runtime_connection):
    """Whatever holds the sealer back for a moment is waited for; what holds it longer is told."""
    with system_scope(company):
        invoice = on_account("invoice", MARCH, "100.00")
        payment = on_account("payment", APRIL, "-100.00", against="1000")
    seal_everything(company)
    entry, rows = raw_sale(company, "10.00")
    enter(runtime_connection, company)
    raw_post(runtime_connection, entry, rows)
    with system_scope(company):
        allocate([Pair(invoice, payment)], key="settled")
    before = last_block(company)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reports.sealed_books.PATIENCE", 0)
        assert mark_block(company) is False and last_block(company) == before
    finishing = threading.Timer(0.5, runtime_connection.rollback)
    finishing.start()
    assert mark_block(company) is True
    finishing.join()
    assert open_at(company, last_block(company)) == []
