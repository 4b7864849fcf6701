"""The chart of accounts by the API: list, open, change under If-Match, delete, files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.models import Account
from tenants.scope import Actor, company_scope
from tests.books import ACCOUNTS


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


@pytest.fixture
def books(api):
    return api("write")


def opened(client, **fields):
    return client.post("accounts/", {"code": "6000", "name": "Travel", "type": "expense", **fields})


def test_an_account_is_opened_and_found_by_code_and_by_id(books):
    made = opened(books, subtype="operating", tags=["trips"])

    assert made.status_code == 201
    assert made["Location"].endswith(f"/accounts/{made.json()['id']}/")
    for name in ("6000", made.json()["id"]):
        answer = books.get(f"accounts/{name}/")
        assert (answer.status_code, answer.json(), answer["ETag"]) == (200, made.json(), made["ETag"])


def test_a_code_may_have_colons(books):
    assert opened(books, code="Expenses:Travel:Rail").status_code == 201
    assert books.get("accounts/Expenses:Travel:Rail/").json()["code"] == "Expenses:Travel:Rail"


def test_the_list_is_filtered_searched_ordered_and_sparse(books, company):
    codes = lambda **query: [row["code"] for row in books.get("accounts/", **query).json()["results"]]  # noqa: E731

    assert codes(type="income") == ["4000"]
    assert codes(search="leave") == ["9000", "9010"]
    assert codes(ordering="-code")[0] == "9010"
    with inside(company):
        Account.objects.for_company(company).filter(code="5000").update(status="frozen")
    assert codes(status="frozen") == ["5000"]
    assert books.get("accounts/", fields="code,name", type="income").json()["results"] == [
        {"code": "4000", "name": "Sales"}
    ]


def test_pages_follow_a_cursor_and_repeat_nothing(books):
    first = books.get("accounts/", page_size="5").json()
    second = books.client.get(first["next"]).json()
    third = books.client.get(second["next"]).json()

    codes = [row["code"] for page in (first, second, third) for row in page["results"]]
    assert len(codes) == 13
    assert codes == sorted(set(codes))


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"type": "nonsense"}, "type"),
        ({"status": "gone"}, "status"),
        ({"ordering": "balance"}, "ordering"),
        ({"search": "a\x00"}, "search"),
    ],
)
def test_a_bad_parameter_is_a_400_with_its_place(books, query, place):
    answer = books.get("accounts/", **query)

    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (400, "bad_parameter", place)


@pytest.mark.parametrize(
    ("fields", "code", "place"),
    [
        ({"code": "1000"}, "account_code_taken", "code"),
        ({"type": "gift"}, "invalid_choice", "type"),
        ({"subtype": "bank"}, "invalid_account", "subtype"),
        ({"parent": "4000"}, "invalid_account", "parent"),
        ({"parent": "nowhere"}, "unknown_account", "parent"),
        ({"currency": "XXY"}, "unknown_currency", "currency"),
        ({"role": "bank"}, "account_code_taken", "role"),
        ({"colour": "red"}, "unknown_field", "colour"),
        ({"name": 5}, "invalid", "name"),
        ({"name": ""}, "blank", "name"),
        ({"mandatory_dimensions": ["project"]}, "unknown_dimension", "mandatory_dimensions[0]"),
    ],
)
def test_bad_input_is_refused_with_code_and_place_and_stores_nothing(books, company, fields, code, place):
    answer = opened(books, **fields)

    assert (answer.status_code, answer.json()["code"], answer.json().get("place")) == (422, code, place)
    with inside(company):
        assert Account.objects.for_company(company).count() == len(ACCOUNTS)


def test_a_heading_of_another_company_is_unknown(books, company):
    from tests.conftest import make_api_client, make_company

    theirs = opened(make_api_client(make_company(), "write"), subtype="heading").json()
    answer = opened(books, parent=theirs["id"])

    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, "unknown_account", "parent")
    assert books.get(f"accounts/{theirs['id']}/").status_code == 404


def test_a_change_needs_the_state_that_was_read(books):
    made = opened(books)

    assert books.patch("accounts/6000/", {"name": "Trips"}).status_code == 428
    changed = books.patch("accounts/6000/", {"name": "Trips"}, If_Match=made["ETag"])
    assert (changed.status_code, changed.json()["name"], changed.json()["version"]) == (200, "Trips", 2)
    stale = books.patch("accounts/6000/", {"name": "Journeys"}, If_Match=made["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert books.get("accounts/6000/").json()["name"] == "Trips"


def test_the_type_of_an_account_stays(books):
    made = opened(books)
    answer = books.patch("accounts/6000/", {"type": "asset"}, If_Match=made["ETag"])

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_field")


def test_an_unused_account_is_deleted_and_a_used_one_is_not(books, api):
    opened(books)
    assert books.delete("accounts/6000/").status_code == 204
    assert books.get("accounts/6000/").status_code == 404
    books.post("accounts/4000/sub-accounts/", {"code": "C1", "name": "Customer"})
    answer = books.delete("accounts/4000/")
    assert (answer.status_code, answer.json()["code"]) == (422, "account_in_use")


def test_a_write_with_a_key_happens_once(books, company):
    body = {"code": "6000", "name": "Travel", "type": "expense"}
    first = books.post("accounts/", body, key="k1")
    again = books.post("accounts/", body, key="k1")
    other = books.post("accounts/", {**body, "name": "Trips"}, key="k1")

    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_sub_accounts_detail_an_account(books):
    assert books.post("accounts/1100/sub-accounts/", {"code": "C1", "name": "Customer"}).status_code == 201
    twice = books.post("accounts/1100/sub-accounts/", {"code": "C1", "name": "Other"})
    assert (twice.status_code, twice.json()["place"]) == (422, "code")
    assert [row["code"] for row in books.get("accounts/1100/sub-accounts/").json()["results"]] == ["C1"]


def test_who_may_only_read_changes_nothing(api):
    answer = opened(api("read"))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_a_stranger_sees_no_company(api, company):
    from tests.conftest import make_company

    mine = api("admin")
    mine.base = f"/api/v1/companies/{make_company().slug}/"

    assert mine.get("accounts/").status_code == 404
    assert mine.get("entries/").status_code == 404


def upload(client, text, **form):
    file = SimpleUploadedFile("chart.csv", text if isinstance(text, bytes) else text.encode())
    return client.client.post(f"{client.base}accounts/import/", {"file": file, **form})


def test_the_chart_goes_out_as_csv_and_comes_back(books):
    exported = books.client.get(f"{books.base}accounts/export/", headers={"Accept": "text/csv"})
    text = b"".join(exported.streaming_content).decode()

    assert exported["Content-Type"].startswith("text/csv")
    assert text.splitlines()[0].startswith("code,name,type")
    added = upload(books, text + "6000,Travel,expense,,,,no,no,active,,,\r\n")
    assert added.json() == {"dry_run": False, "added": 1, "changed": 0, "problems": []}


def test_a_dry_run_of_a_chart_stores_nothing(books):
    answer = upload(books, "code,name,type\n6000,Travel,expense\n6001,X,gift\n", dry_run="true").json()

    assert (answer["added"], answer["problems"][0]["row"], answer["problems"][0]["column"]) == (1, 3, "type")
    assert books.get("accounts/6000/").status_code == 404


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("code,name,type\n6000,Travel,expense\n6001,X,gift\n", "bad_rows"),
        ("code,name\n6000,Travel\n", "bad_file"),
        (b"\xff\xfe", "bad_file"),
        (b"code,name,type\n6000,\x00,expense\n", "bad_file"),
    ],
)
def test_a_wrong_chart_is_refused_whole(books, text, code):
    answer = upload(books, text)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert books.get("accounts/6000/").status_code == 404


def test_the_list_costs_the_same_for_any_number_of_accounts(books, company):
    def cost(size):
        books.get("accounts/", page_size=size)
        with CaptureQueriesContext(connection) as queries:
            assert len(books.get("accounts/", page_size=size).json()["results"]) == size
        return len(queries)

    with inside(company):
        Account.objects.bulk_create(
            Account(company=company, code=f"7{number:03}", name="More", type="expense") for number in range(200)
        )
    assert cost(1) == cost(20) == cost(200)


def test_a_chart_import_without_a_body_is_refused_as_one_without_a_file(api):
    caller = api("admin")
    answer = caller.client.generic("POST", f"{caller.base}accounts/import/", b"", content_type="application/json")
    assert (answer.status_code, answer.json()["place"]) == (422, "file")
