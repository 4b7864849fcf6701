"""C9: every stored balance equals the sum of its lines, whatever was posted and sealed in whatever order."""

import datetime
import random
from decimal import Decimal

import pytest
from django.db import connection

from accounting.models import Account, SubAccount
from ledger.balances import balances
from ledger.models import Block, Entry
from ledger.posting import post, post_many
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.sealing import seal
from ledger.verification import verify_company
from tests.books import sale
from tests.constitution.raw import seal_everything, system_scope

FIRST, LAST = datetime.date(2025, 1, 1), datetime.date(2027, 12, 31)
SUMS = """
  SELECT l.account_id, l.currency, sum(greatest(l.amount, 0)), sum(greatest(-l.amount, 0)),
    sum(greatest(l.currency_amount, 0)), sum(greatest(-l.currency_amount, 0))
  FROM ledger_line l JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  WHERE l.company_id = %(company)s AND l.date <= %(date)s
    AND (%(moment)s::timestamptz IS NULL OR e.posted_at <= %(moment)s)
    AND (%(block)s::bigint IS NULL OR x.block_number <= %(block)s)
  GROUP BY l.account_id, l.currency
"""


def plain_sums(company, date, moment=None, block=None):
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"company": company.pk, "date": date, "moment": moment, "block": block})
        return {row[:2]: row[2:] for row in cursor.fetchall()}


def figures(company, date, known_at=None):
    found = balances(company, date, known_at=known_at)
    return {(b.account_id, b.currency): (b.debit, b.credit, b.currency_debit, b.currency_credit) for b in found}


def a_day(chance):
    day = FIRST + datetime.timedelta(days=chance.randrange((LAST - FIRST).days + 1))
    return chance.choice([day, day.replace(day=1), (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
                          - datetime.timedelta(days=1)])  # fmt: skip


def an_entry(chance, key, subs):
    amount = Decimal(chance.randrange(1, 100_000)) / 100
    debit = chance.choice([
        NewLine("1000", amount), NewLine("1500", amount), NewLine("1100", amount, sub_account=chance.choice(subs)),
        NewLine("1010", amount, "USD", base_amount=amount),
    ])  # fmt: skip
    lines = [debit, NewLine("4000", -amount)]
    if chance.random() < 0.2:
        lines = [NewLine("9000", amount, "DAY"), NewLine("9010", -amount, "DAY")]
    elif chance.random() < 0.3:
        lines = lines[::-1] + [NewLine("5000", amount), NewLine("1000", -amount)]
    return NewEntry(key, a_day(chance), tuple(lines))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_balances_equal_a_plain_sum_after_random_work(committed_company, superuser_alias, seed):
    company, chance = committed_company, random.Random(seed)
    with system_scope(company):
        account = Account.objects.for_company(company).get(code="1100")
        subs = [
            SubAccount.objects.create(company=company, account=account, code=f"C{n}", name="x").pk for n in range(3)
        ]
    moments = []
    for turn in range(8):
        with system_scope(company):
            posted = post_many([an_entry(chance, f"{turn}:{n}", subs) for n in range(12)])
            for answer in chance.sample(posted, 2):
                original = Entry.objects.for_company(company).get(pk=answer.id)
                reverse(answer.id, date=min(LAST, original.date + datetime.timedelta(chance.randrange(60))), reason="x")
            moments.append(Entry.objects.for_company(company).latest("posted_at").posted_at)
        if chance.random() < 0.7:
            seal(company)
    # A seal leaves out what may still commit, which other work on the server can make out of everything.
    if chance.random() < 0.5 or not blocks_of(company):
        seal_everything(company)
    blocks = blocks_of(company)
    with system_scope(company):
        for date in [a_day(chance) for _n in range(12)] + [FIRST, LAST, datetime.date(2026, 2, 28)]:
            assert figures(company, date) == plain_sums(company, date), date
            moment, block = chance.choice(moments), chance.randint(0, blocks)
            assert figures(company, date, moment) == plain_sums(company, date, moment=moment), (date, moment)
            assert figures(company, date, block) == plain_sums(company, date, block=block), (date, block)
    assert list(verify_company(company, {}, using=superuser_alias)) == []


def blocks_of(company):
    with system_scope(company):
        return Block.objects.for_company(company).count()


def test_what_was_known_at_a_block_never_changes(committed_company):
    company = committed_company
    with system_scope(company):
        post(sale("1.00"))
    seal_everything(company)
    with system_scope(company):
        before = figures(company, LAST, 1)
        post(sale("10.00", date=FIRST))
        reverse(Entry.objects.for_company(company).latest("posted_at").pk, date=LAST, reason="x")
        assert figures(company, LAST, 1) == before
    seal_everything(company)
    with system_scope(company):
        assert figures(company, LAST, 1) == before


def test_nothing_is_known_before_the_first_block(committed_company):
    with system_scope(committed_company):
        post(sale("1.00"))
    seal_everything(committed_company)
    with system_scope(committed_company):
        assert figures(committed_company, LAST, 0) == {}


@pytest.mark.parametrize("date", [datetime.date.min, datetime.date.max, datetime.date(9999, 11, 30)])
def test_the_ends_of_the_calendar_are_dates_too(scope, date):
    post(sale("1.00"))
    assert figures(scope.company, date) == plain_sums(scope.company, date)
