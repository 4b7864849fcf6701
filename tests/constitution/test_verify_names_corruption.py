"""C10: whatever somebody with the keys changes behind the triggers' back, `verify` names it.

Each corruption happens in a transaction that is rolled back; triggers are off, as an attacker would have them.
"""

import datetime
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import connections, transaction

from accounting.models import Account, SubAccount
from ledger.catalogue import listed_guards, missing_guards
from ledger.posting import post, post_many
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.verification import head_of, verify_company
from tests.books import DAY, sale
from tests.constitution.raw import ids_of, seal_everything, system_scope

TABLES = (
    "ledger_entry", "ledger_line", "ledger_entryseal", "ledger_block", "ledger_sealstate", "ledger_monthbalance",
    "ledger_daybalance", "ledger_subaccountbalance", "ledger_limit", "ledger_refusal", "accounting_unit",
    "accounting_numberuse", "ledger_openline",
)  # fmt: skip


_shared = []


@pytest.fixture
def books(committed_db):
    """Books that every test of this module corrupts and none changes: each corruption is rolled back."""
    if not _shared:
        _shared.append(make_books())
    return _shared[0]


def make_books():
    """Three blocks and a tail: sales, a customer, foreign money, days, a reversal, a limit."""
    from ledger.limits import set_limit
    from tests.conftest import make_company

    company = make_company()
    with system_scope(company):
        account = Account.objects.for_company(company).get(code="1100")
        sub = SubAccount.objects.create(company=company, account=account, code="C1", name="Customer")
        set_limit(ids_of(company).accounts["1000"], floor=Decimal(-10_000))
        first = post_many([sale(f"{n}0.00", key=f"first {n}", memo=f"sale {n}") for n in range(1, 6)])
    seal_everything(company)
    with system_scope(company):
        usd = NewLine("1010", Decimal(100), "USD", rate=Decimal("0.9"))
        post(NewEntry("usd", DAY, (usd, NewLine("4000", Decimal(-90)))))
        post(NewEntry("days", DAY, (NewLine("9000", Decimal(2), "DAY"), NewLine("9010", Decimal(-2), "DAY"))))
        post(
            NewEntry("customer", DAY, (NewLine("1100", Decimal(70), sub_account=sub.pk), NewLine("4000", Decimal(-70))))
        )
    seal_everything(company)
    with system_scope(company):
        reverse(first[1].id, date=datetime.date(2026, 4, 2), reason="mistake")
    seal_everything(company)
    with system_scope(company):
        post(sale("5.00", key="tail"))
    return company


