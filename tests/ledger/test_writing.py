"""What reaches the rows: every text as typed, the chart as it is now, and a transaction that survives a refusal."""

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting.accounts import freeze_account
from accounting.lookups import remembered_generations
from accounting.models import Account, Dimension, DimensionValue
from ledger import refusals
from ledger.models import Entry, Journal, Line
from ledger.posting import post
from tests.books import new_entry, sale

PER_TEST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


def with_texts(entry, memo, line_memo):
    lines = [dataclasses.replace(line, memo=line_memo) for line in entry.lines]
    return dataclasses.replace(entry, memo=memo, lines=lines)


@PER_TEST
@given(memo=STORABLE, line_memo=STORABLE)
def test_any_text_is_stored_as_it_was_given(scope, memo, line_memo):
    posted = post(with_texts(sale(), memo, line_memo))

    assert Entry.objects.for_company(scope.company).get(pk=posted.id).memo == memo
    assert set(Line.objects.for_company(scope.company).filter(entry_id=posted.id).values_list("memo", flat=True)) == {
        line_memo
    }


@pytest.mark.parametrize("text", ["NULL", "null", "", "{}", '"', "\\", 'a","b', "},{", "\\x00", "it's", " ", "%s"])
def test_text_that_looks_like_an_array_is_text(scope, text):
    posted = post(with_texts(sale(), text, text))

    assert Entry.objects.for_company(scope.company).get(pk=posted.id).memo == text


def test_a_dimension_value_with_quotes_is_stored_as_it_was_given(scope):
    project = Dimension.objects.create(company=scope.company, code="project", name="Project")
    DimensionValue.objects.create(company=scope.company, dimension=project, code='P"\\1', name="P")
    entry = sale()
    lines = [dataclasses.replace(line, dimensions={"project": 'P"\\1'}) for line in entry.lines]

    posted = post(dataclasses.replace(entry, lines=lines))

    line = Line.objects.for_company(scope.company).filter(entry_id=posted.id).first()
    assert line.dimensions == {"project": 'P"\\1'}


def test_a_posting_with_a_known_chart_is_one_query(scope):
    post(sale())
    with CaptureQueriesContext(connection) as queries:
        post(sale())

    assert len(queries) == 1


def test_what_this_process_remembers_of_the_chart_is_not_trusted(scope):
    post(sale())
    before = remembered_generations(scope.company)
    freeze_account(Account.objects.for_company(scope.company).get(code="4000"))
    assert remembered_generations(scope.company) == before

    with pytest.raises(refusals.AccountFrozen):
        post(sale())


def test_an_account_added_since_the_chart_was_remembered_takes_lines(scope):
    post(sale())
    Account.objects.bulk_create([Account(company=scope.company, code="4999", name="New", type="income")])

    assert post(new_entry(("1000", "5.00"), ("4999", "-5.00")))


def test_a_rule_added_since_the_chart_was_remembered_is_kept(scope):
    from accounting.models import AccountDimension

    post(sale())
    dimension = Dimension.objects.create(company=scope.company, code="project", name="Project")
    account = Account.objects.for_company(scope.company).get(code="4000")
    AccountDimension.objects.create(company=scope.company, account=account, dimension=dimension)

    with pytest.raises(refusals.DimensionMissing):
        post(sale())


def test_a_journal_closed_since_it_was_remembered_takes_nothing(scope):
    post(sale())
    Journal.objects.for_company(scope.company).filter(code="GEN").update(is_active=False)

    with pytest.raises(refusals.UnknownJournal):
        post(sale())


def test_after_a_refusal_of_the_database_the_transaction_goes_on(scope):
    from accounting.models import Period

    Period.objects.for_company(scope.company).update(status=Period.Status.CLOSED)
    with pytest.raises(refusals.PeriodClosed):
        post(sale())

    Period.objects.for_company(scope.company).update(status=Period.Status.OPEN)
    assert post(sale())
