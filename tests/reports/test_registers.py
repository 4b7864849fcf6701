"""The audit report and the number register: counts that lead to what they count, numbers without a gap."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.business_day import business_day
from accounting.numbers import skip_number
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse as reverse_entry
from reports.catalogue import CATALOGUE
from reports.entry_conditions import CONDITIONS, UnknownCondition
from reports.sealed_books import seal_up_to
from reports.table import Asked
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, line, posted

D = Decimal
START, END = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)


def made(company, name, **asked):
    report = CATALOGUE[name].make(company, Asked(max(END, business_day(company)), START, **asked))
    return [[cell.value for cell in row.cells] for row in report.rows], report


def book(key, date, **more):
    return post(NewEntry(key, date, (NewLine("1000", D(7)), NewLine("4000", D(-7))), **more))


@pytest.fixture
def books(scope):
    """By hand, by a document, reversed, and long after its day."""
    book("old", START)
    entry = book("wrong", datetime.date(2026, 11, 1), reason="Passed the lock")
    reverse_entry(entry.id, date=datetime.date(2026, 11, 2), reason="Wrong")
    posted(customer(), line("100.00"))
    return scope.company


def test_every_count_of_entries_is_the_number_of_entries_behind_it(books):
    rows, _report = made(books, "audit")
    counts = {row[0]: row[1] for row in rows}
    assert counts["Entries"] == 4 and counts["Reversals"] == 1 and counts["Not sealed yet"] == 4
    for name, one in CONDITIONS.items():
        lines, _journal = made(books, "journal-register", only=name)
        if one.is_finding:
            assert counts[str(one.label)] * 2 == len(lines) - 1, name
    with pytest.raises(UnknownCondition):
        made(books, "journal-register", only="zebra")


def test_every_answer_of_the_audit_report_opens(signed_in, company):
    with system_scope(company):
        book("one", START)
        _rows, report = made(company, "audit")
        links = [cell.link for row in report.rows for cell in row.cells if cell.link]
    assert len(links) > 15
    for link in links:
        address = reverse(link.page, args=[company.slug, *link.args], query=dict(link.query))
        assert signed_in("auditor").get(address).status_code == 200, address


def test_every_number_is_there_with_what_has_it_and_why_one_was_left_out(books):
    from accounting.models import FiscalYear, NumberSeries

    series = NumberSeries.objects.for_company(books).get(code="INV")
    skip_number(series, FiscalYear.objects.for_company(books).get(name="2026"), reason="Spoilt form")
    rows, _report = made(books, "number-register")
    texts = [row[0] for row in rows]
    assert texts[-1] == "0 numbers are missing" and "INV-2026-00001" in texts
    assert next(row for row in rows if row[1] == "Skipped")[-1] == "Spoilt form"


@pytest.mark.parametrize("gone", [1, 2])
def test_a_number_that_is_gone_is_named(committed_company, superuser_connection, gone):
    with system_scope(committed_company):
        for _number in range(3):
            posted(customer(), line("1.00"))
    assert seal_up_to(committed_company, datetime.datetime.now(tz=datetime.UTC), end=END) == []
    _take_number_out(superuser_connection, committed_company, gone)
    with system_scope(committed_company):
        rows, _report = made(committed_company, "number-register")
    assert [str(gone), "Missing"] in [row[:2] for row in rows] and rows[-1][0] == "1 number is missing"
    assert sum(row[2] == "Journal entry" for row in rows) == 3


def _take_number_out(superuser_connection, company, number):
    """As nobody but a superuser can, with every trigger as it was before."""
    with superuser_connection.transaction(), superuser_connection.cursor() as superuser:
        superuser.execute("SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'accounting_numberuse'::regclass "
                          "AND NOT tgisinternal")  # fmt: skip
        triggers = superuser.fetchall()
        superuser.execute("ALTER TABLE accounting_numberuse DISABLE TRIGGER USER")
        superuser.execute(
            "DELETE FROM accounting_numberuse WHERE company_id = %s AND subject = 'invoice' AND number = %s",
            [company.pk, number],
        )
        for name, enabled in triggers:
            always = "ALWAYS" if enabled in ("A", b"A") else ""
            superuser.execute(f"ALTER TABLE accounting_numberuse ENABLE {always} TRIGGER {name}")
