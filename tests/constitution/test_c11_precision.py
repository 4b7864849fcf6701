"""C11: an amount keeps its currency's precision; what does not fit is refused, never rounded in silence."""

from decimal import Decimal

import pytest
from psycopg.errors import CheckViolation, NumericValueOutOfRange

from ledger import refusals
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from tests.books import DAY
from tests.constitution.raw import header, insert_entry, insert_lines, inside, line, raw_post, raw_sale, refused

BAD = ["9.996", "0.001", "NaN", "Infinity", "-Infinity", "1e30", "9" * 39, "9" * 37 + ".99", "10.0000001", "1e-13"]


@pytest.mark.parametrize("amount", BAD)
def test_python_refuses_the_amount(scope, amount):
    lines = (NewLine("1000", Decimal(amount)), NewLine("4000", -Decimal(amount)))
    with pytest.raises((refusals.BadAmount, refusals.TooPrecise)):
        post(NewEntry("k", DAY, lines))


@pytest.mark.parametrize("amount", BAD)
def test_the_posting_function_refuses_the_amount(committed_company, runtime_connection, amount):
    entry, rows = raw_sale(committed_company, amount)
    with (
        pytest.raises((CheckViolation, NumericValueOutOfRange)),
        inside(runtime_connection, committed_company) as connection,
    ):
        raw_post(connection, entry, rows)


@pytest.mark.parametrize("amount", BAD)
@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_rows_with_the_amount_are_refused(committed_company, raw_connection, role, amount):
    entry, rows = raw_sale(committed_company, amount)
    with (
        pytest.raises((CheckViolation, NumericValueOutOfRange)),
        inside(raw_connection(role), committed_company) as connection,
    ):
        insert_entry(connection, entry)
        insert_lines(connection, rows)


@pytest.mark.parametrize(
    "fields",
    [
        {"currency_amount": Decimal("NaN"), "rate": Decimal(1)},
        {"currency_amount": Decimal(120), "rate": Decimal("NaN")},
        {"currency_amount": Decimal(120), "rate": Decimal("Infinity")},
        {"currency_amount": Decimal("120.001"), "rate": Decimal(1)},
        {"currency_amount": Decimal("120"), "rate": Decimal("0.83333333333333")},
        {"currency_amount": Decimal("-120"), "rate": Decimal(1)},
        {"currency_amount": Decimal("120"), "rate": Decimal(-1)},
        {"currency_amount": Decimal("120"), "rate": Decimal(1), "currency": "XXX"},
    ],
)
def test_the_posting_function_refuses_the_foreign_amount(committed_company, runtime_connection, fields):
    entry, rows = raw_sale(committed_company)
    rows[0].update({"currency": "USD", **fields})
    with (
        pytest.raises((CheckViolation, NumericValueOutOfRange)),
        inside(runtime_connection, committed_company) as connection,
    ):
        raw_post(connection, entry, rows)


def test_days_that_are_no_number_are_refused(committed_company, runtime_connection):
    entry = header(committed_company)
    rows = [
        line(committed_company, entry, n, account, Decimal(0), currency="DAY", currency_amount=Decimal("NaN"),
             statistical=True)
        for n, account in ((1, "9000"), (2, "9010"))
    ]  # fmt: skip
    with pytest.raises(CheckViolation), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows)


@pytest.mark.parametrize(("currency", "good", "bad"), [("JPY", "10", "10.1"), ("KWD", "1.234", "1.2345")])
def test_each_currency_keeps_its_own_decimals(scope, currency, good, bad):
    from accounting.units import use_currency

    use_currency(currency)

    def entry(amount, key):
        return NewEntry(key, DAY, (
            NewLine("1000", Decimal(amount), currency, rate=Decimal(1), base_amount=Decimal(10)),
            NewLine("4000", Decimal(-10)),
        ))  # fmt: skip

    assert post(entry(good, "good"))
    with pytest.raises(refusals.TooPrecise):
        post(entry(bad, "bad"))


def test_the_largest_amount_that_is_taken_is_kept_to_the_cent(committed_company, runtime_connection):
    amount = Decimal("999999999999999999.99")
    entry, rows = raw_sale(committed_company, str(amount))
    with inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows)
        found = connection.execute("SELECT max(amount) FROM ledger_line WHERE entry_id = %s", [entry["id"]]).fetchone()
    assert found == (amount,)


@pytest.mark.parametrize("rate", ["NaN", "0", "-1"])
def test_an_exchange_rate_is_a_positive_number(committed_company, runtime_connection, rate):
    with pytest.raises(CheckViolation), inside(runtime_connection, committed_company) as connection:
        connection.execute(
            "INSERT INTO accounting_exchangerate (id, company_id, currency, date, rate, source) "
            "VALUES (gen_random_uuid(), %s, 'USD', '2026-01-01', %s, 'x')",
            [committed_company.pk, Decimal(rate)],
        )


def test_an_account_kept_in_one_currency_takes_no_other(committed_company, runtime_connection):
    company = committed_company
    entry = header(company)
    rows = [
        line(company, entry, n, account, Decimal(0), currency="DAY", currency_amount=Decimal(amount), statistical=True)
        for n, account, amount in ((1, "1010", 1), (2, "9000", -1))
    ]
    with refused(CheckViolation, "account_currency"), inside(runtime_connection, company) as connection:
        raw_post(connection, entry, rows)
