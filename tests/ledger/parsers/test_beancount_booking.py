from decimal import Decimal
from textwrap import dedent

import pytest

from ledger.parsers.beancount import parse_beancount
from tests.ledger.parsers.beancount_reading import OPEN, clean, codes, only, read, shown


def test_prices_give_the_weight():
    assert (
        only("""\
        2024-01-01 * "x"
          Assets:Cash  100 USD @ 0.90 EUR
          Assets:Cash  -90 EUR
        """)[0]
        == "Assets:Cash 100 USD = 90.00 EUR"
    )


def test_a_total_price_is_the_exact_weight():
    assert (
        only("""\
        2024-01-01 * "x"
          Assets:Cash  -3 USD @@ 1.00 EUR
          Assets:Cash  1.00 EUR
        """)[0]
        == "Assets:Cash -3 USD = -1.00 EUR"
    )


def test_a_price_of_which_only_the_currency_is_given_is_found():
    assert (
        only("""\
        2024-01-01 * "x"
          Assets:Cash  100 USD @ EUR
          Assets:Cash  -90 EUR
        """)[0]
        == "Assets:Cash 100 USD = 90.0 EUR"
    )


def test_cost_beats_price():
    assert (
        only("""\
        2024-01-01 * "x"
          Assets:Shares  10 HOOL {5.00 USD} @ 7.00 USD
          Assets:Cash  -50.00 USD
        """)[0]
        == "Assets:Shares 10 HOOL = 50.00 USD"
    )


@pytest.mark.parametrize("cost", ["{5 USD}", "{{50 USD}}", "{4 # 10 USD}", "{# 50 USD}", "{4 # USD}", "{USD}", "{}"])
def test_every_way_to_write_a_cost_weighs_the_same(cost: str):
    text = f'2024-01-01 * "x"\n  Assets:Shares  10 HOOL {cost}\n  Assets:Cash  -50 USD\n'
    [transaction] = clean(text).transactions
    assert transaction.lines[0].weight == 50


def test_a_total_cost_that_does_not_divide_stays_exact():
    assert (
        only("""\
        2024-01-01 * "x"
          Assets:Shares  3 HOOL {{100.00 USD}}
          Assets:Cash  -100.00 USD
        """)[0]
        == "Assets:Shares 3 HOOL = 100.00 USD"
    )


TWO_LOTS = """\
    2024-01-01 * "buy"
      Assets:Shares  10 HOOL {5 USD}
      Assets:Cash
    2024-01-02 * "buy"
      Assets:Shares  10 HOOL {6 USD, "second"}
      Assets:Cash
    """


def sale(cost: str, units: int = 5) -> str:
    return dedent(TWO_LOTS) + dedent(f"""\
        2024-01-03 * "sell"
          Assets:Shares  -{units} HOOL {cost}
          Assets:Cash  40 USD
          Income:Gain
        """)


@pytest.mark.parametrize("cost", ["{5 USD}", "{2024-01-01}", "{5 USD, 2024-01-01}", "{5}"])
def test_a_sale_finds_its_lot(cost: str):
    assert shown(clean(sale(cost)).transactions[-1])[0] == "Assets:Shares -5 HOOL = -25 USD"


def test_a_sale_finds_its_lot_by_label():
    assert shown(clean(sale('{"second"}')).transactions[-1])[0] == "Assets:Shares -5 HOOL = -30 USD"


def test_an_ambiguous_sale_is_refused():
    journal = read(sale("{}"))
    assert [(problem.code, problem.place) for problem in journal.problems] == [("ambiguous_lots", 13)]
    assert len(journal.transactions) == 2


def test_a_sale_of_everything_is_not_ambiguous():
    assert shown(clean(sale("{}", 20)).transactions[-1])[:2] == [
        "Assets:Shares -10 HOOL = -50 USD",
        "Assets:Shares -10 HOOL = -60 USD",
    ]


def test_a_sale_without_its_lot_is_refused():
    assert codes(sale("{7 USD}")) == ["lot_not_found"]


def test_a_sale_of_more_than_there_is_is_refused():
    assert codes(sale("{5 USD}", 11)) == ["not_enough_lots"]


@pytest.mark.parametrize(
    ("method", "weights"), [("FIFO", ["-50", "-12"]), ("LIFO", ["-60", "-10"]), ("HIFO", ["-60", "-10"])]
)
def test_the_booking_method_of_the_file_chooses_the_lots(method: str, weights: list[str]):
    journal = clean(f'option "booking_method" "{method}"\n' + sale("{}", 12))
    lines = journal.transactions[-1].lines
    assert [line.weight for line in lines if line.commodity == "HOOL"] == [Decimal(weight) for weight in weights]


def test_the_booking_method_of_an_account_wins():
    journal = parse_beancount(OPEN.replace("Assets:Shares", 'Assets:Shares "FIFO"') + sale("{}", 12))
    assert journal.problems == []


def test_without_booking_a_sale_makes_its_own_lot():
    journal = clean('option "booking_method" "NONE"\n' + sale("{7 USD}"))
    assert journal.transactions[-1].lines[0].weight == -35


def test_two_sales_of_one_transaction_do_not_take_the_same_lot():
    text = 'option "booking_method" "FIFO"\n' + dedent(TWO_LOTS)
    text += '2024-01-03 * "x"\n  Assets:Shares  -10 HOOL {}\n  Assets:Shares  -10 HOOL {}\n  Assets:Cash\n'
    assert shown(clean(text).transactions[-1])[:2] == [
        "Assets:Shares -10 HOOL = -50 USD",
        "Assets:Shares -10 HOOL = -60 USD",
    ]


def test_a_transaction_out_of_balance_is_named_with_the_difference_and_stops_nothing():
    journal = read("""\
        2024-01-01 * "bad"
          Expenses:Food  10.00 EUR
          Assets:Cash  -9.98 EUR
        2024-01-02 * "good"
          Expenses:Food  10.00 EUR
          Assets:Cash
        """)
    [problem] = journal.problems
    assert (problem.code, problem.place) == ("unbalanced", 6)
    assert "0.02 EUR" in problem.message
    assert [transaction.memo for transaction in journal.transactions] == ["good"]


def test_whole_numbers_have_no_tolerance():
    assert codes('2024-01-01 * "x"\n  Assets:Cash  3 USD @ 0.333 EUR\n  Assets:Cash  -1 EUR\n') == ["unbalanced"]


def test_the_default_tolerance_is_used_where_none_is_inferred():
    text = '2024-01-01 * "x"\n  Assets:Cash  3 USD @ 0.333 EUR\n  Assets:Cash  -1 EUR\n'
    clean('option "inferred_tolerance_default" "EUR:0.005"\n' + text)
    clean('option "inferred_tolerance_default" "*:0.005"\n' + text)


def test_the_tolerance_multiplier_widens_the_tolerance():
    text = '2024-01-01 * "x"\n  Assets:Cash  10.00 EUR\n  Assets:Cash  -10.01 EUR\n'
    assert codes(text) == ["unbalanced"]
    clean('option "inferred_tolerance_multiplier" "1"\n' + text)


def test_the_tolerance_from_cost_allows_what_rounded_units_cause():
    text = '2024-01-01 * "x"\n  Assets:Shares  1.123 HOOL {100.00 USD}\n  Assets:Cash  -112.34 USD\n'
    assert codes(text) == ["unbalanced"]
    clean('option "infer_tolerance_from_cost" "TRUE"\n' + text)
