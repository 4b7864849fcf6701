"""The pages of documents and payments in the hands of people: typed, kept once, refused at the cell, posted, settled."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from invoicing.crediting import credit_document
from invoicing.document_posting import post_documents
from invoicing.models import Document, Payment
from jobs.models import Job
from tenants.approvals import set_rule
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, draft, line, posted, supplier

D = Decimal


@pytest.fixture
def address(company):
    return lambda name, *args: reverse(f"invoicing:{name}", args=[company.slug, *args])


@pytest.fixture
def buyer(company):
    with system_scope(company):
        add_tax("V20", "20")
        return customer()


@pytest.fixture
def seller(company):
    with system_scope(company):
        return supplier()


def typed(contact, *rows, **head):
    """What a browser sends of the form."""
    columns = ("item", "description", "quantity", "unit", "unit_price", "discount", "account", "tax", "credits")
    data = {
        "contact": f"{contact.code} {contact.name}", "date": "2026-03-15", "key": str(uuid.uuid4()), "then": "draft",
        **head,
    }  # fmt: skip
    for name in columns:
        data[f"line_{name}"] = [row.get(name, "") for row in (*rows, {})]
    return data


def kept(company, model, **wanted):
    with system_scope(company):
        return model.objects.for_company(company).filter(**wanted).select_related("contact").get()


def text(answer):
    return answer.content.decode()


def test_an_invoice_is_typed_and_posted_once(signed_in, address, buyer, company):
    client = signed_in("accountant")
    data = typed(
        buyer, {"description": "Work", "quantity": "2*3", "unit_price": "1,000.50", "tax": "V20", "discount": "10 %"},
        {"description": "Travel", "unit_price": "12"}, then="post",
    )  # fmt: skip
    sent = client.post(address("document-new", "invoices"), data)
    assert sent.status_code == 302, text(sent)
    invoice = kept(company, Document)
    assert (invoice.number, invoice.net, invoice.tax) == ("INV-2026-00001", D("5414.70"), D("1080.54"))
    assert client.post(address("document-new", "invoices"), data).status_code == 302
    assert kept(company, Document).pk == invoice.pk
    page = text(client.get(address("document-detail", invoice.pk)))
    assert "INV-2026-00001" in page and "6,495.24" in page and "Overdue" in page


def test_what_is_typed_wrongly_stays_and_is_marked_at_its_cell(signed_in, address, buyer):
    client = signed_in("accountant")
    data = typed(buyer, {"description": "Fine", "unit_price": "1"}, {"description": "Bad", "account": "9999 Nothing"})
    sent = client.post(address("document-new", "invoices"), data)
    assert sent.status_code == 422
    page = text(sent)
    assert "Line 2: There is no account “9999 Nothing”." in page and 'value="9999 Nothing"' in page
    assert 'aria-invalid="true"' in page and 'value="Fine"' in page
    unknown = client.post(address("document-new", "invoices"), {**data, "contact": "Nobody"})
    assert unknown.status_code == 422 and "There is no customer “Nobody”." in text(unknown)


def test_the_totals_are_reckoned_as_they_are_typed(signed_in, address, buyer):
    client = signed_in("clerk")
    row = {"description": "Work", "quantity": "3", "unit_price": "0.33", "tax": "V20"}
    shown = text(client.post(address("document-preview", "invoices"), typed(buyer, row)))
    assert "0.99" in shown and "0.20" in shown and "1.19" in shown
    empty = text(client.post(address("document-preview", "invoices"), {"date": "2026-03-15"}))
    assert "The totals follow" in empty
    wrong = text(client.post(address("document-preview", "invoices"), typed(buyer, {**row, "tax": "V99"})))
    assert "There is no tax “V99”." in wrong


def test_a_draft_is_changed_and_a_stale_page_is_refused(signed_in, address, buyer, company):
    with system_scope(company):
        invoice = draft(buyer, line("10.00"))
    client = signed_in("clerk")
    page = text(client.get(address("document-edit", invoice.pk)))
    assert 'value="10.00"' in page and "C00001 Adatum" in page
    data = typed(buyer, {"description": "Work", "unit_price": "11"}, version="1", key=str(invoice.pk))
    assert client.post(address("document-edit", invoice.pk), data).status_code == 302
    assert kept(company, Document).net == 11
    assert client.post(address("document-edit", invoice.pk), data).status_code == 409


def test_a_clerk_submits_and_an_approver_decides(signed_in, address, seller, company):
    with system_scope(company):
        set_rule("bill")
    clerk = signed_in("clerk")
    data = typed(seller, {"description": "Paper", "unit_price": "10", "account": "5000"}, then="submit")
    assert clerk.post(address("document-new", "bills"), data).status_code == 302
    bill = kept(company, Document)
    act = address("document-act", bill.pk)
    assert bill.state == "submitted"
    assert "Approve" not in text(clerk.get(address("document-detail", bill.pk)))
    approver = signed_in("approver")
    version = str(bill.version)
    missing = approver.post(act, {"act": "reject", "version": version})
    assert missing.status_code == 422 and "Say why it is rejected." in text(missing)
    assert approver.post(act, {"act": "approve", "version": version}).status_code == 302
    assert approver.post(act, {"act": "post"}).status_code == 403
    poster = signed_in("accountant")
    assert poster.post(act, {"act": "post", "version": str(bill.version + 1)}).status_code == 302
    assert kept(company, Document).number == "BILL-2026-00001"


def test_an_unapproved_bill_is_offered_for_submission_and_nothing_is_lost(signed_in, address, seller, company):
    with system_scope(company):
        set_rule("bill")
    client = signed_in("accountant")
    data = typed(seller, {"description": "Paper", "unit_price": "10", "account": "5000"}, then="post")
    refused = client.post(address("document-new", "bills"), data)
    assert refused.status_code == 422 and "Save and submit" in text(refused) and 'value="Paper"' in text(refused)
    with system_scope(company):
        assert not Document.objects.for_company(company).exists()


def test_an_invoice_is_credited_in_part_from_its_page(signed_in, address, buyer, company):
    with system_scope(company):
        invoice = posted(buyer, line("10.00", "5"))
        [own] = invoice.lines.filter(company=company)
    client = signed_in("accountant")
    page = text(client.get(address("document-credit", invoice.pk)))
    assert f'name="quantity-{own.pk}" value="5"' in page
    data = {"date": "2026-03-20", "reason": "Broken", f"quantity-{own.pk}": "6"}
    over = client.post(address("document-credit", invoice.pk), data)
    assert over.status_code == 422 and "Only 5 is left of the line." in text(over)
    assert client.post(address("document-credit", invoice.pk), {**data, f"quantity-{own.pk}": "2"}).status_code == 302
    note = kept(company, Document, kind="credit_note")
    assert note.total == 20
    assert client.post(address("document-act", note.pk), {"act": "post"}).status_code == 302
    shown = text(client.get(address("document-detail", invoice.pk)))
    assert "CN-2026-00001" in shown and "30.00" in shown


def test_a_receipt_is_noted_for_what_is_open(signed_in, address, buyer, company):
    with system_scope(company):
        first, second = posted(buyer, line("100.00")), posted(buyer, line("50.00"))
    client = signed_in("accountant")
    page = text(client.get(address("payment-new") + f"?document={first.pk}"))
    assert f'name="amount-{first.pk}" value="100.00"' in page and second.number in page
    data = {
        "way": "receipt", "contact": f"{buyer.code} {buyer.name}", "date": "2026-03-20", "amount": "120",
        "account": "1000", "method": "transfer", "key": str(uuid.uuid4()), "then": "post",
        f"amount-{first.pk}": "100", f"amount-{second.pk}": "25",
    }  # fmt: skip
    over = client.post(address("payment-new"), data)
    assert over.status_code == 422 and "The parts are more than the payment." in text(over)
    sent = client.post(address("payment-new"), {**data, f"amount-{second.pk}": "20"})
    assert sent.status_code == 302, text(sent)
    payment = kept(company, Payment)
    assert payment.number == "RCT-2026-00001"
    assert client.post(address("payment-new"), {**data, f"amount-{second.pk}": "20"}).status_code in (302, 409, 422)
    assert kept(company, Payment).pk == payment.pk
    assert "Partly paid" in text(client.get(address("document-detail", second.pk))) or "Overdue" in text(
        client.get(address("document-detail", second.pk))
    )
    act = address("payment-act", payment.pk)
    missing = client.post(act, {"act": "reverse", "date": "2026-03-25"})
    assert missing.status_code == 422
    assert client.post(act, {"act": "reverse", "date": "2026-03-25", "reason": "Returned"}).status_code == 302
    assert "Reversed" in text(client.get(address("payment-detail", payment.pk)))


def test_too_much_is_refused_at_its_row(signed_in, address, buyer, company):
    with system_scope(company):
        invoice = posted(buyer, line("100.00"))
    data = {
        "way": "receipt", "contact": buyer.code, "date": "2026-03-20", "amount": "120", "account": "1000",
        "method": "transfer", "key": str(uuid.uuid4()), "then": "post", f"amount-{invoice.pk}": "120",
    }  # fmt: skip
    refused = signed_in("accountant").post(address("payment-new"), data)
    assert refused.status_code == 422 and "Only 100 of Invoice INV-2026-00001 is open." in text(refused)
    assert f'name="amount-{invoice.pk}" value="120"' in text(refused)
    with system_scope(company):
        assert not Payment.objects.for_company(company).exists()


def test_a_quote_becomes_an_invoice(signed_in, address, buyer, company):
    with system_scope(company):
        quote = draft(buyer, line("10.00"), kind="quote")
    client = signed_in("accountant")
    assert client.post(address("document-act", quote.pk), {"act": "convert"}).status_code == 302
    invoice = kept(company, Document, kind="invoice")
    assert (invoice.made_from_id, invoice.total) == (quote.pk, 10)


def test_lists_export_and_empty_lists_say_what_to_do(signed_in, address, buyer, company):
    client = signed_in("accountant")
    assert "There are no invoices yet." in text(client.get(address("document-list", "invoices")))
    with system_scope(company):
        posted(buyer, line("10.00"), reference="=1+1")
    csv = client.get(address("document-list", "invoices") + "?format=csv")
    body = b"".join(csv.streaming_content).decode() if csv.streaming else text(csv)
    assert "INV-2026-00001" in body and "'=1+1" in body
    sums = text(client.get(address("document-sums", "invoices")))
    assert "1 open" in sums and "10.00" in sums, sums
    assert "Nothing here matches." in text(client.get(address("document-list", "invoices") + "?text=zebra"))


def test_readers_see_and_change_nothing(signed_in, address, buyer, company):
    with system_scope(company):
        invoice = posted(buyer, line("10.00"))
        note = credit_document(invoice.pk, date=DAY, reason="Returned")
    reader = signed_in("auditor")
    assert reader.get(address("document-detail", invoice.pk)).status_code == 200
    assert reader.get(address("document-new", "invoices")).status_code == 403
    assert reader.get(address("payment-new")).status_code == 403
    for act in ("submit", "post", "delete"):
        assert reader.post(address("document-act", note.pk), {"act": act}).status_code == 403
    assert reader.get(address("document-detail", uuid.uuid4())).status_code == 404


def test_a_list_takes_as_many_queries_for_two_hundred_rows_as_for_one(signed_in, address, buyer, company):
    client = signed_in("accountant")
    counts = []
    client.get(address("document-list", "invoices"))
    for more in (1, 19, 180):
        with system_scope(company):
            post_documents([draft(buyer, line("10.00")).pk for _number in range(more)])
        with CaptureQueriesContext(connection) as queries:
            client.get(address("document-list", "invoices"))
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_many_drafts_are_posted_from_their_list(signed_in, address, company, buyer):
    with system_scope(company):
        drafts = [draft(buyer, line("10.00")) for _number in range(3)]
    client = signed_in("accountant")
    shown = text(client.get(address("document-list", "invoices"), {"state": "draft"}))
    assert shown.count('name="document"') == 3 and "Post all 3" in shown
    assert 'name="document"' not in text(client.get(address("document-list", "invoices")))
    post = address("documents-post", "invoices")
    nothing = client.post(post, {"state": "draft", "document": ["x"]}, follow=True)
    assert "Choose at least one." in text(nothing)
    for sent in ({"document": [drafts[0].pk], "key": "a"}, {"all": "yes", "state": "draft", "key": "b"}):
        assert "/jobs/" in client.post(post, sent)["Location"]
    with system_scope(company):
        jobs = Job.objects.for_company(company).filter(kind="invoicing.post_documents").order_by("id")
        assert [len(job.parameters["documents"]) for job in jobs] == [1, 3]
    assert signed_in("clerk").post(post, {"document": [drafts[0].pk]}).status_code == 403
