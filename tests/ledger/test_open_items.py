"""Open items: settled N:M, in parts, across currencies; taken back; the same at any past date for ever."""

import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounting.accounts import open_account, open_sub_account
from accounting.models import Period
from accounting.periods import close_period
from ledger import refusals
from ledger.allocation import SettlementNotFound, allocate, allocate_lines
from ledger.allocation_plan import Pair
from ledger.allocation_undo import AlreadyUndone, undo_settlement
from ledger.balances import balances
from ledger.models import Allocation, Entry, Line, Settlement
from ledger.open_items import open_items, tie_outs
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.refusals import CannotAllocate
from tenants.permissions import permissions_of_role
from tenants.scope import Actor, acting_as
from tests.conftest import make_company

MARCH, APRIL, MAY = (datetime.date(2026, month, 10) for month in (3, 4, 5))
LATER = datetime.date(2026, 12, 31)


@pytest.fixture
def customer(scope):
    from accounting.models import Account

    accounts = Account.objects.for_company(scope.company)
    sub = open_sub_account(accounts.get(code="1100"), code="C1", name="Customer One")
    open_account(code="4900", name="Exchange gains", type="income", subtype="exchange_gain", role="exchange_gain")
    open_account(code="5950", name="Exchange losses", type="expense", subtype="exchange_loss", role="exchange_loss")
    return sub


def on_account(key, date, amount, *, currency="", rate=None, against="4000", **fields):
    """A debit (or credit) of the customer's receivable; answers with the line's id."""
    value = Decimal(amount)
    rate = None if rate is None else Decimal(rate)
    line = NewLine("1100", value, currency, rate=rate, sub_account="C1")
    other = NewLine(against, -value if rate is None else -round(value * rate, 2))
    posted = post(NewEntry(key, date, (line, other), memo=key, **fields))
    return Line.objects.get(company__isnull=False, entry_id=posted.id, number=1).pk


def open_now(company, date=LATER, **wanted):
    return {one.memo: (one.residual, one.base_residual) for one in open_items(company, date, **wanted)}


def assert_tied(company, *dates):
    for date in dates or (MARCH, APRIL, MAY, LATER):
        assert all(one.is_equal for one in tie_outs(company, date)), date


def test_an_invoice_is_settled_in_parts_and_the_rest_stays_open(scope, customer):
    invoice = on_account("invoice", MARCH, "100.00")
    first = on_account("first", APRIL, "-30.00", against="1000")
    second = on_account("second", MAY, "-70.00", against="1000")

    allocate([Pair(invoice, first)], key="a")
    assert open_now(scope.company) == {"invoice": (70, 70), "second": (-70, -70)}
    allocate([Pair(invoice, second)], key="b")
    assert open_now(scope.company) == {}
    assert open_now(scope.company, APRIL) == {"invoice": (70, 70)}
    assert open_now(scope.company, MARCH) == {"invoice": (100, 100)}
    assert_tied(scope.company)


def test_many_debits_and_credits_settle_oldest_first(scope, customer):
    debits = [on_account(f"d{n}", MARCH, f"{n}0.00") for n in (1, 2, 3)]
    others = [on_account(f"c{n}", APRIL, amount, against="1000") for n, amount in ((1, "-25.00"), (2, "-25.00"))]

    allocate_lines([*debits, *others], key="all")
    assert open_now(scope.company) == {"d3": (10, 10)}
    assert_tied(scope.company)


def test_the_same_key_settles_once_and_another_body_is_refused(scope, customer):
    invoice, paid = on_account("invoice", MARCH, "100.00"), on_account("paid", APRIL, "-100.00", against="1000")
    first = allocate([Pair(invoice, paid, Decimal("40.00"))], key="k")

    assert allocate([Pair(invoice, paid, Decimal("40.00"))], key="k").id == first.id
    with pytest.raises(refusals.KeyReused):
        allocate([Pair(invoice, paid, Decimal("41.00"))], key="k")
    assert open_now(scope.company)["invoice"] == (60, 60)


def test_more_than_is_open_is_refused_and_stays_refused_under_its_key(scope, customer):
    invoice, paid = on_account("invoice", MARCH, "100.00"), on_account("paid", APRIL, "-60.00", against="1000")
    with pytest.raises(refusals.OverAllocated) as refusal:
        allocate([Pair(invoice, paid, Decimal("60.01"))], key="k")
    assert refusal.value.place == "pairs[0].credit_amount"
    allocate([Pair(invoice, paid)], key="all of it")
    with pytest.raises(refusals.Refused) as again:
        allocate([Pair(invoice, paid, Decimal("60.01"))], key="k")
    assert again.value.code == "over_allocated"


