"""Opening balances as a table: every form that is read, every row that is refused with its place, and the upload."""

import datetime
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from accounting.accounts import open_account
from accounting.models import Account, SubAccount
from accounting.rates import set_rate
from accounting.spreadsheets import BadFile
from ledger import opening_balances
from ledger.models import Entry, Line
from ledger.opening_balances import OpeningLine, open_balances
from ledger.opening_file import BadOpening, opening_text, read_opening, refuse_problems
from ledger.opening_preview import preview_opening
from ledger.refusals import PostingRefused
from tests.pages.conftest import inside

OPENING = datetime.date(2025, 12, 31)
GOOD = "account,debit,credit,sub_account,reference\n1000,70.50,,,\n1100,30,,C1,INV-1\n3000,,100.50,,\n"


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def amounts(text):
    return [line.amount for line in read_opening(text, "EUR").lines]


def problem(text):
    [found] = read_opening(text, "EUR").problems
    return found.row, found.column, found.code


@pytest.fixture
def books(company):
    with inside(company):
        open_account(code="3900", name="Opening", type="equity", subtype="opening_balance", role="opening_balance")
        receivable = Account.objects.for_company(company).get(code="1100")
        SubAccount.objects.create(company=company, account=receivable, code="C1", name="Customer")
        set_rate("USD", datetime.date(2025, 1, 1), Decimal("0.9"), source="ECB")
    return company


@pytest.mark.parametrize(
    "text",
    [
        "account,debit,credit\n1000,5,\n3000,,5\n",
        "Account;Debit;Credit\r\n1000;5;\r\n3000;;5\r\n",
        "ACCOUNT\tDebit\tCredit\n1000\t5\t\n3000\t\t5\n",
        "credit,account,debit\n,1000,5\n5,3000,\n",
        "account,amount\n1000,5\n3000,-5\n",
        "\n\naccount,amount\n\n1000,5\n,\n3000,-5\n",
        "account,debit,credit\n1000,5,0\n3000,0.00,5\n",
        'account,amount\n"1000","5.00"\n3000,-5.00\n',
    ],
)
def test_a_table_is_read_in_every_form_it_may_have(text):
    assert amounts(text) == [5, -5]


def test_columns_of_open_items_and_foreign_amounts_are_read():
    text = (
        "account,debit,credit,currency,base_amount,sub-account,Reference,memo\n"
        "1100,70,,,,C1,INV-1,Desk\n1010,,100,usd,91,,,\n"
    )
    assert read_opening(text, "EUR").lines == [
        OpeningLine("1100", Decimal(70), sub_account="C1", reference="INV-1", memo="Desk"),
        OpeningLine("1010", Decimal(-100), currency="USD", base_amount=Decimal(-91)),
    ]


def test_grouped_amounts_are_read_only_where_they_can_mean_one_thing():
    assert amounts("account,amount\n1000,1234.50\n") == [Decimal("1234.50")]
    assert amounts('account,amount\n1000,"1,234.50"\n') == [Decimal("1234.50")]
    assert amounts("account;amount\n1000;1.234,50\n1010;1234,5\n") == [Decimal("1234.50"), Decimal("1234.5")]
    assert problem('account,amount\n1000,"1,234"\n') == (2, "amount", "ambiguous_amount")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", (0, "", "missing_column")),
        ("1000,5,\n", (1, "", "missing_column")),
        ("account,debit\n1000,5\n", (1, "", "missing_column")),
        ("debit,credit\n5,\n", (1, "", "missing_column")),
        ("account,amount,debit\n1000,5,5\n", (1, "", "bad_column")),
        ("account,amount,amount\n1000,5,5\n", (1, "", "bad_column")),
        ("account,debit,credit\n,5,\n", (2, "account", "missing_value")),
        ("account,debit,credit\n1000,,\n", (2, "debit", "missing_value")),
        ("account,debit,credit\n1000,5,5\n", (2, "credit", "one_amount")),
        ("account,debit,credit\n\n1000,=1+1,\n", (3, "debit", "bad_amount")),
        ("account,debit,credit\n1000,five,\n", (2, "debit", "bad_amount")),
        ("account,debit,credit\n1000,NaN,\n", (2, "debit", "bad_amount")),
        ("account,debit,credit\n1000,1e5,\n", (2, "debit", "bad_amount")),
        ("account,debit,credit\n1000,5,,7\n", (2, "", "bad_column")),
        ("account,amount,base_amount\n1010,100,91\n", (2, "currency", "missing_value")),
        ("account,amount,memo\n1000,5,a\x00b\n", (2, "memo", "invalid_text")),
        (f"account,amount,memo\n1000,5,{'x' * 1001}\n", (2, "memo", "invalid_text")),
        ('account,amount\n1000,5\n3000,"5\n', (3, "", "bad_csv")),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_row_and_column(text, found):
    row, column, code = problem(text)
    assert (column, code) == found[1:]
    assert row == found[0] or code == "bad_csv"


