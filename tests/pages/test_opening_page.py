"""Opening balances by their page: looked at line by line, the difference put somewhere, then posted once."""

import datetime
import io
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from accounting.accounts import open_account, open_sub_account
from accounting.models import Account
from accounting.periods import set_lock_date
from ledger.models import Entry, Line
from tests.conftest import make_company
from tests.pages.conftest import fetched, inside

GOOD = "account\tdebit\tcredit\n1000\t70.50\t\n3000\t\t70.50\n"
GAP = "account\tdebit\tcredit\n1000\t70.50\t\n3000\t\t70.00\n"
ITEMS = "account,debit,credit,sub_account,reference\n1100,70,,C1,INV-1\n1100,30,,C1,INV-2\n3000,,100,,\n"


@pytest.fixture
def books(company):
    with inside(company):
        open_account(code="3900", name="Opening", type="equity", subtype="opening_balance", role="opening_balance")
        open_sub_account(Account.objects.for_company(company).get(code="1100"), code="C1", name="Customer")
    return company


def text(answer):
    return answer.content.decode()


def look(client, page_of, table=GOOD, **changes):
    fields = {"date": "2025-12-31", "balance_to": "", "memo": "", "text": table, "key": "k", "act": "look", **changes}
    return client.post(page_of("ledger:opening"), fields)


def test_a_table_is_looked_at_before_it_is_posted(signed_in, page_of, books):
    client = signed_in("accountant")
    page = text(look(client, page_of))
    assert "Debits and credits agree" in page
    assert "1000 Bank" in page
    with inside(books):
        assert not Entry.objects.for_company(books).exists()

    answer = look(client, page_of, act="post")
    entry = fetched(books, Entry)
    assert answer.url == page_of("ledger:entry-detail", entry.pk)
    assert (entry.date, entry.source) == (datetime.date(2025, 12, 31), "opening")
    assert look(client, page_of, act="post").url == answer.url
    assert "Opening balances" in text(client.get(page_of("ledger:opening")))


def test_open_items_are_taken_over_one_by_one(signed_in, page_of, books):
    client = signed_in("accountant")
    assert "INV-2" in text(look(client, page_of, ITEMS))
    look(client, page_of, ITEMS, act="post")

    with inside(books):
        lines = Line.objects.for_company(books).filter(account__code="1100").order_by("number")
        assert [(line.sub_account.code, line.memo, line.amount) for line in lines] == [
            ("C1", "INV-1", Decimal(70)), ("C1", "INV-2", Decimal(30)),
        ]  # fmt: skip


def test_a_difference_is_refused_until_it_has_somewhere_to_go(signed_in, page_of, books):
    client = signed_in("accountant")
    page = text(look(client, page_of, GAP, act="post"))
    assert "0.50 more debit" in page
    assert "1000\t70.50" in page
    with inside(books):
        assert not Entry.objects.for_company(books).exists()

    page = text(look(client, page_of, GAP, balance_to="role"))
    assert "The difference of 0.50 goes to 3900 Opening" in page
    look(client, page_of, GAP, balance_to="role", act="post")
    with inside(books):
        assert Line.objects.for_company(books).get(account__code="3900").amount == Decimal("-0.50")


def test_a_difference_without_its_account_is_said_at_the_choice(signed_in, page_of, company):
    answer = look(signed_in("accountant"), page_of, GAP, balance_to="role")

    assert answer.status_code == 422
    assert "posting role “opening_balance”" in text(answer)
    assert "1000\t70.50" in text(answer)


def test_every_wrong_row_is_shown_with_its_column_and_what_was_pasted_stays(signed_in, page_of, books):
    table = 'account,debit,credit\n1000,"1,234",\n9999,5,\n1100,5,\n3000,,5\n'
    answer = look(signed_in("accountant"), page_of, table, act="post")
    page = text(answer)

    assert answer.status_code == 422
    assert "3 rows are wrong" in page
    assert re.search(r'<td class="number">2</td><td>debit</td><td class="text">“1,234” may be thousands', page)
    assert re.search(r'<td class="number">3</td><td>account</td><td class="text">There is no account “9999”', page)
    assert re.search(r'<td class="number">4</td><td>sub_account</td>', page)
    assert "&quot;1,234&quot;" in page
    with inside(books):
        assert not Entry.objects.for_company(books).exists()


def test_a_workbook_is_uploaded_and_what_it_says_stays_for_the_next_step(signed_in, page_of, books):
    book = Workbook()
    for row in (["account", "debit", "credit"], [1000, 70.5, None], [3000, None, 70]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    upload = SimpleUploadedFile("opening.xlsx", file.getvalue())
    page = text(look(signed_in("accountant"), page_of, "", file=upload))

    assert "0.50 more debit" in page
    assert "1000,70.5," in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"table": ""}, "Choose a file, or paste the rows"),
        ({"table": "account,debit\n1000,5\n"}, "There is no column credit"),
        ({"date": ""}, "This field is required"),
        ({"date": "2019-01-01", "act": "post"}, "no fiscal year"),
        ({"table": "", "file": SimpleUploadedFile("x.csv", b"account,amount\n\xff,5\n")}, "is not UTF-8"),
        ({"table": "", "file": SimpleUploadedFile("x.csv", b"a\x00b")}, "is NUL"),
        ({"table": "", "file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04x")}, "workbook cannot be read"),
        ({"balance_to": "3000"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_posted(signed_in, page_of, books, changes, message):
    answer = look(signed_in("accountant"), page_of, **changes)

    assert answer.status_code == 422
    assert message in text(answer)
    with inside(books):
        assert not Entry.objects.for_company(books).exists()


def test_a_locked_date_is_refused_at_the_date_and_another_one_goes_on(signed_in, page_of, books):
    with inside(books):
        set_lock_date("all", datetime.date(2025, 12, 31))
    client = signed_in("accountant")
    answer = look(client, page_of, act="post")
    page = text(answer)
    assert answer.status_code == 422
    assert "The books are locked for this date" in page
    assert 'name="act" value="post"' in page
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    assert key != "k"

    assert look(client, page_of, act="post", date="2026-01-01", key=key).status_code == 302


def test_only_who_imports_journals_takes_books_over(signed_in, page_of, books):
    for role in ("clerk", "approver", "auditor"):
        client = signed_in(role)
        assert client.get(page_of("ledger:opening")).status_code == 403
        assert look(client, page_of, act="post").status_code == 403
    for role in ("owner", "controller", "accountant"):
        assert signed_in(role).get(page_of("ledger:opening")).status_code == 200


def test_the_page_shows_its_own_companys_openings_only(signed_in, page_of, books):
    other = make_company()
    client = signed_in("accountant")
    look(client, page_of, act="post", memo="Ours")
    with inside(other):
        from ledger.opening_balances import OpeningLine, open_balances

        lines = [OpeningLine("1000", Decimal(1)), OpeningLine("3000", Decimal(-1))]
        open_balances(datetime.date(2025, 12, 31), lines, key="x", memo="Theirs")
    page = text(client.get(page_of("ledger:opening")))

    assert "Ours" in page
    assert "Theirs" not in page
