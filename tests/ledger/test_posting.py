"""Posting: what goes in, what is refused, and that a key is answered once."""

import datetime
from decimal import Decimal

import pytest

from accounting.dimensions import open_dimension, open_dimension_value
from ledger import refusals
from ledger.balances import balances
from ledger.models import Entry, Line
from ledger.posting import post, post_batch, post_many
from ledger.proposals import NewEntry, NewLine
from tenants.scope import Actor, company_scope
from tests.books import DAY, new_entry, sale


def codes_of(company, date=datetime.date(2026, 12, 31)):
    from accounting.chart import chart_of

    chart = chart_of(company)
    return {chart.by_id[b.account_id].code: b.amount for b in balances(company, date)}


def test_an_entry_is_posted_with_its_lines(scope):
    posted = post(sale("100.00", key="k", memo="Cash sale", reference="R-1"))

    entry = Entry.objects.for_company(scope.company).get(pk=posted.id)
    lines = [(line.number, line.account.code, line.amount) for line in entry.lines.select_related("account")]
    assert (entry.memo, entry.reference, entry.date, entry.actor_name) == ("Cash sale", "R-1", DAY, "test")
    assert lines == [(1, "1000", Decimal(100)), (2, "4000", Decimal(-100))]
    assert codes_of(scope.company) == {"1000": Decimal(100), "4000": Decimal(-100)}


def test_the_same_key_and_body_answer_with_the_first_entry(scope):
    first = post(sale("100.00", key="k"))
    again = post(sale("100", key="k"))

    assert again.id == first.id
    assert (first.replayed, again.replayed) == (False, True)
    assert Entry.objects.for_company(scope.company).count() == 1


def test_the_same_key_with_another_body_is_refused(scope):
    post(sale("100.00", key="k"))

    with pytest.raises(refusals.KeyReused):
        post(sale("101.00", key="k"))


def test_a_key_keeps_its_answer_after_the_account_was_frozen(scope):
    from accounting.accounts import freeze_account
    from accounting.models import Account

    first = post(sale("100.00", key="k"))
    freeze_account(Account.objects.for_company(scope.company).get(code="4000"))

    assert post(sale("100.00", key="k")).id == first.id
    with pytest.raises(refusals.AccountFrozen):
        post(sale("100.00", key="k2"))


def test_a_refusal_of_state_is_frozen_under_its_key(scope):
    from accounting.models import Period
    from accounting.periods import close_period, reopen_period

    for period in Period.objects.for_company(scope.company).filter(end__lt=datetime.date(2026, 4, 1)):
        close_period(period)
    with pytest.raises(refusals.PeriodClosed):
        post(sale("5.00", key="late"))
    for period in Period.objects.for_company(scope.company).filter(status="closed").order_by("-start"):
        reopen_period(period, reason="one more invoice")

    with pytest.raises(refusals.RefusedBefore) as again:
        post(sale("5.00", key="late"))
    assert again.value.code == "period_closed"
    assert post(sale("5.00", key="late, with a new key")).replayed is False


def test_a_refusal_of_form_is_not_remembered(scope):
    with pytest.raises(refusals.Unbalanced):
        post(new_entry(("1000", "5.00"), ("4000", "-4.99"), key="k"))

    assert post(sale("5.00", key="k")).replayed is False


def test_a_batch_is_posted_whole_or_not_at_all(scope):
    good, bad = sale("5.00"), new_entry(("1000", "1.00"), ("4000", "-2.00"))
    with pytest.raises(refusals.Unbalanced) as refusal:
        post_batch("b", [good, bad])

    assert refusal.value.place == "entries[1].lines"
    assert not Entry.objects.for_company(scope.company).exists()
    assert len(post_batch("b", [good, sale("6.00")])) == 2


