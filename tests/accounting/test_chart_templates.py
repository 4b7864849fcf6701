"""The charts of accounts that Daybook ships are whole: hierarchy, types, posting roles, tags."""

import csv
import itertools
import re
from pathlib import Path

import pytest

from accounting.chart_installation import TEMPLATES

FOLDER = Path(__file__).resolve().parents[2] / "accounting" / "charts"
CHARTS = ("ifrs", "us_gaap", "uk", "skr03", "skr04", "pcg")
GERMAN = ("skr03", "skr04")
# The statutory schemes that a chart knows its own codes in.
MAPPED = {"skr03": ["datev"], "skr04": ["datev"], "pcg": ["fec"]}
COLUMNS = ["code", "name", "type", "subtype", "parent", "control", "open_item", "role", "tags"]
HEADING = "heading"

SUBTYPES = {
    "asset": {
        "cash", "bank", "receivable", "tax_receivable", "current_asset", "inventory", "prepayment", "fixed_asset",
        "accumulated_depreciation", "intangible_asset", "non_current_asset", "clearing",
    },
    "liability": {
        "payable", "credit_card", "tax_payable", "payroll_liability", "current_liability", "accrual",
        "deferred_income", "provision", "loan", "non_current_liability", "customer_deposit",
    },
    "equity": {"share_capital", "reserves", "retained_earnings", "drawings", "opening_balance"},
    "income": {"revenue", "other_income", "finance_income", "exchange_gain"},
    "expense": {
        "cost_of_sales", "payroll", "operating", "depreciation", "finance_cost", "income_tax", "exchange_loss",
        "rounding",
    },
    "statistical": {"statistical"},
}  # fmt: skip

# The subtypes that fit each posting role.
ROLES = {
    "receivable": {"receivable"},
    "payable": {"payable"},
    "bank": {"bank"},
    "cash": {"cash"},
    "sales": {"revenue"},
    "purchases": {"cost_of_sales"},
    "tax_payable": {"tax_payable"},
    "tax_receivable": {"tax_receivable"},
    "retained_earnings": {"retained_earnings"},
    "opening_balance": {"opening_balance"},
    "exchange_gain": {"exchange_gain"},
    "exchange_loss": {"exchange_loss"},
    "exchange_gain_unrealised": {"exchange_gain"},
    "exchange_loss_unrealised": {"exchange_loss"},
    "rounding": {"rounding"},
    "suspense": {"clearing", "current_liability"},
    "bank_charges": {"operating", "finance_cost"},
    "customer_prepayments": {"customer_deposit"},
    "supplier_prepayments": {"prepayment"},
    "wallet_balances": {"customer_deposit"},
    "breakage_income": {"revenue", "other_income"},
    "depreciation": {"depreciation"},
    "deferred_income": {"deferred_income"},
    "prepaid_expenses": {"prepayment"},
    "accrued_expenses": {"accrual"},
    "leave_liability": {"accrual", "provision"},
    "leave_expense": {"payroll"},
    "write_off": {"operating"},
    "discount_given": {"revenue"},
    "discount_received": {"cost_of_sales"},
    "payout_clearing": {"clearing"},
    "payment_clearing": {"clearing"},
}

CASH_FLOW_TAGS = {f"cash_flow:{part}" for part in ("operating", "investing", "financing", "cash")}

Row = dict[str, str]


