"""One engine: every report says the same figures on screen, as JSON, CSV, XLSX and PDF (T35), and they are right."""

import datetime
import io
import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounting.accounts import open_account
from accounting.models import Period
from accounting.periods import close_period
from accounting.tax_boxes import add_box
from invoicing.payment_reversal import reverse_payment
from ledger.balances import balances
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.sealing import seal
from reports.audit_report import QUESTIONS
from reports.catalogue import CATALOGUE
from reports.renderers.as_xlsx import xlsx_of
from reports.table import Asked, Kind
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, line, posted, supplier
from tests.invoicing.test_payments import paid, part
from tests.ledger.budget_books import a_budget, planned
from tests.reports.read_back import figures_of_page, figures_of_pdf, from_csv, from_json, from_xlsx, numbers_of

D = Decimal
END = datetime.date(2026, 12, 31)


@pytest.fixture
def books(company):
    """Customers and suppliers with instalments due and not due, a payment in part, and one taken back."""
    with system_scope(company):
        buyer, other = customer(), customer("Blue Yonder =1+1")
        first = posted(buyer, line("1000.00"), due_date=DAY + datetime.timedelta(days=5))
        posted(buyer, line("250.50"), due_date=END + datetime.timedelta(days=9))
        second = posted(other, line("99.99"), date=DAY, due_date=DAY)
        posted(supplier(), line("400.00"), due_date=DAY + datetime.timedelta(days=60))
        paid(buyer, "300.00", part(first, "300.00"))
        wrong = paid(other, "99.99", part(second, "99.99"))
        reverse_payment(wrong.pk, date=DAY + datetime.timedelta(days=40), reason="Returned")
    return company


@pytest.fixture
def full_books(books):
    """The same with a tax, its boxes, an entry after closing and an account that takes control of its items."""
    with system_scope(books):
        add_box(code="1", name="Tax on sales", number=1)
        add_box(code="6", name="Sales", number=2)
        add_box(code="9", name="Both", formula="1 + 6", number=3)
        add_tax("S20", "20", base_boxes=["6"], tax_boxes=["1"])
        posted(customer("Fabrikam"), line("70.00", tax="S20"), date=END)
        a_budget(*planned("40.00", "30.50", account="4000"))
        closed = Period.objects.for_company(books).get(start=datetime.date(2026, 1, 1))
        close_period(closed, soft=True)
        post(
            NewEntry(
                "late", datetime.date(2026, 1, 20), (NewLine("1000", D(5)), NewLine("4000", D(-5))), reason="Found late"
            )
        )
    return books


def files_of(company, client, api, kind):
    page = reverse("reports:report", args=[company.slug, kind.name])
    compare = {"compare": kind.compare} if kind.compare else {}
    screen = client.get(page, {"from": "2026-01-01", "to": "2026-12-31"} | compare)
    assert screen.status_code == 200, screen.content[:500]
    found = {"screen": screen.content.decode()}
    asked = {"from": "2026-01-01", "date": "2026-12-31"} | compare
    for form in ("json", "csv", "xlsx", "pdf"):
        answer = api("admin").get(f"reports/{kind.name}/?{urlencode(asked | {'format': form})}")
        assert answer.status_code == 200, (form, answer)
        found[form] = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return found


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_the_five_forms_say_the_same_figures(signed_in, api, full_books, kind, monkeypatch):
    # To read a report is noted, and counted by the next audit report.
    monkeypatch.setattr("reports.audit_report.QUESTIONS", QUESTIONS[:-1])
    files = files_of(full_books, signed_in("auditor"), api, kind)
    document = json.loads(files["json"])
    every, columns = [one["key"] for one in document["columns"]], numbers_of(document)
    rows = from_json(files["json"])
    assert rows and from_csv(files["csv"], columns) == rows == from_xlsx(files["xlsx"], every, columns)
    said = [figure for row in rows for figure in row if figure is not None]
    assert figures_of_page(files["screen"]) == said
    # On paper only figures with two decimals can be told from days and codes.
    cells = [value for row in document["rows"] for key, value in row["cells"].items() if key in columns]
    printed = [Decimal(value) for value in cells if isinstance(value, str) and value[-3:-2] == "."]
    assert sorted(figure for figure in figures_of_pdf(files["pdf"]) if figure) == sorted(filter(None, printed))
    assert len(files["screen"]) > 1000 and document["problems"] == []


def rows_of(company, name, date, **asked):
    with system_scope(company):
        report = CATALOGUE[name].make(company, Asked(date, **asked))
        amounts = [place for place, column in enumerate(report.columns) if column.kind is Kind.AMOUNT]
        rows = [(row.cells[0].value, *(row.cells[place].value for place in amounts)) for row in report.rows]
        return rows, [str(one) for one in report.problems]


