"""The statutory codes of accounts by the API, on the account's page, in the admin, and in uploaded files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.chart_files import import_chart
from accounting.mappings import map_account, map_accounts, mappings_of
from accounting.models import Account, AccountMapping
from tenants.scope import Actor, company_scope


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


def account(company, code="1000"):
    with inside(company):
        return Account.objects.for_company(company).get(code=code)


def codes(company, code="1000"):
    found = account(company, code)
    with inside(company):
        return mappings_of(company).get(found.pk, {})


def mapped(company, code="1000", **schemes):
    found = account(company, code)
    with inside(company):
        for scheme, value in schemes.items():
            map_account(found, scheme, value)
    return found


# By the API.


@pytest.fixture
def books(api):
    return api("write")


def test_an_account_is_opened_with_codes_and_shows_them_everywhere(books):
    wanted = {"datev": "4660", "fec": "6251"}
    made = books.post("accounts/", {"code": "6000", "name": "Travel", "type": "expense", "mappings": wanted})

    assert (made.status_code, made.json()["mappings"]) == (201, wanted)
    assert books.get("accounts/6000/").json()["mappings"] == wanted
    listed = {row["code"]: row["mappings"] for row in books.get("accounts/").json()["results"]}
    assert (listed["6000"], listed["1000"]) == (wanted, {})
    assert books.get("accounts/", fields="mappings", search="Travel").json()["results"] == [{"mappings": wanted}]


def test_a_change_names_some_codes_and_leaves_the_others(books, company):
    mapped(company, datev="1200", fec="512")
    seen = books.get("accounts/1000/")
    changed = books.patch("accounts/1000/", {"mappings": {"datev": "1800", "saft": "1"}}, If_Match=seen["ETag"])
    removed = books.patch("accounts/1000/", {"mappings": {"fec": ""}}, If_Match=changed["ETag"])
    silent = books.patch("accounts/1000/", {"name": "House bank"}, If_Match=removed["ETag"])

    assert changed.json()["mappings"] == {"datev": "1800", "fec": "512", "saft": "1"}
    assert silent.json()["mappings"] == removed.json()["mappings"] == {"datev": "1800", "saft": "1"}
    assert len({answer["ETag"] for answer in (seen, changed, removed, silent)}) == 4


def test_codes_changed_for_another_state_are_refused(books, company):
    seen = books.get("accounts/1000/")
    books.patch("accounts/1000/", {"mappings": {"datev": "1800"}}, If_Match=seen["ETag"])
    stale = books.patch("accounts/1000/", {"mappings": {"datev": "1"}}, If_Match=seen["ETag"])

    assert (stale.status_code, codes(company)) == (412, {"datev": "1800"})


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"sap": "1"}, "mappings.sap"),
        ({"datev": 1200}, "mappings.datev"),
        ({"datev": None}, "mappings.datev"),
        ({"datev": "1" * 251}, "mappings.datev"),
        ({"fec": "5\u00001"}, "mappings.fec"),
        ({"fec": "5\u20281"}, "mappings.fec"),
        (["datev"], "mappings"),
        ("datev", "mappings"),
        (None, "mappings"),
    ],
)
def test_bad_codes_are_refused_with_their_place_and_nothing_is_stored(books, company, sent, place):
    tag = books.get("accounts/1000/")["ETag"]
    opened = books.post("accounts/", {"code": "6000", "name": "Travel", "type": "expense", "mappings": sent})
    changed = books.patch("accounts/1000/", {"name": "Other", "mappings": sent}, If_Match=tag)

    for answer in (opened, changed):
        assert answer.status_code == 422
        assert answer.json()["place"].startswith(place)
    assert books.get("accounts/6000/").status_code == 404
    assert (account(company).name, codes(company)) == ("Bank", {})


def test_who_may_only_read_maps_nothing(api, company):
    reader = api("read")
    answer = reader.patch("accounts/1000/", {"mappings": {"datev": "1"}}, If_Match=reader.get("accounts/1000/")["ETag"])

    assert (answer.status_code, codes(company)) == (403, {})


def test_the_kept_list_shows_a_code_however_it_was_changed(books, company):
    def listed():
        return {row["code"]: row["mappings"] for row in books.get("accounts/").json()["results"]}["1000"]

    assert listed() == {}
    mapped(company, datev="1200")
    assert listed() == {"datev": "1200"}
    with inside(company):
        AccountMapping.objects.for_company(company).update(code="1800")
    assert listed() == {"datev": "1800"}
    with inside(company):
        AccountMapping.objects.for_company(company).delete()
    assert listed() == {}


def test_the_list_costs_the_same_for_1_20_and_200_mapped_accounts(books, company):
    with inside(company):
        Account.objects.bulk_create(
            Account(company=company, code=f"7{number:03}", name="More", type="expense") for number in range(200)
        )
        every = Account.objects.for_company(company).values_list("pk", flat=True)
        map_accounts({pk: {"datev": "4900", "fec": "658"} for pk in every})

    def cost(size):
        books.get("accounts/", page_size=size)
        with CaptureQueriesContext(connection) as queries:
            rows = books.get("accounts/", page_size=size).json()["results"]
        assert [row["mappings"] for row in rows] == [{"datev": "4900", "fec": "658"}] * size
        return len(queries)

    assert cost(1) == cost(20) == cost(200)


def test_a_file_brings_codes_and_the_export_takes_them_out(books, company):
    def upload(text, **form):
        file = SimpleUploadedFile("chart.csv", text.encode())
        return books.client.post(f"{books.base}accounts/import/", {"file": file, **form})

    text = "code,name,type,datev\n1000,Bank,asset,1200\n"
    assert upload(text, dry_run="true").json()["changed"] == 1
    assert codes(company) == {}
    assert upload(text).json()["changed"] == 1
    assert codes(company) == {"datev": "1200"}
    wrong = upload(f"code,name,type,datev\n1000,Bank,asset,{'1' * 251}\n").json()
    assert (wrong["code"], wrong["place"]) == ("bad_rows", "rows[2].datev")

    answer = books.client.get(f"{books.base}accounts/export/", headers={"Accept": "text/csv"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].endswith(",saft,fec,datev,xbrl")
    assert next(line for line in lines if line.startswith("1000,")).endswith(",,,1200,")


# On the page.


def page(company, found=None):
    args = [company.slug, found.pk] if found else [company.slug]
    return reverse(f"accounting:account-{'edit' if found else 'new'}", args=args)


def typed(found=None, **codes):
    fields = {"code": "6000", "name": "Travel", "type": "expense", **codes}
    if found:
        fields |= {"code": found.code, "name": found.name, "status": "active", "version": found.version}
        del fields["type"]
    return fields


def test_an_account_is_opened_on_the_page_with_its_codes(signed_in, company):
    answer = signed_in("accountant").post(page(company), typed(datev="4660", xbrl="de-gaap-ci:is.travel"))

    assert answer.status_code == 302
    assert codes(company, "6000") == {"datev": "4660", "xbrl": "de-gaap-ci:is.travel"}


def test_the_page_shows_the_codes_changes_them_and_takes_them_back(signed_in, company):
    found = mapped(company, datev="1200", fec="512")
    client = signed_in("accountant")
    shown = client.get(page(company, found)).content.decode()
    assert "<legend>Statutory codes</legend>" in shown
    for scheme, code in (("datev", "1200"), ("fec", "512")):
        assert f'name="{scheme}" value="{code}"' in shown

    answer = client.post(page(company, found), typed(found, datev="1800", fec=""))
    assert (answer.status_code, codes(company)) == (302, {"datev": "1800"})


def test_a_page_that_somebody_overtook_changes_no_code(signed_in, company):
    found = mapped(company, datev="1200")
    client = signed_in("accountant")
    client.post(page(company, found), typed(found, datev="1800"))
    stale = client.post(page(company, found), typed(found, datev="1"))

    assert (stale.status_code, codes(company)) == (409, {"datev": "1800"})
    assert 'name="datev" value="1"' in stale.content.decode()


@pytest.mark.parametrize("code", ["1" * 251, "51\u20282"])
def test_a_bad_code_is_refused_at_its_field_and_what_was_typed_stays(signed_in, company, code):
    found = account(company)
    answer = signed_in("accountant").post(page(company, found), typed(found, fec=code, datev="1200"))
    shown = answer.content.decode()

    assert (answer.status_code, codes(company)) == (422, {})
    assert '<a href="#id_fec">FEC</a>' in shown
    assert 'name="datev" value="1200"' in shown


def test_an_auditor_finds_no_page_to_change_codes(signed_in, company):
    found = mapped(company, datev="1200")
    answer = signed_in("auditor").post(page(company, found), typed(found, datev="1"))

    assert (answer.status_code, codes(company)) == (403, {"datev": "1200"})


# In the admin.


def admin_form(found, *rows):
    kept = [row for row in rows if row.get("id")]
    form = {
        "code": found.code, "name": found.name, "subtype": found.subtype, "status": found.status, "tags": "[]",
        "role": found.role, "currency": "", "description": "", "mappings-TOTAL_FORMS": len(rows),
        "mappings-INITIAL_FORMS": len(kept), "mappings-MIN_NUM_FORMS": 0, "mappings-MAX_NUM_FORMS": 4,
    }  # fmt: skip
    for number, row in enumerate(rows):
        form |= {f"mappings-{number}-{name}": value for name, value in {"account": found.pk, **row}.items()}
    return form


@pytest.fixture
def admin(signed_in, company):
    def send(role, found, *rows):
        client = signed_in(role)
        client.get(reverse("accounting:account-list", args=[company.slug]))
        address = reverse("admin:accounting_account_change", args=[found.pk])
        return client.post(address, admin_form(found, *rows)) if rows else client.get(address)

    return send


def test_the_admin_changes_adds_and_removes_codes_under_the_account_and_the_version_counts(admin, company):
    found = mapped(company, datev="1200", fec="512")
    with inside(company):
        ids = dict(AccountMapping.objects.for_company(company).values_list("scheme", "pk"))
    answer = admin(
        "accountant", found,
        {"id": ids["datev"], "scheme": "datev", "code": "1800"},
        {"id": ids["fec"], "scheme": "fec", "code": "512", "DELETE": "on"},
        {"id": "", "scheme": "saft", "code": "1"},
    )  # fmt: skip

    assert answer.status_code == 302, answer.context["errors"]
    assert (codes(company), account(company).version) == ({"datev": "1800", "saft": "1"}, 2)


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": "", "scheme": "datev", "code": "1800"}],
        [{"id": "", "scheme": "fec", "code": "1"}, {"id": "", "scheme": "fec", "code": "2"}],
        [{"id": "", "scheme": "sap", "code": "1"}],
        [{"id": "", "scheme": "fec", "code": ""}],
    ],
)
def test_the_admin_refuses_what_the_database_would_at_the_row(admin, company, rows):
    found = mapped(company, datev="1200")
    answer = admin("accountant", found, *rows)

    assert (answer.status_code, codes(company)) == (200, {"datev": "1200"})
    assert answer.context["errors"]


def test_an_account_is_opened_in_the_admin_with_its_codes(signed_in, company):
    client = signed_in("accountant")
    client.get(reverse("accounting:account-list", args=[company.slug]))
    new = Account(code="6000", name="Travel")
    form = {**admin_form(new, {"id": "", "scheme": "datev", "code": "4660"}), "type": "expense"}
    del form["mappings-0-account"]
    answer = client.post(reverse("admin:accounting_account_add"), form)

    assert answer.status_code == 302, answer.context["errors"]
    assert codes(company, "6000") == {"datev": "4660"}


def test_an_auditor_reads_the_codes_in_the_admin_and_changes_none(admin, company):
    found = mapped(company, datev="1200")

    assert "1200" in admin("auditor", found).content.decode()
    assert admin("auditor", found, {"id": "", "scheme": "fec", "code": "512"}).status_code == 403
    assert codes(company) == {"datev": "1200"}


def test_another_type_for_an_account_that_is_there_is_a_problem(scope):
    done = import_chart("code,name,type\n1000,Bank,banana\n4000,Sales,expense\n")

    assert [(problem.row, problem.column) for problem in done.problems] == [(2, "type"), (3, "type")]
