"""C10: every column of every row that the books stand on, changed behind the triggers' back: `verify` names it.

Beside test_verify_names_corruption.py, where each kind of forgery is told, this one leaves no column and no place out.
"""

import uuid

import pytest
from django.db import connection

from accounting.models import FiscalYear, NumberSeries
from accounting.numbers import take_number
from ledger.verification import verify_company
from tests.constitution import test_verify_names_corruption as forgery
from tests.constitution.raw import system_scope
from tests.constitution.rows import GUARDS, columns_of

# Table -> how its rows stand one behind the other.
FACTS = {
    "accounting_numbercounter": "year", "accounting_numberuse": "number", "ledger_block": "number",
    "ledger_daybalance": "date, account_id", "ledger_entry": "posted_xid, id", "ledger_entryseal": "block_number, position",
    "ledger_limit": "id", "ledger_line": "entry_id, number", "ledger_monthbalance": "month, account_id",
    "ledger_refusal": "id", "ledger_sealstate": "id", "ledger_subaccountbalance": "month, sub_account_id",
}  # fmt: skip
# Written by the database alone, and proven elsewhere or by nothing but itself.
NO_FACTS = {"accounting_currency", "accounting_generation", "invoicing_dunneddocument",
            "invoicing_dunningnotice", "invoicing_receipt", "invoicing_receiptline", "jobs_jobfile",
            "jobs_webhookattempt", "jobs_webhookevent", "reports_reportdecision", "reports_reportrun", "tenants_approval", "tenants_auditevent",
            "tenants_idempotentrequest", "tenants_operatorrequest"}  # fmt: skip
CHANGED = {
    "uuid": "gen_random_uuid()", "text": "coalesce({0}, '') || 'x'", "numeric": "coalesce({0}, 0) + 1",
    "boolean": "NOT {0}", "date": "{0} + 1", "timestamp with time zone": "{0} + interval '1 us'",
    "bytea": "sha256({0})", "jsonb": "'{{\"x\": \"y\"}}'", "xid8": "'99999999999'",
}  # fmt: skip
CHANGED |= {
    "character varying": "left('x' || coalesce({0}, ''), 3)",
    **dict.fromkeys(["integer", "bigint", "smallint"], CHANGED["numeric"]),
}
ROW = "company_id = %(company)s AND id = (SELECT id FROM {0} WHERE company_id = %(company)s ORDER BY {1} LIMIT 1)"
# What no proof covers yet. No row points at the id of a seal, a block or a roll-up, so nothing is lost with it.
ID_IS_PROVEN = {"ledger_entry", "ledger_line"}
UNPROVEN = {
    "accounting_numberuse": {"text", "outcome", "subject", "subject_id", "reason", "at"},
    "ledger_limit": {"floor", "sequence", "company_id"},
    "ledger_refusal": {"key", "body_hash", "code", "message", "place", "refused_at", "company_id"},
}
PROMISES = {f"C{number}" for number in range(1, 12)}
# test_verify_settlements.py and test_verify_documents.py change these.
PROVEN_ELSEWHERE = {
    "invoicing_taxrow",
    "ledger_allocation",
    "ledger_hold",
    "ledger_holdend",
    "ledger_openline",
    "ledger_settlement",
}
DELETED_UNSEEN = {"ledger_limit", "ledger_refusal"}
_shared = []


@pytest.fixture
def books(committed_db):
    """The books of the forgeries, and three numbers in the register."""
    if not _shared:
        company = forgery.make_books()
        with system_scope(company):
            year = FiscalYear.objects.for_company(company).get(name="2026")
            series = NumberSeries.objects.create(company=company, code="TKT", name="Tickets")
            for _n in range(3):
                take_number(series, year, subject="invoice", subject_id=uuid.uuid4())
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT public.ledger_freeze(%s, 'refused', 'hash', 'code', 'message', '')", [company.pk]
                )
        _shared.append(company)
    return _shared[0]


def forged(alias, company, table, *statements):
    """The findings after the forger has taken the constraints of the table away and changed it."""
    bare = [f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {guard.name} CASCADE" for guard in GUARDS
            if guard.table == table and guard.kind == "constraint" and not guard.name.endswith("_pkey")]  # fmt: skip
    with forgery.corrupted(alias, company, *bare, *statements):
        return list(verify_company(company, {}, using=alias))


def test_every_table_that_the_database_alone_writes_is_a_fact_or_none():
    written = {guard.table for guard in GUARDS if guard.kind == "rights" and guard.definition == "runtime SELECT"}
    kept = {guard.table for guard in GUARDS if guard.name == "append_only"}
    assert (written | kept | {"accounting_numbercounter"}) - NO_FACTS == set(FACTS) | PROVEN_ELSEWHERE