def read(chart: str) -> list[Row]:
    with (FOLDER / f"{chart}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def postable(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["subtype"] != HEADING]


def in_role(rows: list[Row], role: str) -> Row:
    return next(row for row in rows if row["role"] == role)


def codes(rows: list[Row]) -> list[str]:
    return [row["code"] for row in rows]


@pytest.fixture(params=CHARTS)
def chart(request: pytest.FixtureRequest) -> list[Row]:
    return read(request.param)


@pytest.fixture(params=GERMAN)
def german_chart(request: pytest.FixtureRequest) -> list[Row]:
    return read(request.param)


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_utf8_with_the_same_columns_in_every_row(name: str) -> None:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == [*COLUMNS, *MAPPED.get(name, [])]
    assert [row for row in rows if len(row) != len(header)] == []


def test_every_shipped_chart_can_be_chosen_by_name() -> None:
    assert set(TEMPLATES) == set(CHARTS) == {path.stem for path in FOLDER.glob("*.csv")}


@pytest.mark.parametrize(("name", "scheme"), [(name, scheme) for name, schemes in MAPPED.items() for scheme in schemes])
def test_money_accounts_of_a_national_chart_are_mapped_to_their_own_number(name: str, scheme: str) -> None:
    for row in read(name):
        takes_money = row["subtype"] not in (HEADING, "statistical")
        assert row[scheme] == (row["code"] if takes_money else ""), row


def test_every_cell_is_trimmed_and_short_enough_for_its_column(chart: list[Row]) -> None:
    longest = {"code": 120, "name": 200, "subtype": 30, "role": 40}
    for row in chart:
        assert all(value == value.strip() and value.isprintable() for value in row.values()), row
        assert all(len(row[column]) <= most for column, most in longest.items()), row
        assert row["code"]
        assert row["name"]


def test_every_code_occurs_once(chart: list[Row]) -> None:
    assert len(set(codes(chart))) == len(chart)


def test_every_name_says_something_of_its_own_among_the_accounts_beside_it(chart: list[Row]) -> None:
    siblings = [(row["parent"], row["name"]) for row in chart]
    assert len(set(siblings)) == len(siblings)


def test_the_rows_stand_in_the_order_of_their_codes(chart: list[Row]) -> None:
    assert codes(chart) == sorted(codes(chart))


def test_every_parent_is_a_heading_of_the_chart_and_sorts_before_its_children(chart: list[Row]) -> None:
    headings = {row["code"] for row in chart if row["subtype"] == HEADING}
    for row in chart:
        if row["parent"]:
            assert row["parent"] in headings, row
            assert row["parent"] < row["code"], row


def test_no_heading_stands_under_itself(chart: list[Row]) -> None:
    parents = {row["code"]: row["parent"] for row in chart}
    for start in parents:
        above, seen = start, set()
        while above:
            assert above not in seen, start
            seen.add(above)
            above = parents[above]


def test_every_account_that_takes_lines_stands_under_a_heading(chart: list[Row]) -> None:
    assert [row["code"] for row in postable(chart) if not row["parent"]] == []


def test_every_heading_has_something_under_it(chart: list[Row]) -> None:
    used = {row["parent"] for row in chart}
    assert [row["code"] for row in chart if row["subtype"] == HEADING and row["code"] not in used] == []


def test_every_subtype_belongs_to_its_type(chart: list[Row]) -> None:
    for row in chart:
        assert row["subtype"] in {HEADING, *SUBTYPES[row["type"]]}, row


@pytest.mark.parametrize("name", ["ifrs", "us_gaap"])
def test_accounts_are_of_the_type_of_their_heading_where_the_chart_follows_the_statements(name: str) -> None:
    rows = read(name)
    types = {row["code"]: row["type"] for row in rows}
    assert [row["code"] for row in rows if row["parent"] and types[row["parent"]] != row["type"]] == []


def test_flags_are_yes_or_no(chart: list[Row]) -> None:
    assert {row[flag] for row in chart for flag in ("control", "open_item")} == {"yes", "no"}


def test_headings_take_no_flags_roles_or_tags(chart: list[Row]) -> None:
    for row in chart:
        if row["subtype"] == HEADING:
            assert (row["control"], row["open_item"], row["role"], row["tags"]) == ("no", "no", "", ""), row


def test_every_role_is_given_to_exactly_one_account(chart: list[Row]) -> None:
    assert sorted(row["role"] for row in chart if row["role"]) == sorted(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_on_an_account_that_fits_it(chart: list[Row], role: str) -> None:
    assert in_role(chart, role)["subtype"] in ROLES[role]


def test_control_accounts_are_those_with_a_customer_a_supplier_or_an_employee_behind_every_line(
    chart: list[Row],
) -> None:
    roles = {row["role"] for row in chart if row["control"] == "yes"}
    assert roles == {"receivable", "payable", "wallet_balances", "leave_liability"}


def test_open_items_are_kept_on_accounts_that_are_settled_one_by_one(chart: list[Row]) -> None:
    settled = {
        "receivable", "payable", "clearing", "prepayment", "customer_deposit", "current_asset", "current_liability",
        "accrual", "payroll_liability",
    }  # fmt: skip
    assert {row["subtype"] for row in chart if row["open_item"] == "yes"} <= settled
    always = {"receivable", "payable", "clearing"}
    assert [row["code"] for row in chart if row["subtype"] in always and row["open_item"] == "no"] == []


def test_tags_are_known_and_an_account_has_one_place_in_the_cash_flow(chart: list[Row]) -> None:
    for row in chart:
        tags = [tag for tag in row["tags"].split(";") if tag]
        assert set(tags) <= CASH_FLOW_TAGS, row
        assert len(tags) <= 1, row


def test_cash_and_banks_are_the_cash_of_the_cash_flow(chart: list[Row]) -> None:
    for row in chart:
        if row["subtype"] in ("cash", "bank"):
            assert row["tags"] == "cash_flow:cash", row
        elif row["tags"] == "cash_flow:cash":
            assert row["subtype"] == "clearing", row


def test_every_chart_has_between_90_and_200_accounts_that_take_lines(chart: list[Row]) -> None:
    assert 90 <= len(postable(chart)) <= 200


def test_every_chart_has_what_a_small_company_needs(chart: list[Row]) -> None:
    least = {
        "bank": 3, "cash": 2, "clearing": 3, "inventory": 3, "prepayment": 2, "fixed_asset": 5,
        "accumulated_depreciation": 5, "tax_receivable": 3, "tax_payable": 3, "payroll_liability": 4, "loan": 3,
        "revenue": 6, "cost_of_sales": 6, "payroll": 5, "operating": 30, "depreciation": 2, "statistical": 3,
    }  # fmt: skip
    for subtype, number in least.items():
        assert sum(row["subtype"] == subtype for row in chart) >= number, subtype


@pytest.mark.parametrize("name", [name for name in CHARTS if name != "pcg"])
def test_accumulated_depreciation_follows_the_asset_it_belongs_to(name: str) -> None:
    cost = {"fixed_asset", "intangible_asset"}
    accounts = postable(read(name))
    for before, row in itertools.pairwise(accounts):
        if row["subtype"] == "accumulated_depreciation":
            assert before["subtype"] in cost, row
            assert before["parent"] == row["parent"], row


def test_french_depreciation_has_the_number_of_the_asset_with_an_8_after_the_class() -> None:
    types = {row["code"]: row["subtype"] for row in read("pcg")}
    for code, subtype in types.items():
        if subtype == "accumulated_depreciation":
            assert code.startswith("28"), code
            assert types.get(f"2{code[2:]}") in ("fixed_asset", "intangible_asset"), code


def test_leave_days_can_be_granted_taken_and_balanced_against_a_contra_account(chart: list[Row]) -> None:
    statistical = [row for row in chart if row["type"] == "statistical" and row["subtype"] != HEADING]
    names = " ".join(row["name"].lower() for row in statistical)
    needed = (
        ("entitlement", "anspruch", "droits"),
        ("taken", "genommen", "pris"),
        ("contra", "gegenkonto", "contrepartie"),
    )
    for words in needed:
        assert any(word in names for word in words), words


def test_german_accounts_have_four_digits_and_headings_fewer_but_for_one(german_chart: list[Row]) -> None:
    """0995 heads the valuation allowances 0996 to 0999, for which SKR03 leaves no shorter number; the SKR lacks it."""
    assert [row["code"] for row in postable(german_chart) if not re.fullmatch(r"\d{4}", row["code"])] == []
    headings = [row["code"] for row in german_chart if row["subtype"] == HEADING]
    assert [code for code in headings if not re.fullmatch(r"\d{1,3}|0995", code)] == []


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("skr03", "bank=1200 cash=1000 receivable=1400 payable=1600 sales=8400 purchases=3400 tax_receivable=1576 "
                  "tax_payable=1776 bank_charges=4970 opening_balance=9000 retained_earnings=0860 depreciation=4830 "
                  "prepaid_expenses=0980 deferred_income=0990 customer_prepayments=1710 supplier_prepayments=1510"),
        ("skr04", "bank=1800 cash=1600 receivable=1200 payable=3300 sales=4400 purchases=5400 tax_receivable=1406 "
                  "tax_payable=3806 bank_charges=6855 opening_balance=9000 retained_earnings=2970 depreciation=6220 "
                  "prepaid_expenses=1900 deferred_income=3900 customer_prepayments=3250 supplier_prepayments=1180"),
    ],
)  # fmt: skip
def test_german_roles_are_on_the_codes_that_accountants_know(name: str, known: str) -> None:
    rows = read(name)
    expected = dict(pair.split("=") for pair in known.split())
    assert {role: in_role(rows, role)["code"] for role in expected} == expected


