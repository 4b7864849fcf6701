"""The trial balance by the API, as JSON and as CSV."""

import csv
import io

import pytest

from tests.conftest import make_company


@pytest.fixture
def books(api):
    client = api("post")
    for key, date, debit, credit, amount in (
        ("1", "2026-01-15", "1000", "3000", "1000.00"),
        ("2", "2026-02-15", "5000", "1000", "250.50"),
        ("3", "2026-02-20", "1000", "4000", "99.99"),
    ):
        lines = [{"account": debit, "debit": amount}, {"account": credit, "credit": amount}]
        assert client.post("entries/", {"date": date, "lines": lines}, key=key).status_code == 201
    return client


def test_balances_movements_and_totals(books):
    found = books.get("reports/trial-balance/", date="2026-02-28", **{"from": "2026-02-01"}).json()
    rows = {row["account"]: row for group in found["groups"] for row in group["rows"]}
    bank = rows["1000"]

    assert (found["date"], found["from"], found["known_at"], found["currency"]) == (
        "2026-02-28", "2026-02-01", None, "EUR",
    )  # fmt: skip
    assert [bank[name] for name in ("opening", "debit", "credit", "closing")] == [
        "1000.00", "99.99", "250.50", "849.49",
    ]  # fmt: skip
    assert (found["debit"], found["credit"]) == ("350.49", "350.49")
    assert (found["closing_debit"], found["closing_credit"]) == ("1099.99", "1099.99")
    assert [group["type"] for group in found["groups"]] == ["asset", "equity", "income", "expense"]


def test_as_csv(books):
    answer = books.get("reports/trial-balance/", date="2026-12-31", format="csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))

    assert answer["Content-Type"].startswith("text/csv")
    assert rows[1][:3] == ["1000", "Bank", "asset"]
    assert rows[-1][1:8] == ["Total", "", "", "1099.99", "250.50", "1099.99", "1099.99"] or rows[-1][-3:-1] == [
        "1099.99", "1099.99",
    ]  # fmt: skip


def test_another_format_is_a_400(books):
    answer = books.get("reports/trial-balance/", format="pdf")

    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (400, "bad_parameter", "format")


def test_a_stranger_sees_nothing(books):
    books.base = f"/api/v1/companies/{make_company().slug}/"

    assert books.get("reports/trial-balance/").status_code == 404