def test_every_wrong_row_is_named_and_the_good_ones_are_read():
    table = read_opening("account,amount,Note\n1000,x,\n1000,5,\n,5,\n9,0.00,\n", "EUR")

    assert [one.row for one in table.problems] == [2, 4]
    assert (table.rows, table.zeros, table.ignored) == ([3], 1, ["Note"])
    with pytest.raises(BadOpening) as refusal:
        refuse_problems(table)
    assert (refusal.value.code, refusal.value.place) == ("bad_rows", "rows[2].amount")
    assert [one.place for one in refusal.value.context["errors"]] == ["rows[2].amount", "rows[4].account"]


def test_text_in_another_encoding_and_binary_files_are_refused():
    for data, code in (
        ("account,amount\nCaf\u00e9,5\n".encode("latin-1"), "bad_encoding"),
        ("account,amount\n1000,5\n".encode("utf-16"), "bad_encoding"),
        (b"account,amount\n10\x0000,5\n", "bad_encoding"),
        (b"PK\x03\x04 no workbook", "bad_file"),
    ):
        with pytest.raises(BadFile) as refusal:
            opening_text(data)
        assert refusal.value.code == code
    assert opening_text(b"\xef\xbb\xbfaccount,amount\n") == "account,amount\n"


def test_a_workbook_is_read_with_its_rows_counted_as_the_spreadsheet_does():
    data = workbook(
        ["account", "debit", "credit"], [1000, 70.5, None], [], [3000, None, 70.5], ["4000", "=SUM(B2:B4)", None],
        [5000, 1.234, None],
    )  # fmt: skip
    table = read_opening(opening_text(data), "EUR")

    assert [(line.account, line.amount) for line in table.lines[:2]] == [
        ("1000", Decimal("70.5")), ("3000", Decimal("-70.5")),
    ]  # fmt: skip
    assert [(one.row, one.code) for one in table.problems] == [(5, "missing_value")]
    assert table.lines[2].amount == Decimal("1.234")


def test_a_table_of_10_000_rows_is_read_looked_at_and_posted_and_more_than_20_000_are_refused(books):
    rows = [f"1100,1.00,,C1,INV-{n}" for n in range(9_999)]
    text = "\n".join(["account,debit,credit,sub_account,reference", *rows, "3000,,9999.00,,"])
    table = read_opening(text, "EUR")
    with inside(books):
        preview = preview_opening(OPENING, table, "role")
        assert (len(preview.lines), preview.difference, preview.is_postable) == (10_000, 0, True)
        assert len(open_balances(OPENING, table.lines, key="k", balance_to="role")) == 2
        assert Line.objects.for_company(books).filter(account__code="1100").count() == 9_999
    assert problem("account,amount\n" + "1000,1\n" * 20_001)[2] == "too_many_lines"


def test_the_preview_looks_every_line_up_and_weighs_it(books):
    text = (
        "account,amount,currency,base_amount,sub_account\n1000,5.00,,,\n1010,100,USD,,\n1010,100,USD,91,\n"
        "9999,1,,,\n1100,1,,,\n1100,1,,,C9\n1000,0.001,,,\n1000,1,XXX,,\n"
    )
    with inside(books):
        preview = preview_opening(OPENING, read_opening(text, "EUR"), "")
    assert [one.worth for one in preview.lines[:3]] == [5, 90, 91]
    assert preview.difference == 186
    assert not preview.is_postable
    assert [(one.row, one.column, one.code) for one in preview.problems] == [
        (5, "account", "unknown_account"), (6, "sub_account", "control_account"),
        (7, "sub_account", "unknown_sub_account"), (8, "amount", "too_precise"), (9, "currency", "unknown_currency"),
    ]  # fmt: skip


def test_a_preview_asks_for_each_rate_once(books, django_assert_max_num_queries):
    table = read_opening("account,amount,currency\n" + "1010,1,USD\n" * 300, "EUR")
    with inside(books):
        preview_opening(OPENING, table)
        with django_assert_max_num_queries(5):
            preview_opening(OPENING, table)