def test_german_vat_has_both_rates_acquisitions_and_reverse_charge_on_both_sides(german_chart: list[Row]) -> None:
    for subtype in ("tax_receivable", "tax_payable"):
        names = [row["name"] for row in german_chart if row["subtype"] == subtype]
        for words in ("steuer 7 %", "steuer 19 %", "innergemeinschaftlichem Erwerb", "§ 13b UStG 19 %"):
            assert any(words in name for name in names), (subtype, words)


def test_french_accounts_stand_under_the_heading_of_their_number_in_all_eight_classes() -> None:
    rows = read("pcg")
    assert [row["code"] for row in rows if not row["parent"]] == list("12345678")
    assert [row["code"] for row in rows if not row["code"].startswith(row["parent"])] == []
    assert [row["code"] for row in postable(rows) if not re.fullmatch(r"\d{3,6}", row["code"])] == []


def test_french_roles_are_on_the_numbers_that_accountants_know() -> None:
    known = ("bank=5121 cash=531 receivable=411 payable=401 sales=707 purchases=607 tax_receivable=44566 "
             "tax_payable=44571 bank_charges=627 opening_balance=890 retained_earnings=110 depreciation=68112 "
             "prepaid_expenses=486 deferred_income=487 customer_prepayments=4191 supplier_prepayments=4091 "
             "accrued_expenses=408 leave_liability=4282 leave_expense=6412 write_off=654 suspense=471")  # fmt: skip
    expected = dict(pair.split("=") for pair in known.split())
    assert {role: in_role(read("pcg"), role)["code"] for role in expected} == expected


@pytest.mark.parametrize(("name", "pattern"), [("ifrs", r"\d{4}"), ("uk", r"\d{4}"), ("us_gaap", r"\d{5}")])
def test_the_other_charts_have_accounts_of_one_length(name: str, pattern: str) -> None:
    assert [row["code"] for row in postable(read(name)) if not re.fullmatch(pattern, row["code"])] == []