@pytest.mark.parametrize("table", FACTS)
def test_no_column_changes_in_silence(books, superuser_alias, superuser_connection, table):
    silent = []
    for column, (kind, _longest, _needed) in columns_of(superuser_connection, table).items():
        row = ROW.format(table, FACTS[table])
        change = f"UPDATE {table} SET {column} = {CHANGED[kind].format(column)} WHERE {row}"
        if not forged(superuser_alias, books, table, change):
            silent.append(column)
    assert set(silent) == UNPROVEN.get(table, set()) | (set() if table in ID_IS_PROVEN else {"id"})


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_line"])
def test_the_entry_is_named_whatever_is_changed_in_it(books, superuser_alias, superuser_connection, table):
    entry = "(SELECT id FROM ledger_entry WHERE company_id = %(company)s AND key = 'usd')"
    where = f"id = {entry}" if table == "ledger_entry" else f"entry_id = {entry} AND number = 1"
    names = set(superuser_connection.execute(
        "SELECT unnest(ARRAY[e.id::text, l.id::text, x.number_text]) FROM ledger_entry e "
        "JOIN ledger_line l ON l.entry_id = e.id JOIN ledger_entryseal x ON x.entry_id = e.id "
        "WHERE e.company_id = %s AND e.key = 'usd'", [books.pk],
    ).fetchall())  # fmt: skip
    columns = columns_of(superuser_connection, table)
    superuser_connection.rollback()  # the forger needs the tables
    for column, (kind, _longest, _needed) in columns.items():
        change = (
            f"UPDATE {table} SET {column} = {CHANGED[kind].format(column)} WHERE company_id = %(company)s AND {where}"
        )
        found = forged(superuser_alias, books, table, change)
        assert {(finding.subject,) for finding in found} & names, (column, found)
        assert {finding.company for finding in found} == {books.slug}
        assert all(finding.promise in PROMISES and finding.detail for finding in found)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("table", FACTS)
def test_no_row_goes_in_silence(books, superuser_alias, table, place):
    offset = {"first": "0 * count(*)", "middle": "count(*) / 2", "last": "count(*) - 1"}[place]
    gone = (
        f"DELETE FROM {table} WHERE id = (SELECT id FROM {table} WHERE company_id = %(company)s ORDER BY {FACTS[table]} "
        f"OFFSET (SELECT {offset} FROM {table} WHERE company_id = %(company)s) LIMIT 1)"
    )
    assert (forged(superuser_alias, books, table, gone) == []) is (table in DELETED_UNSEEN)


SWAPS = {
    "the amounts of two entries on the same accounts": (
        "ledger_line", "amount = o.amount, currency_amount = o.currency_amount",
        "o.number = t.number AND o.entry_id <> t.entry_id AND o.account_id = t.account_id AND o.amount <> t.amount "
        "AND t.entry_id IN ({0}) AND o.entry_id IN ({0})",
    ),
    "the lines of two entries": ("ledger_line", "entry_id = o.entry_id",
                                 "o.number = t.number AND o.entry_id <> t.entry_id AND t.entry_id IN ({0}) AND o.entry_id IN ({0})"),
    "the ids of two lines": ("ledger_line", "id = o.id", "o.number <> t.number AND o.entry_id = t.entry_id AND t.entry_id IN ({0})"),
    "the seals of two entries": ("ledger_entryseal", "entry_id = o.entry_id",
                                 "o.entry_id <> t.entry_id AND t.entry_id IN ({0}) AND o.entry_id IN ({0})"),
    "the numbers of two blocks": ("ledger_block", "number = o.number", "o.number = 3 - t.number"),
}  # fmt: skip
TWO = "SELECT id FROM ledger_entry WHERE company_id = %(company)s AND key IN ('first 1', 'first 3')"


@pytest.mark.parametrize("what", SWAPS)
def test_nothing_changes_places_in_silence(books, superuser_alias, what):
    table, change, where = SWAPS[what]
    without_key = f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey CASCADE"
    swap = f"UPDATE {table} t SET {change} FROM {table} o WHERE t.company_id = %(company)s AND o.company_id = t.company_id AND {where.format(TWO)}"
    assert forged(superuser_alias, books, table, without_key, swap)


REGISTER = {
    "cut at its end, and the counter with it": (
        "DELETE FROM accounting_numberuse WHERE company_id = %(company)s AND number = 3",
        "UPDATE accounting_numbercounter SET next_number = 3 WHERE company_id = %(company)s",
    ),
    "two numbers in each other's place": (
        "UPDATE accounting_numberuse SET number = 3 - number WHERE company_id = %(company)s AND number < 3",
    ),
}


@pytest.mark.xfail(strict=True, reason="the register of numbers is hashed by nothing and anchored nowhere")
@pytest.mark.parametrize("how", REGISTER)
def test_the_register_of_numbers_is_not_forged_in_silence(books, superuser_alias, how):
    assert forged(superuser_alias, books, "accounting_numberuse", *REGISTER[how])
