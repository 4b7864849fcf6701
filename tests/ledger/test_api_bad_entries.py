"""Everything that is no entry is refused by the API with code and place, and nothing is stored."""

import pytest

from accounting.models import Account
from ledger.models import Entry, Line
from tenants.scope import Actor, company_scope
from tests.conftest import make_api_client, make_company


@pytest.fixture
def books(api):
    return api("post", "write")


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


def entry(*lines, **fields):
    return {"date": "2026-03-15", "lines": list(lines), **fields}


def two(first, second="1.00", **fields):
    """Bank against sales, the first amount as it is given."""
    return entry({"account": "1000", "debit": first}, {"account": "4000", "credit": second}, **fields)


def with_line(**fields):
    return entry({"account": "1000", "debit": "1.00"}, {"account": "4000", "credit": "1.00", **fields})


def refused(client, company, body, status=422, **headers):
    answer = client.post("entries/", body, key="k", **headers)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    with inside(company):
        assert not Entry.objects.for_company(company).exists()
        assert not Line.objects.for_company(company).exists()
    return answer.json()["code"], answer.json().get("place")


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (two("1.01"), "unbalanced", "lines"),
        (entry({"account": "1000", "debit": "1.00"}), "too_few_lines", "lines"),
        (entry(), "too_few_lines", "lines"),
        ({"date": "2026-03-15"}, "required", "lines"),
        ({"date": "2026-03-15", "lines": "many"}, "invalid", "lines"),
        (entry("1000", "4000"), "invalid", "lines[0]"),
        (two("0", "0"), "bad_amount", "lines[0].debit"),
        (two("1.00", "0.00"), "bad_amount", "lines[1].credit"),
        (two("NaN"), "bad_amount", "lines[0].debit"),
        (two("Infinity"), "bad_amount", "lines[0].debit"),
        (two("-Infinity"), "bad_amount", "lines[0].debit"),
        (two("1e30"), "bad_amount", "lines[0].debit"),
        (two(1e30), "bad_amount", "lines[0].debit"),
        (two(10**30), "bad_amount", "lines[0].debit"),
        (two(1.5), "bad_amount", "lines[0].debit"),
        (two(True), "bad_amount", "lines[0].debit"),
        (two("١"), "bad_amount", "lines[0].debit"),
        (two("1,00"), "bad_amount", "lines[0].debit"),
        (two(" 1.00"), "bad_amount", "lines[0].debit"),
        (two(""), "bad_amount", "lines[0].debit"),
        (two(["1.00"]), "bad_amount", "lines[0].debit"),
        (two("-1.00"), "bad_amount", "lines[0].debit"),
        (two("9.996"), "too_precise", "lines[0].debit"),
        (two("1.00", "9.996"), "too_precise", "lines[1].credit"),
        (with_line(amount="-1.00"), "one_amount", "lines[1]"),
        (entry({"account": "1000"}, {"account": "4000", "credit": "1"}), "one_amount", "lines[0]"),
        (with_line(account="7777"), "unknown_account", "lines[1].account"),
        (with_line(account=""), "required", "lines[1].account"),
        (with_line(account=4000), "invalid", "lines[1].account"),
        (with_line(account="1100"), "control_account", "lines[1].account"),
        (with_line(account="1010", currency="USD"), "missing_rate", "lines[1].rate"),
        (with_line(currency="XXX"), "unknown_currency", "lines[1].currency"),
        (with_line(currency=5), "invalid", "lines[1].currency"),
        (with_line(currency="USD", rate=0.9), "bad_amount", "lines[1].rate"),
        (with_line(currency="USD", rate="0"), "bad_amount", "lines[1].rate"),
        (with_line(currency="USD", base_amount="-1"), "bad_amount", "lines[1].base_amount"),
        (with_line(sub_account="nobody"), "unknown_sub_account", "lines[1].sub_account"),
        (with_line(dimensions={"project": "P1"}), "unknown_dimension", "lines[1].dimensions.project"),
        (with_line(dimensions=["P1"]), "invalid", "lines[1].dimensions"),
        (with_line(dimensions={"project": 1}), "invalid", "lines[1].dimensions.project"),
        (with_line(colour="red"), "unknown_field", "lines[1].colour"),
        (two("1.00", colour="red"), "unknown_field", "colour"),
        (two("1.00", id="x"), "unknown_field", "id"),
        (two("1.00", journal="XYZ"), "unknown_journal", "journal"),
        (two("1.00", memo=7), "invalid", "memo"),
        (two("1.00", memo="m" * 10_001), "invalid_text", "memo"),
        (two("1.00", reference="r" * 201), "invalid_text", "reference"),
        (two("1.00", date="2026-02-30"), "bad_date", "date"),
        (two("1.00", date=None), "required", "date"),
        (two("1.00", date=20260315), "bad_date", "date"),
        (two("1.00", date="2031-01-01"), "no_period", "date"),
        (two("1.00", memo="a\x00b"), "invalid_text", "memo"),
        (with_line(memo="a\x00b"), "invalid_text", "lines[1].memo"),
        (with_line(memo="half \ud800"), "invalid_text", "lines[1].memo"),
        (with_line(dimensions={"project": "\udfff"}), "invalid_text", "lines[1].dimensions.project"),
        ([], "invalid", None),
        ("text", "invalid", None),
        (None, "invalid", None),
    ],
)
def test_bad_input_is_refused_with_code_and_place_and_nothing_is_stored(books, company, body, code, place):
    import json

    assert refused(books, company, json.dumps(body)) == (code, place)