def test_what_is_owed_ages_by_its_instalments_and_ignores_later_payments(books):
    """T33, T34."""
    rows, problems = rows_of(books, "aged-receivables", END)
    assert rows == [
        ("C00001 Adatum", D("250.50"), 0, 0, 0, D("700.00"), D("950.50")),
        ("C00002 Blue Yonder =1+1", 0, 0, 0, 0, D("99.99"), D("99.99")),
        ("Total", D("250.50"), 0, 0, 0, D("799.99"), D("1050.49")),
    ]
    assert problems == []
    rows, problems = rows_of(books, "aged-receivables", DAY + datetime.timedelta(days=6))
    assert rows[0] == ("C00001 Adatum", D("250.50"), D("1000.00"), 0, 0, 0, D("1250.50")) and problems == []
    rows, _problems = rows_of(books, "aged-receivables", DAY + datetime.timedelta(days=20))
    assert rows[-1] == ("Total", D("250.50"), D("700.00"), 0, 0, 0, D("950.50")), "paid, and taken back later"
    rows, _problems = rows_of(books, "aged-payables", END)
    assert rows[-1][-1] == D("400.00")


@pytest.mark.parametrize("days", [0, 1, 30, 31, 60, 61, 90, 91])
def test_an_instalment_is_in_the_bucket_of_its_days(company, days):
    with system_scope(company):
        posted(customer(), line("10.00"), due_date=DAY)
    rows, _problems = rows_of(company, "aged-receivables", DAY + datetime.timedelta(days=days))
    place = [0, 1, 1, 2, 2, 3, 3, 4][[0, 1, 30, 31, 60, 61, 90, 91].index(days)]
    assert [bool(amount) for amount in rows[0][1:6]] == [number == place for number in range(5)]


def test_the_general_ledger_ends_where_the_balances_do(books):
    """T30: what an account begins with is what it ended with before."""
    middle = DAY + datetime.timedelta(days=12)
    rows, _problems = rows_of(books, "general-ledger", END, start=middle)
    with system_scope(books):
        kept = {one.account_id: one.amount for one in balances(books, END)}
        report = CATALOGUE["general-ledger"].make(books, Asked(END, middle))
        ends = [row.cells[-1].value for row in report.rows if row.standing == "subtotal"]
        before = [
            row.cells[-1].value
            for row in CATALOGUE["general-ledger"]
            .make(books, Asked(middle - datetime.timedelta(days=1), datetime.date(2026, 1, 1)))
            .rows
            if row.standing == "subtotal"
        ]
        begins = [row.cells[-1].value for row in CATALOGUE["general-ledger"].make(books, Asked(END, middle)).rows
                  if row.standing == "heading"]  # fmt: skip
    assert sorted(ends) == sorted(amount for amount in kept.values())
    assert sorted(one for one in begins if one) == sorted(one for one in before if one)
    assert rows[-1][1] == rows[-1][2] > 0


def test_the_journal_register_balances(books):
    rows, _problems = rows_of(books, "journal-register", END)
    assert rows[-1][1] == rows[-1][2] == sum(row[1] or 0 for row in rows[:-1])


def test_a_report_that_is_not_there_and_days_that_are_none(signed_in, api, company):
    client = signed_in("accountant")
    assert client.get(reverse("reports:report-list", args=[company.slug]) + "zebra/").status_code == 404
    page = reverse("reports:report", args=[company.slug, "general-ledger"])
    refused = client.get(page, {"from": "2026-12-31", "to": "2026-01-01"})
    assert refused.status_code == 422 and "The range ends before it begins." in refused.content.decode()
    assert api("read").get("reports/general-ledger/?date=nonsense").status_code == 400
    assert client.get(reverse("reports:report-list", args=[company.slug])).status_code == 200


def test_texts_of_customers_are_no_formulas(api, company):
    with system_scope(company):
        lines = (NewLine("1000", D(5)), NewLine("4000", D(-5)))
        post(NewEntry("k", DAY, lines, memo="=HYPERLINK(1)", reference="@x"))
    address = "reports/journal-register/?date=2026-12-31&from=2026-01-01&format="
    body = b"".join(api("admin").get(f"{address}csv").streaming_content).decode()
    assert "'=HYPERLINK(1)" in body and "'@x" in body
    book = load_workbook(io.BytesIO(b"".join(api("admin").get(f"{address}xlsx").streaming_content)))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value == "=HYPERLINK(1)"} == {"s"}


def open_cursors():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE is_holdable OR name <> ''")
        return cursor.fetchone()[0]


def test_a_report_that_is_cut_on_the_screen_lets_go_of_its_rows(signed_in, api, books, monkeypatch):
    monkeypatch.setattr("reports.views_reports.PAGE", 2)
    monkeypatch.setattr("reports.renderers.as_pdf.MOST_ROWS", 2)
    for name in ("general-ledger", "journal-register"):
        page = reverse("reports:report", args=[books.slug, name])
        shown = signed_in("accountant").get(page, {"from": "2026-01-01", "to": "2026-12-31"})
        assert 'rel="next"' in shown.content.decode()
        refused = signed_in("accountant").get(page, {"from": "2026-01-01", "to": "2026-12-31", "format": "pdf"})
        assert refused.status_code == 422
        assert open_cursors() == 0


