"""C2, C7: `verify` names a settlement, a hold or a draft that somebody with the keys has bent."""

import datetime
from decimal import Decimal

import pytest

from accounting.accounts import open_sub_account
from accounting.models import Account
from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.allocation_undo import undo_settlement
from ledger.deferrals import start_deferral
from ledger.draft_approval import post_draft
from ledger.draft_content import DraftContent, DraftedLine
from ledger.drafts import save_draft
from ledger.holds import reserve, void_hold
from ledger.limits import set_limit
from ledger.models import Line
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.verification import verify_company
from tests.books import DAY, sale
from tests.constitution.raw import ids_of, system_scope

LATER = DAY + datetime.timedelta(days=30)


@pytest.fixture
def books(committed_company):
    """Settled and taken back, held and voided, drafted and posted, spread over time: all of it right."""
    company = committed_company
    with system_scope(company):
        open_sub_account(Account.objects.for_company(company).get(code="1100"), code="C1", name="Customer")
        for key, amount in (("i1", 100), ("p1", -60), ("i2", 50), ("p2", -50)):
            line = NewLine("1100", Decimal(amount), sub_account="C1")
            post(NewEntry(key, DAY, (line, NewLine("1000", Decimal(-amount))), memo=key))
        lines = dict(Line.objects.for_company(company).filter(number=1).values_list("entry__memo", "id"))
        allocate([Pair(lines["i1"], lines["p1"])], key="a")
        undo_settlement(allocate([Pair(lines["i2"], lines["p2"])], key="b").id, date=LATER, reason="Wrong")
        post(sale("100.00"))
        limit = set_limit(ids_of(company).accounts["1000"], floor=Decimal(-1000))
        reserve(limit.pk, Decimal(-5), key="h")
        void_hold(reserve(limit.pk, Decimal(-6), key="v").pk)
        draft = save_draft(DraftContent(DAY, [DraftedLine("1000", Decimal(1)), DraftedLine("4000", Decimal(-1))]))
        post_draft(draft.pk)
        start_deferral(name="x", from_account="1500", to_account="5000", amount=Decimal(10), start=DAY, end=LATER)
    return company


def found(company, alias):
    return {finding.check for finding in verify_company(company, {}, using=alias)}


def test_what_was_done_right_is_found_right(books, superuser_alias):
    assert found(books, superuser_alias) == set()


@pytest.mark.parametrize(
    ("table", "change", "check"),
    [
        ("ledger_allocation", "SET base_amount = 61, debit_amount = 61, credit_amount = 61 WHERE base_amount = 60", "allocation_within_line"),
        ("ledger_allocation", "SET base_amount = 59 WHERE base_amount = 60", "settled_in_both_currencies"),
        ("ledger_allocation", "SET debit_line_id = credit_line_id WHERE base_amount = 60", "allocation_matches"),
        ("ledger_allocation", "SET date = '2026-01-01' WHERE base_amount = 60", "allocation_matches"),
        ("ledger_allocation", "SET debit_month = debit_month + 1 WHERE base_amount = 60", "allocation_matches"),
        ("ledger_allocation", "SET credit_month = credit_month - 1 WHERE base_amount = 60", "allocation_matches"),
        ("ledger_allocation", "SET base_amount = -49 WHERE base_amount = -50", "settlement_is_whole"),
        ("ledger_settlement", "SET settled_xid = '99999999999'", "nothing_left_unsealed"),
        ("ledger_settlement", "SET epoch = 7", "nothing_left_unsealed"),
        ("ledger_limit", "SET held_down = -6", "holds_hold"),
        ("ledger_hold", "SET amount = -7 WHERE amount = -5", "holds_hold"),
        ("ledger_draft", "SET date = '2026-01-01'", "posted_draft_is_its_entry"),
        ("ledger_deferralpart", "SET amount = amount + 1 WHERE number = 1", "deferral_sums"),
        ("ledger_openline", "SET date = date + 1", "open_lines_listed"),
    ],
)  # fmt: skip
def test_a_bent_row_is_named(books, superuser_connection, superuser_alias, table, change, check):
    before, where = (change.split(" WHERE ") + ["true"])[:2]
    superuser_connection.execute("SET session_replication_role = replica")
    superuser_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    superuser_connection.execute(f"UPDATE {table} {before} WHERE ({where}) AND company_id = %s", [books.pk])
    superuser_connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    _restore_always(superuser_connection, table)
    superuser_connection.commit()
    assert check in found(books, superuser_alias)


@pytest.mark.parametrize(
    ("table", "check"),
    [("ledger_allocation", "settlement_is_whole"), ("ledger_holdend", "holds_hold"), ("ledger_deferralpart", "deferral_sums"),
     ("ledger_openline", "open_lines_listed")],
)  # fmt: skip
def test_a_deleted_row_is_named(books, superuser_connection, superuser_alias, table, check):
    superuser_connection.execute("SET session_replication_role = replica")
    superuser_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    superuser_connection.execute(f"DELETE FROM {table} WHERE company_id = %s", [books.pk])
    superuser_connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    _restore_always(superuser_connection, table)
    superuser_connection.commit()
    assert check in found(books, superuser_alias)


def _restore_always(connection, table):
    names = connection.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname IN ('append_only', 'never_truncated')",
        [table],
    )
    for (name,) in names.fetchall():
        connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