def test_many_lines_are_all_posted_or_none_and_a_refusal_names_its_line(books, monkeypatch):
    monkeypatch.setattr(opening_balances, "CHUNK", 2)
    lines = [OpeningLine("1000", Decimal(n)) for n in (1, 2, 3)]
    with inside(books):
        for wrong, place in (
            (OpeningLine("9999", Decimal(1)), "lines[3].account"),
            (OpeningLine("1000", Decimal("0.001")), "lines[3].amount"),
        ):
            with pytest.raises(Exception) as refusal:  # noqa: PT011
                open_balances(OPENING, [*lines, wrong], key="k", balance_to="role")
            assert refusal.value.place == place
        with pytest.raises(PostingRefused) as closed:
            open_balances(datetime.date(2019, 1, 1), lines, key="k", balance_to="role")
        assert closed.value.place == "date"
        assert not Entry.objects.for_company(books).exists()
        assert len(open_balances(OPENING, lines, key="k", balance_to="role")) == 2
        frozen = Account.objects.for_company(books).get(code="3900")
        Account.objects.for_company(books).filter(pk=frozen.pk).update(status="frozen")
        with pytest.raises(PostingRefused) as contra:
            open_balances(OPENING, lines, key="k2", balance_to="role")
        assert contra.value.place == "balance_to"


def test_a_difference_without_an_account_is_refused_where_it_was_asked_for(company):
    from accounting.chart import MissingRole

    with inside(company), pytest.raises(MissingRole) as refusal:
        open_balances(OPENING, [OpeningLine("1000", Decimal(1))], key="k", balance_to="role")
    assert refusal.value.place == "balance_to"


def upload(api, content, key="k", query="", name="opening.csv", **fields):
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    headers = {"Idempotency-Key": key} if key else {}
    client = api("read", "post")
    data = {"date": "2025-12-31", "file": file, **fields}
    return client.client.post(f"{client.base}opening-balances/{query}", data, headers=headers)


def test_a_file_is_posted_by_the_api_once_under_its_key(api, books):
    made = upload(api, GOOD)
    assert made.status_code == 201
    assert upload(api, GOOD).status_code == 200
    assert upload(api, GOOD.replace("70.50", "71.50"), balance_to="role").json()["code"] == "idempotency_key_reused"
    assert upload(api, GOOD, key="").json()["code"] == "idempotency_key_required"
    with inside(books):
        [pk] = made.json()["entries"]
        lines = Line.objects.for_company(books).filter(entry_id=pk).order_by("number")
        assert [(line.amount, line.memo) for line in lines] == [
            (Decimal("70.50"), ""), (Decimal(30), "INV-1"), (Decimal("-100.50"), ""),
        ]  # fmt: skip
    book = workbook(["account", "amount"], ["1000", 7], ["3000", -7])
    assert upload(api, book, key="x", name="opening.xlsx").status_code == 201


def test_a_file_is_tried_without_being_posted(api, books):
    trial = upload(api, GOOD.replace("100.50", "99.50"), key="", query="?dry_run=true", balance_to="role").json()

    assert trial["entries"][0]["lines"][-1]["credit"] == "1.00"
    with inside(books):
        assert not Entry.objects.for_company(books).exists()


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("account,amount\n1000,5\n3000,-5\n\n9999,1\n", "unknown_account", "rows[5].account"),
        ("account,amount\n1000,5\n3000,-4\n", "unbalanced", "lines"),
        ("account,amount\n1000,x\n3000,\n", "bad_rows", "rows[2].amount"),
        ("account\n1000\n", "missing_column", "rows[1]"),
        (b"\xff\xfe", "bad_encoding", "file"),
        ("", "missing_column", "file"),
        ("account,amount\n1100,5\n3000,-5\n", "control_account", "rows[2].account"),
    ],
)
def test_a_refusal_of_an_uploaded_file_names_the_row(api, books, content, code, place):
    answer = upload(api, content)

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["place"]) == (code, place)
    if code == "bad_rows":
        assert [one["place"] for one in answer.json()["errors"]] == ["rows[2].amount", "rows[3].amount"]


def test_an_upload_without_a_file_or_with_an_unknown_field_is_refused(api, books):
    client = api("read", "post")
    assert client.client.post(f"{client.base}opening-balances/", {"date": "2025-12-31"}).status_code == 422
    assert upload(api, GOOD, typo="x").status_code == 422
    assert upload(api, GOOD, date="31.12.2025").status_code == 422
    reader = api("read")
    file = SimpleUploadedFile("x.csv", GOOD.encode())
    answer = reader.client.post(f"{reader.base}opening-balances/", {"date": "2025-12-31", "file": file})
    assert answer.status_code == 403