@pytest.mark.parametrize(
    "body",
    [b"{", b" ", b"\xff", b'{"date": NaN}', b'{"date": "2026-03-15", "date": "2026-03-16"}', b"[" * 100_000],
)
def test_what_is_no_json_is_a_400(books, company, body):
    assert refused(books, company, body, status=400)[0] in {"malformed"}


def test_no_body_is_no_entry(books, company):
    assert refused(books, company, b"") == ("required", "lines")


def test_the_wrong_content_type_is_a_415(books):
    answer = books.client.post(books.base + "entries/", data="a=b", content_type="text/plain",
                               headers={"Idempotency-Key": "k"})  # fmt: skip

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_ten_thousand_and_one_lines_are_refused(books, company):
    lines = [{"account": "1000", "debit": "1"}] * 10_000 + [{"account": "4000", "credit": "10000"}]

    assert refused(books, company, entry(*lines)) == ("too_many_lines", "lines")


@pytest.mark.parametrize("status", ["frozen", "archived"])
def test_an_account_that_takes_no_lines_is_refused(books, company, status):
    with inside(company):
        Account.objects.for_company(company).filter(code="4000").update(status=status)

    assert refused(books, company, two("1.00")) == ("account_frozen", "lines[1].account")


def test_ids_of_another_company_are_unknown_in_every_field(books, company):
    from accounting.models import SubAccount
    from ledger.models import Journal

    other = make_company()
    theirs = make_api_client(other, "write")
    theirs.post("accounts/4000/sub-accounts/", {"code": "C1", "name": "Customer"})
    with inside(other):
        account = Account.objects.for_company(other).get(code="4000").pk
        sub_account = SubAccount.objects.for_company(other).get(code="C1").pk
        journal = Journal.objects.for_company(other).get(code="GEN").pk

    assert refused(books, company, with_line(account=str(account))) == ("unknown_account", "lines[1].account")
    assert refused(books, company, with_line(sub_account=str(sub_account))) == (
        "unknown_sub_account", "lines[1].sub_account",
    )  # fmt: skip
    assert refused(books, company, two("1.00", journal=str(journal))) == ("unknown_journal", "journal")


def test_a_closed_period_is_refused_for_good_under_its_key(books, company):
    from accounting.models import Period
    from accounting.periods import close_period, reopen_period

    with inside(company):
        closed = list(Period.objects.for_company(company).filter(end__lt="2026-04-01").order_by("start"))
        for period in closed:
            close_period(period)
    assert refused(books, company, two("1.00")) == ("period_closed", "date")
    with inside(company):
        for period in reversed(closed):
            reopen_period(period, reason="one more")
    assert refused(books, company, two("1.00")) == ("period_closed", "date")
    assert books.post("entries/", two("1.00"), key="another").status_code == 201


def test_a_soft_closed_period_opens_with_a_reason_to_those_who_may(books, api, company):
    from accounting.models import Period
    from accounting.periods import close_period

    with inside(company):
        close_period(Period.objects.for_company(company).get(start="2026-03-01"), soft=True)
    assert refused(books, company, two("1.00")) == ("period_soft_closed", "date")
    assert books.post("entries/", two("1.00", reason="late"), key="k2").json()["code"] == "period_soft_closed"
    assert api("admin").post("entries/", two("1.00", reason="late"), key="k3").status_code == 201


def test_an_amount_beyond_what_the_books_hold_is_refused_after_conversion_too(books, company):
    line = {"account": "1010", "currency": "USD", "rate": "900000000000", "debit": "999999999999999999.99"}

    assert refused(books, company, entry(line, {"account": "4000", "credit": "1"}))[0] == "bad_amount"
