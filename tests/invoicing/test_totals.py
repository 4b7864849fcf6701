"""Totals are exact: parts add up on every line and in the whole, whatever prices include, in every currency."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.totals import CHARGED, Levy, PricedLine, Rules, rounded, shared_out, to_step, totals_of

D = Decimal
VAT20, VAT5 = Levy("20", D(20)), Levy("5", D(5))
WHT = Levy("wht", D(10), "withheld")
REVERSE = Levy("rc", D(20), "reverse_charge")
QST = Levy("qst", D("9.975"), compound=True)
GST = Levy("gst", D(5))
KINDS = [(), (VAT20,), (VAT5,), (GST, QST), (VAT20, WHT), (REVERSE,), (Levy("2.1", D("2.1")),)]


def line(quantity, price, *levies, discount="0"):
    return PricedLine(D(quantity), D(price), D(discount), levies)


def amounts(totals):
    return [(one.levy.id, one.base, one.amount) for one in totals.taxes]


def numbers(decimals, most):
    return st.decimals(D(-most), D(most), places=decimals, allow_nan=False, allow_infinity=False)


lines = st.lists(
    st.builds(
        PricedLine, quantity=numbers(3, 1000), unit_price=numbers(6, 10_000),
        discount_percent=st.sampled_from([D(0), D("7.5"), D("33.333333"), D(100)]), levies=st.sampled_from(KINDS),
    ),
    min_size=1, max_size=200,
)  # fmt: skip
rules = st.builds(
    Rules, decimals=st.sampled_from([0, 2, 3, 4]), inclusive=st.booleans(), per_line=st.booleans(),
    cash_step=st.sampled_from([None, D("0.05")]),
)  # fmt: skip


@given(lines, rules)
def test_the_three_sums_agree_on_every_line_and_in_the_whole(given_lines, given_rules):
    totals = totals_of(given_lines, given_rules)
    for one, own in zip(given_lines, totals.lines, strict=True):
        charged = sum(tax for levy, tax in zip(one.levies, own.taxes, strict=True) if levy.kind == CHARGED)
        assert own.gross == own.net + charged
    assert totals.net == sum(own.net for own in totals.lines)
    assert totals.gross == sum(own.gross for own in totals.lines)
    by_tax = {}
    for one, own in zip(given_lines, totals.lines, strict=True):
        for levy, tax in zip(one.levies, own.taxes, strict=True):
            by_tax[levy.id] = by_tax.get(levy.id, 0) + tax
    assert by_tax == {one.levy.id: one.amount for one in totals.taxes}
    assert totals.payable == totals.net + totals.tax - totals.withheld + totals.rounding
    step = D(1).scaleb(-given_rules.decimals)
    for amount in (totals.net, totals.tax, totals.withheld, *(tax for own in totals.lines for tax in own.taxes)):
        assert amount == amount.quantize(step)


@given(lines, rules)
def test_opposite_quantities_have_exactly_the_opposite_totals(given_lines, given_rules):
    mirrored = [PricedLine(-one.quantity, one.unit_price, one.discount_percent, one.levies) for one in given_lines]
    there, back = totals_of(given_lines, given_rules), totals_of(mirrored, given_rules)
    assert (back.net, back.tax, back.withheld, back.rounding) == (
        -there.net,
        -there.tax,
        -there.withheld,
        -there.rounding,
    )
    assert [(own.net, own.taxes) for own in back.lines] == [
        (-own.net, tuple(-tax for tax in own.taxes)) for own in there.lines
    ]


@given(lines, rules)
def test_included_taxes_never_change_the_gross(given_lines, given_rules):
    inclusive = Rules(given_rules.decimals, True, given_rules.per_line)
    totals = totals_of(given_lines, inclusive)
    for one, own in zip(given_lines, totals.lines, strict=True):
        exact = Fraction(one.quantity) * Fraction(one.unit_price) * (1 - Fraction(one.discount_percent) / 100)
        assert own.gross == rounded(exact, given_rules.decimals)


@given(lines, st.sampled_from([0, 2, 3, 4]))
def test_the_tax_of_a_document_is_the_tax_of_its_sum(given_lines, decimals):
    """EN 16931, BR-CO-17: each tax is its base times its rate, rounded once."""
    for total in totals_of(given_lines, Rules(decimals)).taxes:
        if not total.levy.compound:
            assert total.amount == rounded(Fraction(total.base) * Fraction(total.levy.percent) / 100, decimals)


@pytest.mark.parametrize(
    ("given_lines", "given_rules", "net", "tax", "payable"),
    [
        # The tax of the sum is not the sum of the taxes: 3 lines of 0.33 at 20 %.
        ([line(1, "0.33", VAT20)] * 3, Rules(), "0.99", "0.20", "1.19"),
        ([line(1, "0.33", VAT20)] * 3, Rules(per_line=True), "0.99", "0.21", "1.20"),
        # 3 x 17.65 is 52.95 (akaunting#1501 came to 52.96).
        ([line(3, "17.65")], Rules(), "52.95", "0", "52.95"),
        # An included tax leaves 353.90 as it is (invoiceninja#2101), and 24,900.00 (erpnext#10217).
        ([line(1, "353.90", Levy("v", D(19)))], Rules(inclusive=True), "297.39", "56.51", "353.90"),
        ([line(3, "8300.00", Levy("v", D("18")))], Rules(inclusive=True), "21101.69", "3798.31", "24900.00"),
        # A compound tax stands on the one before it: Quebec as it was before 2013.
        ([line(1, "100.00", GST, Levy("q", D("9.5"), compound=True))], Rules(), "100.00", "14.98", "114.98"),
        # Withheld from the net, not from the gross (erpnext#47459).
        ([line(1, "1000.00", VAT20, WHT)], Rules(), "1000.00", "200.00", "1100.00"),
        # Under reverse charge the supplier is owed the net alone.
        ([line(1, "1000.00", REVERSE)], Rules(), "1000.00", "0", "1000.00"),
        # Currencies without decimals, with three, with four.
        ([line(3, "333", Levy("jct", D(10)))], Rules(decimals=0), "999", "100", "1099"),
        ([line(3, "0.3333", Levy("v", D(5)))], Rules(decimals=3), "1.000", "0.050", "1.050"),
        ([line(7, "1.23456", Levy("v", D(19)))], Rules(decimals=4), "8.6419", "1.6420", "10.2839"),
        # Cash comes in coins of five.
        ([line(1, "9.98")], Rules(cash_step=D("0.05")), "9.98", "0", "10.00"),
        ([line(1, "9.97")], Rules(cash_step=D("0.05")), "9.97", "0", "9.95"),
        # A discount of 100 percent leaves nothing to pay.
        ([line(1, "50.00", VAT20, discount="100")], Rules(), "0.00", "0.00", "0.00"),
    ],
)
def test_worked_cases(given_lines, given_rules, net, tax, payable):
    totals = totals_of(given_lines, given_rules)
    assert (totals.net, totals.tax, totals.payable) == (D(net), D(tax), D(payable))


def test_halves_are_rounded_away_from_zero_on_both_sides():
    assert rounded(Fraction("60.325"), 2) == D("60.33") and rounded(Fraction("-60.325"), 2) == D("-60.33")
    assert to_step(D("0.025"), D("0.05")) == D("0.05") and to_step(D("-0.025"), D("0.05")) == D("-0.05")


def test_a_tax_that_a_supplier_reckoned_is_shared_out_among_the_lines():
    stated = Rules(stated={"20": D("0.21")})
    totals = totals_of([line(1, "0.33", VAT20)] * 3, stated)
    assert totals.tax == D("0.21") and [own.taxes for own in totals.lines] == [(D("0.07"),)] * 3
    assert amounts(totals) == [("20", D("0.99"), D("0.21"))]


def test_what_rounding_leaves_goes_where_it_took_most():
    assert shared_out(D("0.20"), [Fraction(1, 15)] * 3, 2) == [D("0.06"), D("0.07"), D("0.07")]
    assert shared_out(D("-0.20"), [Fraction(-1, 15)] * 3, 2) == [D("-0.06"), D("-0.07"), D("-0.07")]
    assert shared_out(D("1.00"), [], 2) == []