def test_a_changed_batch_under_the_same_key_is_refused(scope):
    post_batch("b", [sale("5.00"), sale("6.00")])

    assert all(entry.replayed for entry in post_batch("b", [sale("5.00"), sale("6.00")]))
    with pytest.raises(refusals.KeyReused):
        post_batch("b", [sale("5.00"), sale("6.01")])
    with pytest.raises(refusals.KeyReused):
        post_batch("b", [sale("5.00")])


def test_two_equal_keys_in_one_batch_are_refused(scope):
    with pytest.raises(refusals.KeyReused):
        post_many([sale("5.00", key="same"), sale("5.00", key="same")])


@pytest.mark.parametrize(
    ("lines", "code", "place"),
    [
        ([("1000", "1.00"), ("4000", "-1.01")], "unbalanced", "lines"),
        ([("1000", "1.00")], "too_few_lines", "lines"),
        ([], "too_few_lines", "lines"),
        ([("1000", "0.00"), ("4000", "0.00")], "bad_amount", "lines[0].amount"),
        ([("1000", "NaN"), ("4000", "-1.00")], "bad_amount", "lines[0].amount"),
        ([("1000", "1.00"), ("4000", "-Infinity")], "bad_amount", "lines[1].amount"),
        ([("1000", "1e30"), ("4000", "-1e30")], "bad_amount", "lines[0].amount"),
        ([("1000", "9.996"), ("4000", "-9.996")], "too_precise", "lines[0].amount"),
        ([("1000", "1.00"), ("7777", "-1.00")], "unknown_account", "lines[1].account"),
        ([("1000", "1.00"), ("1100", "-1.00")], "control_account", "lines[1].account"),
    ],
)
def test_bad_lines_are_refused_with_code_and_place(scope, lines, code, place):
    with pytest.raises(refusals.Refused) as refusal:
        post(new_entry(*lines), manual=True)

    assert (refusal.value.code, refusal.value.place) == (code, place)
    assert not Entry.objects.for_company(scope.company).exists()


def test_ten_thousand_and_one_lines_are_refused(scope):
    lines = [("1000", "1.00")] * 10_000 + [("4000", "-10000.00")]
    with pytest.raises(refusals.TooManyLines):
        post(new_entry(*lines))


def test_an_entry_of_a_thousand_lines_posts(scope):
    posted = post(new_entry(*[("1000", "1.00")] * 999, ("4000", "-999.00")))

    assert Line.objects.for_company(scope.company).filter(entry_id=posted.id).count() == 1000


@pytest.mark.parametrize("memo", ["a\x00b", "half \ud800"])
def test_text_that_a_database_cannot_hold_is_refused(scope, memo):
    with pytest.raises(refusals.BadText):
        post(sale("1.00", memo=memo))


def test_a_date_outside_every_fiscal_year_is_refused(scope):
    with pytest.raises(refusals.NoPeriod):
        post(sale("1.00", date=datetime.date(2031, 1, 1)))


def test_a_missing_rate_is_refused_and_never_taken_to_be_one(scope):
    from accounting.rates import MissingRate

    entry = NewEntry("k", DAY, (NewLine("1010", Decimal(100), currency="USD"), NewLine("4000", Decimal(-100))))
    with pytest.raises(MissingRate):
        post(entry)


def test_a_foreign_line_carries_its_rate_and_where_it_comes_from(scope):
    from accounting.rates import set_rate

    set_rate("USD", datetime.date(2026, 3, 1), Decimal("0.9"), source="ECB")
    posted = post(NewEntry("k", DAY, (NewLine("1010", Decimal(100), currency="USD"), NewLine("4000", Decimal(-90)))))

    line = Line.objects.for_company(scope.company).get(entry_id=posted.id, number=1)
    assert (line.amount, line.currency_amount, line.rate) == (Decimal(90), Decimal(100), Decimal("0.9"))
    assert line.rate_source == "ECB 2026-03-01"


