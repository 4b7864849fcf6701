"""The trial balance by the API: movements, totals, an earlier one beside it."""

import pytest

from tests.conftest import make_company


@pytest.fixture
def books(api):
    client = api("admin")
    for key, date, debit, credit, amount in (
        ("1", "2026-01-15", "1000", "3000", "1000.00"),
        ("2", "2026-02-15", "5000", "1000", "250.50"),
        ("3", "2026-02-20", "1000", "4000", "99.99"),
    ):
        lines = [{"account": debit, "debit": amount}, {"account": credit, "credit": amount}]
        assert client.post("entries/", {"date": date, "lines": lines}, key=key).status_code == 201
    return client


def made(books, **asked):
    return books.report("trial-balance", **asked)


def test_balances_movements_and_totals(books):
    found = made(books, date="2026-02-28", **{"from": "2026-02-01"})
    rows = {row["cells"]["account"]: row["cells"] for row in found["rows"]}
    assert found["asked"] == {"from": "2026-02-01", "date": "2026-02-28", "known_at": None}
    assert found["currency"] == "EUR"
    assert rows["1000 Bank"] == {
        "account": "1000 Bank", "opening": "1000.00", "debit": "99.99", "credit": "250.50", "closing_debit": "849.49",
        "closing_credit": None,
    }  # fmt: skip
    assert (rows["Total"]["debit"], rows["Total"]["credit"]) == ("350.49", "350.49")
    assert (rows["Total"]["closing_debit"], rows["Total"]["closing_credit"]) == ("1099.99", "1099.99")
    headings = [row["cells"]["account"] for row in found["rows"] if row["standing"] == "heading"]
    assert headings == ["Asset", "Equity", "Income", "Expense"]


def test_beside_the_period_before_with_the_change_on_the_normal_side(books):
    asked = {"date": "2026-02-28", "from": "2026-02-01", "compare": "period"}
    rows = {row["cells"]["account"]: row["cells"] for row in made(books, **asked)["rows"]}
    bank, sales = rows["1000 Bank"], rows["4000 Sales"]
    assert (bank["closing_debit_before"], bank["change"], bank["change_percent"]) == ("1000.00", "-150.51", "-15.1")
    assert (sales["closing_credit"], sales["change"], sales["change_percent"]) == ("99.99", "99.99", None)


def test_another_format_is_a_400(books):
    answer = books.get("reports/trial-balance/", format="docx")
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (400, "bad_parameter", "format")


def test_a_stranger_sees_nothing(books):
    books.base = f"/api/v1/companies/{make_company().slug}/"
    assert books.get("reports/trial-balance/").status_code == 404