@contextmanager
def corrupted(alias, company, *statements):
    """The books after these statements, with every trigger off; nothing of it stays."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            cursor.execute(statement, {"company": company.pk})
            assert cursor.rowcount, f"changed nothing: {statement}"
        try:
            yield cursor
        finally:
            transaction.set_rollback(True, using=alias)


def found(alias, company, anchors=None):
    return {finding.check for finding in verify_company(company, anchors or {}, using=alias)}


ENTRY = "company_id = %(company)s AND key = "
LINE = "company_id = %(company)s AND entry_id = (SELECT id FROM ledger_entry WHERE company_id = %(company)s AND key = '{}')"
FIRST, LAST = LINE.format("first 2"), LINE.format("reverse")

CORRUPTIONS = {
    "an amount and its counterpart": (
        {"entry_unchanged", "month_balances", "day_balances"},
        f"UPDATE ledger_line SET amount = amount * 2, currency_amount = currency_amount * 2 WHERE {FIRST}",
    ),
    "one cent of one line": (
        {"entry_balances", "entry_unchanged", "base_amounts"},
        f"UPDATE ledger_line SET amount = amount + 0.01 WHERE {FIRST} AND number = 1",
    ),
    "an account": (
        {"entry_unchanged", "month_balances"},
        f"UPDATE ledger_line SET account_id = (SELECT id FROM accounting_account WHERE company_id = %(company)s "
        f"AND code = '1500') WHERE {FIRST} AND number = 1",
    ),
    "a date": (
        {"entry_unchanged", "day_balances"},
        f"UPDATE ledger_entry SET date = date + 1 WHERE {ENTRY} 'first 2'",
        f"UPDATE ledger_line SET date = date + 1 WHERE {FIRST}",
    ),
    "the date of a line alone": ({"line_has_entry"}, f"UPDATE ledger_line SET date = date + 1 WHERE {FIRST}"),
    "a memo": ({"entry_unchanged"}, f"UPDATE ledger_entry SET memo = 'nothing to see' WHERE {ENTRY} 'first 2'"),
    "the memo of a line": ({"entry_unchanged"}, f"UPDATE ledger_line SET memo = 'x' WHERE {FIRST} AND number = 2"),
    "a reference": ({"entry_unchanged"}, f"UPDATE ledger_entry SET reference = 'x' WHERE {ENTRY} 'first 2'"),
    "a key": ({"entry_unchanged"}, f"UPDATE ledger_entry SET key = 'x' WHERE {ENTRY} 'first 2'"),
    "who posted": ({"entry_unchanged"}, f"UPDATE ledger_entry SET actor_name = 'x' WHERE {ENTRY} 'first 2'"),
    "when it was posted": (
        {"entry_unchanged"},
        f"UPDATE ledger_entry SET posted_at = posted_at - interval '1 us' WHERE {ENTRY} 'first 2'",
    ),
    "a currency": (
        {"entry_unchanged"},
        f"UPDATE ledger_line SET currency = 'EUR' WHERE {LINE.format('usd')} AND number = 1",
    ),
    "a rate": ({"entry_unchanged"}, f"UPDATE ledger_line SET rate = 0.8 WHERE {LINE.format('usd')} AND number = 1"),
    "dimensions": ({"entry_unchanged"}, f'UPDATE ledger_line SET dimensions = \'{{"a": "b"}}\' WHERE {FIRST}'),
    "the journal": (
        {"entry_unchanged"},
        f"UPDATE ledger_entry SET journal_id = (SELECT id FROM ledger_journal WHERE company_id = %(company)s "
        f"AND code = 'SAL') WHERE {ENTRY} 'first 2'",
    ),
    "the order of the lines": (
        {"entry_unchanged"},
        f"UPDATE ledger_line SET number = number + 10 WHERE {FIRST}",
        f"UPDATE ledger_line SET number = 13 - number WHERE {FIRST}",
    ),
    "the content and its hash together": (
        {"seal_matches_entry"},
        f"UPDATE ledger_entry SET memo = 'x', leaf_hash = sha256('x') WHERE {ENTRY} 'first 2'",
    ),
    "the content of the tail": ({"entry_unchanged"}, f"UPDATE ledger_entry SET memo = 'x' WHERE {ENTRY} 'tail'"),
    "a deleted line": ({"entry_is_whole"}, f"DELETE FROM ledger_line WHERE {FIRST} AND number = 2"),
    "an added line": (
        {"entry_is_whole"},
        "INSERT INTO ledger_line SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'number', 3)"
        f")).* FROM ledger_line l WHERE {FIRST} AND number = 1",
    ),
    "lines without their entry": ({"line_has_entry"}, f"DELETE FROM ledger_entry WHERE {ENTRY} 'first 2'"),
    **{
        f"a deleted entry: {key}": (
            {"seal_matches_entry", "month_balances", "day_balances", "blocks_chain"},
            f"DELETE FROM ledger_line WHERE {LINE.format(key)}",
            f"DELETE FROM ledger_entry WHERE {ENTRY} '{key}'",
        )
        for key in ("first 1", "first 3", "first 5", "usd")
    },
    "a deleted entry with its seal": (
        {"blocks_chain", "numbers_without_gap", "month_balances"},
        f"DELETE FROM ledger_line WHERE {LINE.format('first 3')}",
        "DELETE FROM ledger_entryseal WHERE company_id = %(company)s AND entry_id = "
        f"(SELECT id FROM ledger_entry WHERE {ENTRY} 'first 3')",
        f"DELETE FROM ledger_entry WHERE {ENTRY} 'first 3'",
    ),
    "the last entry with its seal": (
        {"blocks_chain", "month_balances"},
        f"DELETE FROM ledger_line WHERE {LINE.format('customer')}",
        "DELETE FROM ledger_entryseal WHERE company_id = %(company)s AND entry_id = "
        f"(SELECT id FROM ledger_entry WHERE {ENTRY} 'customer')",
        f"DELETE FROM ledger_entry WHERE {ENTRY} 'customer'",
    ),
    "two entries in each other's place": (
        {"blocks_chain"},
        "UPDATE ledger_entryseal SET position = position + 100 WHERE company_id = %(company)s AND block_number = 1 "
        "AND position < 3",
        "UPDATE ledger_entryseal SET position = 103 - position WHERE company_id = %(company)s AND block_number = 1 "
        "AND position > 100",
    ),
    "the numbers of two entries": (
        {"seal_matches_entry"},
        "UPDATE ledger_entryseal SET number = number + 100 WHERE company_id = %(company)s AND number < 3",
        "UPDATE ledger_entryseal SET number = 103 - number WHERE company_id = %(company)s AND number > 100",
    ),
    "the printed number": (
        {"blocks_chain", "seal_matches_entry"},
        "UPDATE ledger_entryseal SET number_text = 'GEN-2026-00099' WHERE company_id = %(company)s AND number = 2",
    ),
    "a number with its print": (
        {"blocks_chain", "numbers_without_gap"},
        "UPDATE ledger_entryseal SET number = 99, number_text = 'GEN-2026-00099' WHERE company_id = %(company)s AND number = 2",
    ),
    "the time of a block": (
        {"blocks_chain"},
        "UPDATE ledger_block SET sealed_at = sealed_at - interval '1 day' WHERE company_id = %(company)s AND number = 2",
    ),
    "the watermark of a block": (
        {"blocks_chain"},
        "UPDATE ledger_block SET watermark = '1' WHERE company_id = %(company)s AND number = 2",
    ),
    "the watermark of the last block, with its hash": (
        {"blocks_chain"},
        "UPDATE ledger_block SET watermark = '1' WHERE company_id = %(company)s AND number = 3",
        """UPDATE ledger_block b SET hash = ledger_block_hash(b.company_id, b.number, b.previous_hash, b.merkle_root,
             b.entry_count, b.line_count, b.debit_total, b.sealed_at, b.epoch, b.watermark)
           WHERE b.company_id = %(company)s AND b.number = 3""",
        """UPDATE ledger_sealstate SET head = (SELECT hash FROM ledger_block WHERE company_id = %(company)s AND number = 3)
           WHERE company_id = %(company)s""",
    ),
    "the total of a block": (
        {"blocks_chain"},
        "UPDATE ledger_block SET debit_total = debit_total + 1 WHERE company_id = %(company)s AND number = 1",
    ),
    "a block in the middle": (
        {"blocks_chain"},
        "DELETE FROM ledger_block WHERE company_id = %(company)s AND number = 2",
    ),
    "the last block": ({"head_of_chain"}, "DELETE FROM ledger_block WHERE company_id = %(company)s AND number = 3"),
    "the seal state": ({"head_of_chain"}, "DELETE FROM ledger_sealstate WHERE company_id = %(company)s"),
    "the head": ({"head_of_chain"}, "UPDATE ledger_sealstate SET head = sha256('x') WHERE company_id = %(company)s"),
    "a watermark moved back": (
        {"nothing_left_unsealed"},
        "UPDATE ledger_sealstate SET next_xid = '0' WHERE company_id = %(company)s",
    ),
    "a watermark moved on": (
        {"nothing_left_unsealed"},
        "UPDATE ledger_sealstate SET next_xid = '99999999999' WHERE company_id = %(company)s",
    ),
    "an entry hidden from the sealer": (
        {"nothing_left_unsealed"},
        f"UPDATE ledger_entry SET posted_xid = '99999999999' WHERE {ENTRY} 'tail'",
    ),
    "an entry of another epoch": (
        {"nothing_left_unsealed"},
        f"UPDATE ledger_entry SET epoch = 7 WHERE {ENTRY} 'tail'",
    ),
    "a month's balance": (
        {"month_balances"},
        "UPDATE ledger_monthbalance SET debit = debit + 0.01 WHERE company_id = %(company)s AND debit > 0",
    ),
    "a month's balance that is gone": (
        {"month_balances"},
        "DELETE FROM ledger_monthbalance WHERE company_id = %(company)s",
    ),
    "a day's balance": (
        {"day_balances"},
        "UPDATE ledger_daybalance SET currency_credit = currency_credit - 1 WHERE company_id = %(company)s",
    ),
    "a day's count": (
        {"day_balances"},
        "UPDATE ledger_daybalance SET line_count = line_count + 1 WHERE company_id = %(company)s",
    ),
    "a sub-account's balance": (
        {"sub_account_balances"},
        "UPDATE ledger_subaccountbalance SET debit = debit + 1 WHERE company_id = %(company)s",
    ),
    "the account of a sub-account's balance": (
        {"sub_account_balances"},
        "UPDATE ledger_subaccountbalance SET account_id = (SELECT id FROM accounting_account WHERE "
        "company_id = %(company)s AND code = '2000') WHERE company_id = %(company)s",
    ),
    "a limit's balance": (
        {"limits_hold"},
        "UPDATE ledger_limit SET balance = balance + 1 WHERE company_id = %(company)s",
    ),
    "a reversal made to point elsewhere": (
        {"reversal_mirrors"},
        "UPDATE ledger_entry SET reverses_id = (SELECT id FROM ledger_entry WHERE company_id = %(company)s AND "
        "key = 'first 4') WHERE company_id = %(company)s AND reverses_id IS NOT NULL",
    ),
    "an amount with more decimals than its currency": (
        {"amounts_precise"},
        f"UPDATE ledger_line SET currency_amount = 100.001 WHERE {LINE.format('usd')} AND number = 1",
    ),
    "days called money": (
        {"statistical_balances"},
        f"UPDATE ledger_line SET statistical = false WHERE {LINE.format('days')}",
    ),
    "a key that was refused and posted": (
        {"key_once"},
        "INSERT INTO ledger_refusal (id, company_id, key, body_hash, code, message, place, refused_at) "
        "VALUES (gen_random_uuid(), %(company)s, 'usd', 'h', 'c', 'm', '', now())",
    ),
    "a number in the register": (
        {"numbers_without_gap"},
        "WITH s AS (INSERT INTO accounting_numberseries (id, company_id, code, name, pattern) VALUES "
        "(gen_random_uuid(), %(company)s, 'TKT', 'x', 'x') RETURNING id) "
        "INSERT INTO accounting_numbercounter (id, company_id, series_id, year, next_number) "
        "SELECT gen_random_uuid(), %(company)s, s.id, '2026', 3 FROM s",
    ),
}


def test_verify_finds_nothing_in_books_that_nobody_touched(books, superuser_alias):
    assert found(superuser_alias, books) == set()
    number, head = head_of(books, using=superuser_alias)
    assert (number, found(superuser_alias, books, {number: head})) == (3, set())


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_verify_names(books, superuser_alias, what):
    expected, *statements = CORRUPTIONS[what]
    with corrupted(superuser_alias, books, *statements):
        assert found(superuser_alias, books) >= expected
    assert found(superuser_alias, books) == set()


CUT_THE_TAIL = (
    "DELETE FROM ledger_entryseal WHERE company_id = %(company)s AND block_number > 1",
    "DELETE FROM ledger_block WHERE company_id = %(company)s AND number > 1",
    "UPDATE ledger_sealstate SET block_number = 1, head = (SELECT hash FROM ledger_block WHERE company_id = %(company)s)"
    ", next_xid = (SELECT max(e.posted_xid::text::bigint) + 1 FROM ledger_entry e JOIN ledger_entryseal x "
    "ON x.entry_id = e.id AND x.company_id = e.company_id WHERE e.company_id = %(company)s)::text::xid8 "
    "WHERE company_id = %(company)s",
    "DELETE FROM ledger_line l WHERE company_id = %(company)s AND NOT EXISTS (SELECT 1 FROM ledger_entryseal x "
    "WHERE x.company_id = l.company_id AND x.entry_id = l.entry_id)",
    "DELETE FROM ledger_entry l WHERE company_id = %(company)s AND NOT EXISTS (SELECT 1 FROM ledger_entryseal x "
    "WHERE x.company_id = l.company_id AND x.entry_id = l.id)",
    "DELETE FROM ledger_openline o WHERE company_id = %(company)s AND NOT EXISTS (SELECT 1 FROM ledger_line l "
    "WHERE l.company_id = o.company_id AND l.id = o.id)",
    "DELETE FROM ledger_monthbalance WHERE company_id = %(company)s",
    "DELETE FROM ledger_daybalance WHERE company_id = %(company)s",
    "DELETE FROM ledger_subaccountbalance WHERE company_id = %(company)s",
)
REBUILD_BALANCES = "SELECT ledger_roll_up(%(company)s, 1)"


def test_a_tail_cut_off_with_everything_that_knew_of_it_is_told_by_the_anchor(books, superuser_alias):
    anchors = dict([head_of(books, using=superuser_alias)])
    limit = "UPDATE ledger_limit SET balance = 150 WHERE company_id = %(company)s"
    with corrupted(superuser_alias, books, *CUT_THE_TAIL, REBUILD_BALANCES, limit):
        assert found(superuser_alias, books) == set()
        assert found(superuser_alias, books, anchors) == {"anchored_head"}


def test_a_chain_rebuilt_from_the_first_block_is_told_by_the_anchor(books, superuser_alias):
    anchors = dict([head_of(books, using=superuser_alias)])
    rebuild = (
        f"UPDATE ledger_entry SET memo = 'rewritten' WHERE {ENTRY} 'first 2'",
        """UPDATE ledger_entry e SET leaf_hash = ledger_leaf(e.company_id, e.id, e.journal_id, e.key, e.body_hash, e.date, e.memo,
             e.reference, e.line_count, e.reverses_id, e.reason, e.source, e.source_id, e.actor_type, e.actor_id,
             e.actor_name, e.request_id, e.posted_at, (SELECT string_agg(ledger_line_record(l.number, l.id, l.account_id,
             l.sub_account_id, l.amount, l.currency, l.currency_amount, l.rate, l.rate_source, l.statistical, l.memo,
             l.dimensions), '' ORDER BY l.number) FROM ledger_line l WHERE l.entry_id = e.id))
           WHERE e.company_id = %(company)s""",
        """UPDATE ledger_entryseal x SET leaf_hash = e.leaf_hash FROM ledger_entry e
           WHERE e.id = x.entry_id AND x.company_id = %(company)s""",
        """UPDATE ledger_block b SET merkle_root = (SELECT ledger_merkle_root(array_agg(ledger_seal_leaf(x.leaf_hash,
             x.entry_id, x.number_text) ORDER BY x.position)) FROM ledger_entryseal x
             WHERE x.company_id = b.company_id AND x.block_number = b.number) WHERE b.company_id = %(company)s""",
    )
    link = """UPDATE ledger_block b SET previous_hash = coalesce((SELECT p.hash FROM ledger_block p
        WHERE p.company_id = b.company_id AND p.number = b.number - 1), b.previous_hash)
        WHERE b.company_id = %(company)s AND b.number = {}"""
    close = """UPDATE ledger_block b SET hash = ledger_block_hash(b.company_id, b.number, b.previous_hash, b.merkle_root,
        b.entry_count, b.line_count, b.debit_total, b.sealed_at, b.epoch, b.watermark) WHERE b.company_id = %(company)s AND b.number = {}"""
    chain = [step.format(number) for number in (1, 2, 3) for step in (link, close)]
    head = """UPDATE ledger_sealstate SET head = (SELECT hash FROM ledger_block WHERE company_id = %(company)s
        AND number = 3) WHERE company_id = %(company)s"""
    with corrupted(superuser_alias, books, *rebuild, *chain, head):
        assert found(superuser_alias, books) == set()
        assert found(superuser_alias, books, anchors) == {"anchored_head"}


def test_verify_misses_each_trigger_that_is_switched_off(committed_db, superuser_alias):
    triggers = [guard for guard in listed_guards() if guard.kind == "trigger"]
    with transaction.atomic(using=superuser_alias), connections[superuser_alias].cursor() as cursor:
        for guard in triggers:
            cursor.execute(f"ALTER TABLE {guard.table} DISABLE TRIGGER {guard.name}")
        assert missing_guards(superuser_alias) == [guard.title for guard in triggers]
        transaction.set_rollback(True, using=superuser_alias)
    assert missing_guards(superuser_alias) == []


def test_verify_misses_row_level_security_that_is_switched_off(committed_db, superuser_alias):
    with transaction.atomic(using=superuser_alias), connections[superuser_alias].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_line NO FORCE ROW LEVEL SECURITY")
        cursor.execute("DROP POLICY company ON ledger_entry")
        expected = ["row-level security of ledger_entry", "row-level security of ledger_line"]
        assert sorted(missing_guards(superuser_alias)) == expected
        transaction.set_rollback(True, using=superuser_alias)


@pytest.mark.parametrize("function", ["ledger_guard_lines", "ledger_check_accounts", "ledger_post", "ledger_seal"])
def test_verify_misses_a_function_that_was_rewritten(committed_db, superuser_alias, function):
    with transaction.atomic(using=superuser_alias), connections[superuser_alias].cursor() as cursor:
        cursor.execute("UPDATE pg_proc SET prosrc = 'BEGIN RETURN NULL; END' WHERE proname = %s", [function])
        assert missing_guards(superuser_alias) == [f"function {function}"]
        transaction.set_rollback(True, using=superuser_alias)


def test_verify_misses_a_function_that_was_dropped(committed_db, superuser_alias):
    with transaction.atomic(using=superuser_alias), connections[superuser_alias].cursor() as cursor:
        cursor.execute("DROP FUNCTION ledger_keep_limits")
        assert missing_guards(superuser_alias) == ["function ledger_keep_limits"]
        transaction.set_rollback(True, using=superuser_alias)


def test_a_body_hash_changed_behind_the_triggers_is_named(superuser_alias, books):
    changed = "UPDATE ledger_entry SET body_hash = sha256('x') WHERE company_id = %(company)s"
    with corrupted(superuser_alias, books, changed):
        assert "entry_unchanged" in found(superuser_alias, books)