def test_three_payments_at_three_rates_leave_nothing_in_either_currency(scope, customer):
    """T25: the gain falls into the period of each payment."""
    invoice = on_account("invoice", MARCH, "300.00", currency="USD", rate="0.9")
    for key, day, rate in (("a", MARCH, "0.9"), ("b", APRIL, "0.95"), ("c", MAY, "0.87")):
        paid = on_account(key, day, "-100.00", currency="USD", rate=rate, against="1000")
        allocate([Pair(invoice, paid)], key=key)
        assert_tied(scope.company)

    assert open_now(scope.company) == {}
    made = Entry.objects.for_company(scope.company).filter(source="settlement").order_by("date")
    assert list(made.values_list("date", flat=True)) == [APRIL, MAY]
    gains = Line.objects.for_company(scope.company).filter(entry__source="settlement")
    assert list(gains.filter(account__code="4900").values_list("amount", flat=True)) == [Decimal(-5)]
    assert list(gains.filter(account__code="5950").values_list("amount", flat=True)) == [Decimal(3)]
    receivable = [one for one in balances(scope.company, LATER) if one.currency == "USD"]
    assert [(one.amount, one.currency_amount) for one in receivable] in ([], [(0, 0)])


def test_odd_rates_lose_no_cent_on_the_way(scope, customer):
    invoice = on_account("invoice", MARCH, "100.00", currency="USD", rate="0.9137")
    for number in range(3):
        paid = on_account(f"p{number}", APRIL, "-33.33", currency="USD", rate="0.9291", against="1000")
        allocate([Pair(invoice, paid)], key=f"p{number}")
    last = on_account("last", MAY, "-0.01", currency="USD", rate="1.5", against="1000")
    allocate([Pair(invoice, last)], key="last")

    assert open_now(scope.company) == {}
    assert_tied(scope.company)


def test_a_payment_in_base_currency_settles_an_invoice_of_the_same_value_without_a_gain(scope, customer):
    """T26: no phantom gain."""
    invoice = on_account("invoice", MARCH, "100.00", currency="USD", rate="0.9")
    paid = on_account("paid", APRIL, "-90.00", against="1000")
    allocate([Pair(invoice, paid)], key="k")

    assert open_now(scope.company) == {}
    assert not Entry.objects.for_company(scope.company).filter(source="settlement").exists()


def test_a_payment_in_base_currency_that_is_worth_more_is_a_gain(scope, customer):
    invoice = on_account("invoice", MARCH, "100.00", currency="USD", rate="0.9")
    paid = on_account("paid", APRIL, "-92.00", against="1000")
    allocate([Pair(invoice, paid)], key="k")

    assert open_now(scope.company) == {}
    assert_tied(scope.company)
    assert Line.objects.for_company(scope.company).get(account__code="4900").amount == -2


def test_taking_back_opens_the_items_again_and_changes_no_past(scope, customer):
    """T14: nothing of the past changes; the exchange difference is reversed."""
    invoice = on_account("invoice", MARCH, "100.00", currency="USD", rate="0.9")
    paid = on_account("paid", APRIL, "-100.00", currency="USD", rate="0.95", against="1000")
    settled = allocate([Pair(invoice, paid)], key="k")
    before = open_now(scope.company, APRIL), [(b.account_id, b.amount) for b in balances(scope.company, APRIL)]

    undone = undo_settlement(settled.id, date=MAY, reason="Wrong invoice")
    assert undo_settlement(settled.id, date=MAY, reason="Wrong invoice") == undone
    assert (
        open_now(scope.company, APRIL),
        [(b.account_id, b.amount) for b in balances(scope.company, APRIL)],
    ) == before
    assert open_now(scope.company) == {"invoice": (100, 90), "paid": (-100, -95)}
    assert_tied(scope.company)
    with pytest.raises(AlreadyUndone):
        undo_settlement(undone, date=LATER, reason="No")
    assert allocate([Pair(invoice, paid)], key="again", date=LATER)
    assert open_now(scope.company) == {}


def test_what_is_settled_again_in_between_is_refused_at_every_date(scope, customer):
    """A second settlement before the day of the undoing would settle the line twice at that date."""
    invoice, paid = on_account("invoice", MARCH, "100.00"), on_account("paid", MARCH, "-100.00", against="1000")
    settled = allocate([Pair(invoice, paid)], key="k")
    undo_settlement(settled.id, date=MAY, reason="Wrong")

    with pytest.raises(refusals.OverAllocated):
        allocate([Pair(invoice, paid)], key="between", date=APRIL)
    assert allocate([Pair(invoice, paid)], key="after", date=MAY)


def test_a_settlement_is_dated_in_an_open_period_and_after_its_lines(scope, customer):
    invoice, paid = on_account("invoice", MARCH, "10.00"), on_account("paid", APRIL, "-10.00", against="1000")
    with pytest.raises(CannotAllocate):
        allocate([Pair(invoice, paid)], key="early", date=MARCH)
    for period in Period.objects.for_company(scope.company).filter(start__lte=APRIL):
        close_period(period)
    with pytest.raises(refusals.PeriodClosed):
        allocate([Pair(invoice, paid)], key="closed")
    assert allocate([Pair(invoice, paid)], key="open", date=MAY)


