"""C8: legal numbers have no gap and no double."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from psycopg.errors import CheckViolation, IntegrityError, RestrictViolation

from accounting.models import FiscalYear, NumberSeries, NumberUse
from accounting.numbers import skip_number, take_number
from ledger.models import EntrySeal, Journal
from ledger.posting import post
from ledger.sealing import seal
from tests.books import sale
from tests.constitution.raw import committed_sale, in_threads, inside, refused, seal_everything, system_scope


def numbers_of(company):
    found = {}
    with system_scope(company):
        for series, number in EntrySeal.objects.for_company(company).values_list("series", "number"):
            found.setdefault(series, []).append(number)
    return {series: sorted(numbers) for series, numbers in found.items()}


def test_sealed_entries_are_numbered_without_gap_while_others_post_and_seal(committed_company):
    company = committed_company

    def work(number):
        if number % 3 == 0:
            return [seal(company) for _round in range(8)]
        for n in range(8):
            with system_scope(company):
                post(sale("1.00", key=f"{number}:{n}", journal="SAL" if n % 2 else "GEN"))
        return []

    answers = in_threads(9, work)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    seal_everything(company)
    assert numbers_of(company) == {"GEN-2026": list(range(1, 25)), "SAL-2026": list(range(1, 25))}


def test_a_rolled_back_posting_leaves_no_gap(committed_company):
    company = committed_company
    committed_sale(company)
    with pytest.raises(ZeroDivisionError), system_scope(company):
        post(sale("2.00"))
        raise ZeroDivisionError
    committed_sale(company)
    seal_everything(company)
    assert numbers_of(company) == {"GEN-2026": [1, 2]}


def test_two_series_with_the_same_name_share_one_count(committed_company):
    company = committed_company
    with system_scope(company):
        year = FiscalYear.objects.for_company(company).get(name="2026")
        FiscalYear.objects.for_company(company).filter(pk=year.pk).update(name="B-C")
        FiscalYear.objects.for_company(company).filter(name="2027").update(name="C")
        Journal.objects.create(company=company, code="A", name="A")
        Journal.objects.create(company=company, code="A-B", name="A-B")
        post(sale("1.00", journal="A"))
        post(sale("1.00", journal="A-B", date=year.end.replace(year=2027)))
    assert seal_everything(company) == 2
    assert numbers_of(company) == {"A-B-C": [1, 2]}


@pytest.fixture
def series(committed_company):
    with system_scope(committed_company):
        year = FiscalYear.objects.for_company(committed_company).get(name="2026")
        return NumberSeries.objects.create(company=committed_company, code="TKT", name="Tickets"), year


def register(company):
    with system_scope(company):
        return list(NumberUse.objects.for_company(company).order_by("number").values_list("number", flat=True))


def test_twenty_threads_take_twenty_numbers_without_gap_or_double(committed_company, series):
    company = committed_company

    def take(_number):
        with system_scope(company):
            return take_number(*series, subject="invoice", subject_id=uuid.uuid4())

    assert sorted(in_threads(20, take)) == [f"TKT-2026-{n:05d}" for n in range(1, 21)]
    assert register(company) == list(range(1, 21))


def test_threads_that_roll_back_leave_no_gap(committed_company, series):
    company = committed_company

    def take(number):
        with system_scope(company):
            take_number(*series, subject="invoice", subject_id=uuid.uuid4())
            if number % 2:
                raise ZeroDivisionError

    in_threads(20, take)
    assert register(company) == list(range(1, 11))


def test_a_skipped_number_is_explained(committed_company, series):
    with system_scope(committed_company):
        skip_number(*series, reason="spoilt form")
        with pytest.raises(Exception, match="number_use_explained"):
            skip_number(*series, reason="")
    assert register(committed_company) == [1]


def raw_use(connection, company, series, number):
    connection.execute(
        "INSERT INTO accounting_numberuse (id, company_id, series_id, year, number, text, outcome, subject, reason, at) "
        "VALUES (gen_random_uuid(), %s, %s, '2026', %s, 'x', 'used', '', '', now())",
        [company.pk, series.pk, number],
    )


@pytest.mark.parametrize("role", ["runtime", "owner", "superuser"])
@pytest.mark.parametrize("number", [0, 2, 500])
def test_no_number_can_be_entered_with_a_gap_before_it(committed_company, series, raw_connection, role, number):
    with refused(CheckViolation, "number_use_follows"), inside(raw_connection(role), committed_company) as connection:
        raw_use(connection, committed_company, series[0], number)


@pytest.mark.parametrize("counter", [1, 7])
def test_a_counter_that_was_moved_makes_neither_gap_nor_double(committed_company, series, runtime_connection, counter):
    company = committed_company
    with system_scope(company):
        take_number(*series, subject="invoice", subject_id=uuid.uuid4())
    with inside(runtime_connection, company) as connection, pytest.raises(IntegrityError):
        connection.execute("UPDATE accounting_numbercounter SET next_number = %s", [counter])
        raw_use(connection, company, series[0], counter)
    assert register(company) == [1]


def test_numbers_cannot_be_taken_twice_or_back(committed_company, series, owner_connection):
    company = committed_company
    with system_scope(company):
        take_number(*series, subject="invoice", subject_id=uuid.uuid4())
    with refused(IntegrityError, "number_use_once"), inside(owner_connection, company) as connection:
        raw_use(connection, company, series[0], 1)
    with refused(RestrictViolation, "append_only"), inside(owner_connection, company) as connection:
        connection.execute("DELETE FROM accounting_numberuse")


def test_sealers_at_once_number_every_entry_once(committed_company):
    company = committed_company
    for _n in range(10):
        committed_sale(company)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: (seal(company), connections.close_all()), range(8)))
    seal_everything(company)
    assert numbers_of(company) == {"GEN-2026": list(range(1, 11))}