def test_the_rounding_of_conversion_is_a_line_of_its_own(scope):
    thirds = NewLine("1010", Decimal("0.33"), currency="USD", rate=Decimal("0.5"))
    posted = post(NewEntry("k", DAY, (thirds, thirds, NewLine("1010", Decimal("-0.66"), "USD", rate=Decimal("0.5")))))

    lines = Line.objects.for_company(scope.company).filter(entry_id=posted.id).order_by("number")
    assert [line.amount for line in lines] == [Decimal("0.17"), Decimal("0.17"), Decimal("-0.33"), Decimal("-0.01")]
    assert (lines[3].account.code, lines[3].currency, lines[3].rate) == ("5900", "EUR", None)


def test_the_rounding_of_conversion_has_the_dimensions_that_the_converted_lines_share(scope):
    """T27."""
    region, product = open_dimension(code="region", name="Region"), open_dimension(code="product", name="Product")
    for dimension, value in ((region, "north"), (product, "tea"), (product, "salt")):
        open_dimension_value(dimension, code=value, name=value.title())
    tea, salt = {"region": "north", "product": "tea"}, {"region": "north", "product": "salt"}
    line = lambda amount, named: NewLine("1010", Decimal(amount), "USD", rate=Decimal("0.5"), dimensions=named)  # noqa: E731
    posted = post(NewEntry("k", DAY, (line("0.33", tea), line("0.33", salt), line("-0.66", tea))))

    rounding = Line.objects.for_company(scope.company).get(entry_id=posted.id, account__code="5900")
    assert rounding.dimensions == {"region": "north"}


def test_statistical_units_balance_in_themselves(scope):
    days = lambda amount, account: NewLine(account, Decimal(amount), currency="DAY")  # noqa: E731
    post(NewEntry("ok", DAY, (days("2.5", "9000"), days("-2.5", "9010"))))

    with pytest.raises(refusals.Unbalanced):
        post(NewEntry("no", DAY, (days("2.5", "9000"), days("-2", "9010"))))


def test_one_entry_costs_at_most_six_queries(scope, django_assert_max_num_queries):
    from accounting.chart import chart_of

    chart_of(scope.company)
    with django_assert_max_num_queries(6):
        post(sale("1.00"))


def test_a_refusal_of_many_keys_is_remembered_under_none(scope):
    from accounting.periods import set_lock_date

    set_lock_date("all", datetime.date(2026, 2, 28))
    locked = sale("1.00", key="locked", date=datetime.date(2026, 2, 1))
    with pytest.raises(refusals.BooksLocked):
        post_many([sale("1.00", key="free"), locked])

    assert post(sale("1.00", key="free")).replayed is False


def test_a_batch_refused_for_a_day_names_the_entry(scope):
    late = datetime.date(2031, 1, 1)

    with pytest.raises(refusals.NoPeriod) as caught:
        post_batch("k", [sale("1.00"), sale("2.00"), sale("3.00", date=late)])

    assert caught.value.place == "entries[2].date"


def test_a_batch_refused_for_a_journal_names_the_entry(scope):
    with pytest.raises(refusals.UnknownJournal) as caught:
        post_many([sale("1.00", key="a"), sale("2.00", key="b", journal="NIL")])

    assert caught.value.place == "entries[1].journal"


@pytest.mark.parametrize(("rounding", "amount"), [("half_up", "0.13"), ("half_even", "0.12")])
def test_a_converted_amount_is_rounded_as_the_company_says(scope, rounding, amount):
    from tenants.company_settings import change_company

    company = change_company(rounding=rounding)
    with company_scope(company, actor=Actor.system("test")):
        posted = post(
            NewEntry("r", DAY, (
                NewLine("1010", Decimal("0.25"), currency="USD", rate=Decimal("0.5")),
                NewLine("4000", -Decimal(amount)),
            ))
        )  # fmt: skip

    line = Line.objects.for_company(company).get(entry_id=posted.id, number=1)
    assert line.amount == Decimal(amount)