def test_a_reason_settles_in_a_soft_closed_period_only_for_who_may_post_there(scope, customer):
    invoice, paid = on_account("invoice", MARCH, "10.00"), on_account("paid", MARCH, "-10.00", against="1000")
    for period in Period.objects.for_company(scope.company).filter(start__lte=MARCH):
        close_period(period, soft=True)
    accountant = Actor(type="user", name="Accountant", permissions=permissions_of_role("accountant"))
    with acting_as(accountant), pytest.raises(refusals.PeriodSoftClosed):
        allocate([Pair(invoice, paid)], key="accountant", date=MARCH, reason="a note")
    settled = allocate([Pair(invoice, paid)], key="owner", date=MARCH, reason="a note")
    with acting_as(accountant), pytest.raises(refusals.PeriodSoftClosed):
        undo_settlement(settled.id, date=MARCH, reason="a note")


def test_the_same_amount_is_the_same_settlement_however_many_zeros_it_has(scope, customer):
    invoice, paid = on_account("invoice", MARCH, "10.00"), on_account("paid", MARCH, "-10.00", against="1000")
    first = allocate([Pair(invoice, paid, Decimal("1.5"), Decimal("1.5"))], key="k")
    again = allocate([Pair(invoice, paid, Decimal("1.50"), Decimal("1.500"))], key="k")
    assert (again.id, again.replayed) == (first.id, True)


def test_lines_of_two_accounts_do_not_settle_each_other(scope, customer):
    open_sub_account(customer.account, code="C2", name="Customer Two")
    invoice = on_account("invoice", MARCH, "10.00")
    other = post(NewEntry("o", MARCH, (NewLine("1100", Decimal(-10), sub_account="C2"), NewLine("1000", Decimal(10)))))
    theirs = Line.objects.for_company(scope.company).get(entry_id=other.id, number=1).pk
    with pytest.raises(CannotAllocate):
        allocate_lines([invoice, theirs], key="k")


def test_only_lines_of_one_open_account_and_customer_settle_each_other(scope, customer):
    open_sub_account(customer.account, code="C2", name="Customer Two")
    invoice = on_account("invoice", MARCH, "10.00")
    other = post(NewEntry("o", MARCH, (NewLine("1100", Decimal(-10), sub_account="C2"), NewLine("1000", Decimal(10)))))
    theirs = Line.objects.for_company(scope.company).get(entry_id=other.id, number=1).pk
    bank = Line.objects.for_company(scope.company).get(entry_id=other.id, number=2).pk

    with pytest.raises(CannotAllocate):
        allocate([Pair(invoice, theirs)], key="a")
    with pytest.raises(CannotAllocate):
        allocate([Pair(theirs, invoice)], key="b")
    with pytest.raises(SettlementNotFound):
        allocate([Pair(invoice, bank)], key="c")


def test_another_companys_lines_are_not_found(scope, customer):
    from tenants.scope import Actor, company_scope

    invoice = on_account("invoice", MARCH, "10.00")
    with company_scope(make_company(), actor=Actor.system("test")), pytest.raises(SettlementNotFound):
        allocate([Pair(invoice, invoice)], key="a")


def test_open_items_are_one_query_for_1_and_for_60(scope, customer, django_assert_num_queries):
    for number in range(60):
        on_account(f"i{number}", MARCH, "1.00")
    with django_assert_num_queries(1):
        assert len(open_items(scope.company, LATER)) == 60
    page = open_items(scope.company, LATER, limit=50)
    assert len(open_items(scope.company, LATER, after=(page[-1].date, page[-1].line_id))) == 10


def raw(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_allocation SET base_amount = 1",
        "DELETE FROM ledger_allocation",
        "TRUNCATE ledger_allocation",
        "UPDATE ledger_settlement SET date = date",
        "DELETE FROM ledger_settlement",
        "INSERT INTO ledger_settlement SELECT * FROM ledger_settlement",
    ],
)
def test_the_runtime_role_may_not_touch_what_is_settled(scope, customer, change):
    invoice, paid = on_account("invoice", MARCH, "10.00"), on_account("paid", MARCH, "-10.00", against="1000")
    allocate([Pair(invoice, paid)], key="k")
    with pytest.raises(DatabaseError):
        raw(change)
    assert (
        Allocation.objects.for_company(scope.company).count() == Settlement.objects.for_company(scope.company).count()
    )


@pytest.mark.parametrize(
    ("debit", "credit", "base"), [("10.01", "10.01", "10.01"), ("1", "2", "1"), ("-1", "-1", "-1"), ("0", "0", "11")]
)
def test_the_database_refuses_what_python_would_not_ask_for(scope, customer, debit, credit, base):
    invoice, paid = on_account("invoice", MARCH, "10.00"), on_account("paid", MARCH, "-10.00", against="1000")
    settle = (
        "SELECT public.ledger_settle(%s, gen_random_uuid(), 'raw', '', %s, NULL, NULL, '', '', NULL, "
        "ARRAY[gen_random_uuid()], ARRAY[%s]::uuid[], ARRAY[%s]::uuid[], ARRAY[%s]::numeric[], ARRAY[%s]::numeric[], "
        "ARRAY[%s]::numeric[])"
    )
    with pytest.raises(DatabaseError):
        raw(settle, scope.company.pk, MARCH, invoice, paid, debit, credit, base)
    raw(settle, scope.company.pk, MARCH, invoice, paid, "10", "10", "10")
