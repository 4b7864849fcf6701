"""The statement of account: opening balance, what came and went, closing balance, by currency; by page, file, e-mail."""

import datetime
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from accounting.accounts import open_account
from accounting.models import Account
from accounting.rates import set_rate
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from invoicing.payment_posting import post_payment
from invoicing.payments import PartContent, PaymentContent, save_payment
from invoicing.refusals import DocumentRefused
from invoicing.statement import statement_of
from invoicing.statement_letter import mail_statement, statement_file
from jobs.models import OutboundMail
from ledger.models import Line
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, line, posted

D = Decimal


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def later(days):
    return DAY + datetime.timedelta(days=days)


@pytest.fixture
def buyer(company):
    """An invoice before, then one of each kind, in two currencies; another customer has one too."""
    with system_scope(company):
        open_account(code="4900", name="Exchange gains", type="income", role="exchange_gain")
        buyer = customer(email="buyer@example.com")
        posted(buyer, line("100.00"), date=later(-60), due_date=later(-30))
        invoice = posted(buyer, line("50.00"), reference="PO 1")
        post_document(credit_document(invoice.pk, date=later(1), reason="Broken").pk)
        set_rate("USD", later(-90), D("0.5"), source="test")
        dollars = posted(buyer, line("40.00"), currency="USD", date=later(2))
        set_rate("USD", later(3), D("0.8"), source="test")
        bank = Account.objects.for_company(company).get(code="1000")
        content = PaymentContent(
            direction="in", role="customer", contact=buyer.pk, date=later(3), amount=D("15"), currency="USD",
            account=bank.pk, parts=[PartContent(document=dollars.pk, amount=D("15"))],
        )  # fmt: skip
        post_payment(save_payment(content).pk)
        posted(customer("Contoso"), line("7.00"))
        return buyer


def shown(company, contact, start, end):
    return [
        (one.currency, one.opening, [(row.kind, row.amount) for row in one.lines], one.closing)
        for one in statement_of(company, contact, start, end)
    ]


def test_it_begins_with_what_was_open_and_ends_with_what_is(company, buyer):
    with system_scope(company):
        assert shown(company, buyer, DAY, later(9)) == [
            ("EUR", D("100"), [("Invoice", D("50")), ("Credit note", D("-50"))], D("100")),
            ("USD", D("0"), [("Invoice", D("40")), ("Payment", D("-15"))], D("25")),
        ]
        assert shown(company, buyer, later(-90), later(-70)) == []
        assert shown(company, buyer, later(10), later(20)) == [
            ("EUR", D("100"), [], D("100")),
            ("USD", D("25"), [], D("25")),
        ]
        with pytest.raises(DocumentRefused):
            statement_of(company, buyer, later(1), DAY)


def test_its_balances_are_those_of_the_ledger(company, buyer):
    with system_scope(company):
        for end in (DAY, later(1), later(2), later(30)):
            lines = Line.objects.for_company(company).filter(sub_account__contact=buyer, date__lte=end)
            owed: dict[str, Decimal] = {}
            for one in lines:
                owed[one.currency] = owed.get(one.currency, D(0)) + one.currency_amount
            closing = {one.currency: one.closing for one in statement_of(company, buyer, later(-900), end)}
            assert closing == {code: amount for code, amount in owed.items() if code in closing}


def test_it_goes_by_mail_once(company, buyer):
    with system_scope(company):
        text = "".join(
            page.extract_text() for page in PdfReader(io.BytesIO(statement_file(buyer, DAY, later(9)).content)).pages
        )
        assert "Statement of account" in text and "25.00" in text and "100.00" in text
        mail = mail_statement(buyer.pk, DAY, later(9), key="a")
        assert mail_statement(buyer.pk, DAY, later(9), key="a").pk == mail.pk
        assert "balance is 100.00 EUR" in mail.body_text and mail.attachments[0]["name"].endswith(".pdf")


def test_the_page_shows_exports_and_sends_it(signed_in, company, buyer):
    client = signed_in("accountant")
    address = reverse("invoicing:contact-statement", args=[company.slug, buyer.pk])
    days = {"start": DAY, "end": later(9)}
    page = client.get(address, days).content.decode()
    assert "Opening balance" in page and "25.00" in page
    assert "Nothing was open" in client.get(address, {"start": "2020-01-01", "end": "2020-02-01"}).content.decode()
    assert client.get(address, {"start": later(9), "end": DAY}).status_code == 422
    assert b"opening" in b"".join(client.get(address, {**days, "format": "csv"}))
    assert client.get(address, {**days, "format": "pdf"}).content.startswith(b"%PDF")
    for _twice in range(2):
        assert client.post(address, {**days, "key": "one"}).status_code == 302
    with system_scope(company):
        assert OutboundMail.objects.for_company(company).count() == 1
    assert client.get(reverse("accounting:contact-detail", args=[company.slug, buyer.pk])).status_code == 200


def test_the_api_shows_and_sends_it(api, company, buyer):
    office = api("read", "write", "post")
    path = f"contacts/{buyer.pk}/statement/"
    euros, dollars = office.get(path, start=str(DAY), end=str(later(9))).json()
    assert (D(euros["closing"]), D(dollars["closing"]), dollars["lines"][1]["kind"]) == (D(100), D(25), "payment")
    assert office.get(path).status_code == 400
    sent = office.post(path, {"start": str(DAY), "end": str(later(9)), "to": ["a@example.com"]})
    assert sent.status_code == 202, sent.json()["detail"]
    assert sent.json()["to"] == ["a@example.com"]
    assert api("read").post(path, {"start": str(DAY), "end": str(later(9))}).status_code == 403


@pytest.mark.parametrize("many", [1, 20])
def test_it_costs_the_same_for_few_and_many_lines(company, many):
    with system_scope(company):
        buyer = customer()
        for _number in range(many):
            posted(buyer, line("1.00"))
        with CaptureQueriesContext(connection) as asked:
            statement_of(company, buyer, DAY, DAY)
    assert len(asked) <= 3
