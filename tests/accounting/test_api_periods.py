"""Fiscal years, periods, lock dates, units, rates and dimensions by the API."""

import pytest

from accounting.models import ExchangeRate, FiscalYear
from tenants.scope import Actor, company_scope


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


@pytest.fixture
def books(api):
    return api("admin")


def period(client, month):
    rows = client.get("periods/", fiscal_year="2026").json()["results"]
    return next(row for row in rows if row["start"] == f"2026-{month:02}-01")


def test_a_year_is_opened_by_any_of_its_days(books):
    made = books.post("fiscal-years/", {"date": "2028-05-17"})

    assert (made.status_code, made.json()["start"], made.json()["end"]) == (201, "2028-01-01", "2028-12-31")
    assert books.post("fiscal-years/", {"date": "2028-01-01"}).status_code == 200
    assert [row["name"] for row in books.get("fiscal-years/").json()["results"]] == ["2025", "2026", "2027", "2028"]


@pytest.mark.parametrize("date", ["2028-13-01", "20280101", "9999-12-31", "0001-01-01", 5, None, "2028-W01-1"])
def test_a_date_that_is_none_is_refused(books, company, date):
    answer = books.post("fiscal-years/", {"date": date})

    assert (answer.status_code, answer.json()["place"]) == (422, "date")
    with inside(company):
        assert FiscalYear.objects.for_company(company).count() == 3


def test_a_period_is_soft_closed_and_reopened_with_a_reason(books):
    march = period(books, 3)
    closed = books.post(f"periods/{march['id']}/close/", {"soft": True})
    assert (closed.status_code, closed.json()["status"]) == (200, "soft_closed")
    assert [row["id"] for row in books.get("periods/", status="soft_closed").json()["results"]] == [march["id"]]

    silent = books.post(f"periods/{march['id']}/reopen/", {})
    assert (silent.status_code, silent.json()["code"], silent.json()["place"]) == (422, "reason_needed", "reason")
    opened = books.post(f"periods/{march['id']}/reopen/", {"reason": "late invoice"})
    assert (opened.json()["status"], opened.json()["version"]) == ("open", 3)


def test_periods_close_in_order(books):
    answer = books.post(f"periods/{period(books, 3)['id']}/close/", {})

    assert (answer.status_code, answer.json()["code"]) == (422, "period_order")


def test_a_period_closed_for_another_state_is_refused(books):
    march = period(books, 3)
    tag = books.get(f"periods/{march['id']}/")["ETag"]
    books.post(f"periods/{march['id']}/close/", {"soft": True}, If_Match=tag)
    answer = books.post(f"periods/{march['id']}/reopen/", {"reason": "x"}, If_Match=tag)

    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")


def test_lock_dates_are_set_and_lifted(books):
    def put(**body):
        return books._send("put", "lock-dates/", body, "", {})

    assert put(kind="all", until="2026-02-28").json()["results"] == [
        {"kind": "all", "until": "2026-02-28", "version": 1}
    ]
    back = put(kind="all", until=None)
    assert (back.status_code, back.json()["code"]) == (422, "reason_needed")
    assert put(kind="all", until=None, reason="correction").json()["results"] == []
    assert put(kind="some", until=None).json()["place"] == "kind"


def test_who_may_not_manage_periods_closes_none(api):
    client = api("read", "post", "write")
    march = period(client, 3)

    assert client.post(f"periods/{march['id']}/close/", {"soft": True}).status_code == 403
    assert client.post("fiscal-years/", {"date": "2030-01-01"}).status_code == 403


def test_a_currency_is_taken_into_use_with_the_decimals_of_the_standard(books):
    made = books.post("units/", {"code": "JPY"})

    assert (made.status_code, made.json()["decimals"]) == (201, 0)
    assert books.post("units/", {"code": "JPY"}).status_code == 200
    assert books.post("units/", {"code": "JPY", "decimals": 2}).status_code == 409
    assert books.post("units/", {"code": "QQQ"}).json()["code"] == "unknown_currency"
    assert books.post("units/", {"code": "jpy"}).json()["place"] == "code"
    hours = books.post("units/", {"code": "HOUR", "kind": "statistical", "decimals": 2})
    assert (hours.status_code, hours.json()["kind"]) == (201, "statistical")


def test_rates_are_noted_and_listed_newest_first(books):
    for date, rate in (("2026-03-01", "0.9"), ("2026-03-02", "0.91")):
        noted = books.post("rates/", {"currency": "USD", "date": date, "rate": rate, "source": "ECB"})
        assert noted.status_code == 201

    rows = books.get("rates/", currency="USD").json()["results"]
    assert [(row["date"], row["rate"]) for row in rows] == [("2026-03-02", "0.91"), ("2026-03-01", "0.9")]
    assert len(books.get("rates/", **{"from": "2026-03-02"}).json()["results"]) == 1


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"currency": "EUR"}, "currency"),
        ({"currency": "JPY"}, "currency"),
        ({"rate": "0"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": 0.9}, "rate"),
        ({"rate": "NaN"}, "rate"),
        ({"rate": "0.9999999999999"}, "rate"),
        ({"date": "yesterday"}, "date"),
    ],
)
def test_a_bad_rate_is_refused(books, company, fields, place):
    answer = books.post("rates/", {"currency": "USD", "date": "2026-03-01", "rate": "0.9", **fields})

    assert (answer.status_code, answer.json()["place"]) == (422, place)
    with inside(company):
        assert not ExchangeRate.objects.for_company(company).exists()


def test_dimensions_and_what_accounts_must_carry(books):
    assert books.post("dimensions/", {"code": "project", "name": "Project"}).status_code == 201
    made = books.post("dimensions/project/values/", {"code": "P1", "name": "First"})
    assert made.status_code == 201
    assert books.post("dimensions/project/values/", {"code": "P1", "name": "Again"}).json()["place"] == "code"
    tag = books.get("accounts/5000/")["ETag"]
    changed = books.patch("accounts/5000/", {"mandatory_dimensions": ["project"]}, If_Match=tag)
    assert changed.json()["mandatory_dimensions"] == ["project"]

    renamed = books.patch("dimensions/project/values/P1/", {"is_active": False}, If_Match=made["ETag"])
    assert (renamed.status_code, renamed.json()["is_active"]) == (200, False)
    stale = books.patch("dimensions/project/values/P1/", {"name": "x"}, If_Match=made["ETag"])
    assert stale.status_code == 412
    assert books.get("dimensions/nothing/values/").status_code == 404