def test_a_report_that_nobody_leafs_through_is_not_printed(signed_in, api, books, monkeypatch):
    monkeypatch.setattr("reports.renderers.as_pdf.MOST_ROWS", 3)
    answer = api("admin").get("reports/journal-register/?date=2026-12-31&from=2026-01-01&format=pdf")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_long_to_print")
    page = reverse("reports:report", args=[books.slug, "journal-register"])
    refused = signed_in("accountant").get(page, {"from": "2026-01-01", "to": "2026-12-31", "format": "pdf"})
    assert refused.status_code == 422 and "It has more than 3 rows" in refused.content.decode()


def test_every_report_costs_the_same_for_1_20_and_200_rows(signed_in, company):
    client, costs = signed_in("auditor"), {name: [] for name in CATALOGUE}
    with system_scope(company):
        period = Period.objects.for_company(company).get(start=datetime.date(2026, 1, 1))
        close_period(period, soft=True)
        buyer = customer()
    day = datetime.date(2026, 1, 15)
    for number in (1, 19, 180):
        with system_scope(company):
            for n in range(number):
                account = open_account(code=f"41{number}{n}", name="Sales", type="income")
                lines = (NewLine("1100", D(5), sub_account=buyer.code), NewLine(account.code, D(-5)))
                post(NewEntry(f"{number} {n}", day, lines, reason="late"))
            seal(company)
        for name, counts in costs.items():
            page = reverse("reports:report", args=[company.slug, name])
            client.get(page, {"from": "2026-01-01", "to": "2026-12-31"})
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page, {"from": "2026-01-01", "to": "2026-12-31"}).status_code == 200
            counts.append(len(queries))
    assert {name: counts for name, counts in costs.items() if len(set(counts)) > 1} == {}


def test_a_long_report_is_read_page_by_page(signed_in, books, monkeypatch):
    monkeypatch.setattr("reports.views_reports.PAGE", 4)
    client, page = signed_in("auditor"), reverse("reports:report", args=[books.slug, "journal-register"])
    asked, seen, number = {"from": "2026-01-01", "to": "2026-12-31"}, [], 1
    while True:
        body = client.get(page, asked | {"page": number}).content.decode()
        seen += figures_of_page(body)
        if 'rel="next"' not in body:
            break
        number += 1
    rows, _problems = rows_of(books, "journal-register", END)
    assert number > 2 and seen == [figure for row in rows for figure in row[1:] if figure is not None]
    assert client.get(page, asked | {"page": "x"}).status_code == client.get(page, asked | {"page": "99"}).status_code


def test_what_is_longer_than_a_sheet_goes_on_in_the_next(books, monkeypatch):
    monkeypatch.setattr("reports.renderers.as_xlsx.MOST_ROWS", 4)
    with system_scope(books):
        whole = b"".join(xlsx_of(CATALOGUE["journal-register"].make(books, Asked(END))))
        rows = list(CATALOGUE["journal-register"].make(books, Asked(END)).rows)
    sheets = load_workbook(io.BytesIO(whole)).worksheets
    heads = [[cell.value for cell in sheet[5]] for sheet in sheets]
    assert len(sheets) == len(rows) // 4 + 1 and all(head == heads[0] for head in heads)
    assert sum(sheet.max_row - 5 for sheet in sheets) == len(rows)


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_what_is_asked_as_known_at_a_moment_leads_to_what_was_known_at_it(full_books, kind):
    known_at = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
    with system_scope(full_books):
        start = datetime.date(2026, 1, 1) if "start" in kind.heeds else None
        report = kind.make(full_books, Asked(END, start, known_at=known_at, compare=kind.compare))
        links = [cell.link for row in report.rows for cell in row.cells if cell.link]
    known = [one.query.get("known") for one in links if one.page in ("reports:report", "ledger:account-ledger")]
    assert set(known) <= {known_at.isoformat()}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_every_amount_leads_to_what_is_behind_it(signed_in, full_books, kind):
    """Figure, ledger, entry: no amount stands without a page."""
    with system_scope(full_books):
        start = datetime.date(2026, 1, 1) if "start" in kind.heeds else None
        report = kind.make(full_books, Asked(END, start, compare=kind.compare))
        places = [place for place, one in enumerate(report.columns) if one.kind is Kind.AMOUNT]
        cells = [row.cells[place] for row in report.rows for place in places]
    alone = [cell.value for cell in cells if cell.value and cell.link is None]
    assert alone == []
    client = signed_in("auditor")
    for link in {cell.link.page: cell.link for cell in cells if cell.link}.values():
        address = reverse(link.page, args=[full_books.slug, *link.args], query=dict(link.query) or None)
        assert client.get(address).status_code == 200, address
