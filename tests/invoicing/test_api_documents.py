"""Documents and payments by the API: drafted, posted, credited, paid; refused with a code and the place."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.business_day import business_day
from tenants.approvals import set_rule
from tenants.fields import new_id
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, draft, line, posted, supplier

D = Decimal
LINES = [{"description": "Work", "quantity": "2", "unit_price": "100", "tax": "V20"}]


@pytest.fixture
def office(api):
    return api("read", "write", "post", "admin")


@pytest.fixture
def buyer(company):
    with system_scope(company):
        add_tax("V20", "20")
        return customer()


@pytest.fixture
def seller(company):
    with system_scope(company):
        return supplier()


def made(office, path, body, **more):
    answer = office.post(path, body, **more)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def done(answer):
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_an_invoice_from_draft_to_paid(office, buyer):
    body = {"contact": buyer.code, "date": "2026-03-15", "lines": LINES, "reference": "PO 7"}
    invoice = made(office, "invoices/", body, key="first")
    assert office.post("invoices/", body, key="first").json() == invoice
    assert (invoice["state"], invoice["number"], invoice["total"], invoice["status"]) == (
        "draft", "", "240.000000", "draft",
    )  # fmt: skip
    path = f"invoices/{invoice['id']}/"
    tag = office.get(path)["ETag"]
    changed = done(office.put(path, {**body, "reference": "PO 8"}, **{"If-Match": tag}))
    assert changed["reference"] == "PO 8" and changed["lines"][0]["tax"] == "V20"
    assert office.put(path, body, **{"If-Match": tag}).status_code == 412
    assert office.put(path, body).status_code == 428

    posting = done(office.post(f"{path}post/"))
    assert (posting["number"], posting["status"], posting["open"]) == ("INV-2026-00001", "overdue", "240.000000")
    assert [(row["tax"], row["base"], row["amount"]) for row in posting["taxes"]] == [
        ("V20", "200.000000", "40.000000")
    ]
    assert done(office.post(f"{path}post/"))["number"] == "INV-2026-00001"
    assert office.put(path, body, **{"If-Match": office.get(path)["ETag"]}).json()["code"] == "document_settled"
    assert office.delete(path).json()["code"] == "document_settled"

    paid = made(
        office, "payments/",
        {
            "direction": "in", "role": "customer", "contact": buyer.code, "date": "2026-03-20", "amount": "140.00",
            "parts": [{"document": invoice["id"], "amount": "140.00"}],
        },
    )  # fmt: skip
    payment = done(office.post(f"payments/{paid['id']}/post/"))
    assert (payment["number"], payment["status"], payment["open"]) == ("RCT-2026-00001", "posted", "0.000000")
    assert done(office.get(path))["open"] == "100.000000"
    back = done(office.post(f"payments/{paid['id']}/reverse/", {"date": "2026-03-25", "reason": "Returned"}))
    assert back["status"] == "reversed"
    assert done(office.get(path))["open"] == "240.000000"


def test_a_credit_note_in_part_and_the_rest(office, buyer, company):
    with system_scope(company):
        invoice = posted(buyer, line("10.00", "10", "V20"))
    path = f"invoices/{invoice.pk}/"
    [own] = done(office.get(path))["lines"]
    note = made(office, f"{path}credit/", {"reason": "Broken", "quantities": {own["id"]: "1"}, "date": "2026-03-20"})
    assert (note["kind"], note["total"], note["credits"]) == ("credit_note", "12.000000", str(invoice.pk))
    assert done(office.post(f"credit-notes/{note['id']}/post/"))["status"] == "paid"
    more = office.post(f"{path}credit/", {"reason": "Broken", "quantities": {own["id"]: "9.5"}})
    assert (more.status_code, more.json()["code"]) == (422, "over_credited")
    rest = made(office, f"{path}credit/", {"reason": "The rest", "date": "2026-03-20"})
    done(office.post(f"credit-notes/{rest['id']}/post/"))
    assert done(office.get(path))["status"] == "reversed"


def test_what_is_paid_on_account_is_set_off(office, buyer, company):
    paid = made(
        office, "payments/",
        {"direction": "in", "role": "customer", "contact": buyer.code, "date": "2026-03-15", "amount": "50"},
    )  # fmt: skip
    done(office.post(f"payments/{paid['id']}/post/"))
    with system_scope(company):
        invoice = posted(buyer, line("30.00"))
    applied = done(office.post(f"payments/{paid['id']}/apply/", {"documents": [str(invoice.pk)]}, key="apply"))
    assert applied["open"] == "20.000000"
    assert done(office.post(f"payments/{paid['id']}/apply/", {"documents": [str(invoice.pk)]}, key="apply")) == applied
    assert done(office.get(f"invoices/{invoice.pk}/"))["status"] == "paid"


def test_several_are_posted_together_or_not_at_all(office, buyer, company):
    with system_scope(company):
        good, bad = draft(buyer, line("10.00")), draft(buyer, line("-10.00"))
    refused = office.post("invoices/post/", {"documents": [str(good.pk), str(bad.pk)]})
    assert (refused.status_code, refused.json()["place"]) == (422, "documents[1].lines")
    assert done(office.get(f"invoices/{good.pk}/"))["state"] == "draft"
    assert [one["number"] for one in done(office.post("invoices/post/", {"documents": [str(good.pk)]}))] == [
        "INV-2026-00001"
    ]


def test_a_bill_is_approved_by_somebody_else(office, seller, company, api):
    with system_scope(company):
        set_rule("bill", minimum=D(100))
    bill = made(
        office, "bills/",
        {"contact": seller.code, "date": "2026-03-15", "lines": [{"unit_price": "100", "account": "5000"}]},
    )  # fmt: skip
    path = f"bills/{bill['id']}/"
    assert office.post(f"{path}post/").json()["code"] == "approval_needed"
    assert done(office.post(f"{path}submit/"))["state"] == "submitted"
    assert office.post(f"{path}approve/").json()["code"] == "self_approval"
    other = api("admin")
    assert done(other.post(f"{path}approve/", {"reason": "Fine"}))["state"] == "approved"
    assert done(office.post(f"{path}post/"))["number"] == "BILL-2026-00001"


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"shoe_size": 43}, "unknown_field", "shoe_size"),
        ({"contact": "C99999"}, "wrong_contact", "contact"),
        ({"date": "15.3.2026"}, "bad_date", "date"),
        ({"kind": "bill"}, "invalid_document", "kind"),
        ({"currency": "XXX"}, "invalid_document", "currency"),
        ({"terms": "NEVER"}, "unknown_payment_terms", "terms"),
        ({"lines": [{"unit_price": "1e3"}]}, "bad_amount", "lines[0].unit_price"),
        ({"lines": [{"tax": "V99"}]}, "unknown_tax", "lines[0].tax"),
        ({"lines": [{"item": "NONE"}]}, "invalid_document", "lines[0].item"),
        ({"stated_taxes": {"V20": "1.00"}}, "invalid_document", "stated_taxes.V20"),
    ],
)
def test_what_cannot_be_kept_has_a_code_and_a_place(office, buyer, body, code, place):
    refused = office.post("invoices/", {"contact": buyer.code, "date": "2026-03-15", "lines": LINES, **body})
    found = refused.json()
    place_of = found.get("place") or found["errors"][0]["place"]
    code_of = found["code"] if found["code"] != "validation_failed" else found["errors"][0]["code"]
    assert 400 <= refused.status_code < 500
    assert (code_of, place_of) == (code, place), found


def test_an_id_of_the_callers_own_is_kept_once(office, buyer):
    body = {"id": str(new_id()), "contact": buyer.code, "date": "2026-03-15", "lines": LINES}
    assert made(office, "invoices/", body)["id"] == made(office, "invoices/", body)["id"] == body["id"]
    assert office.post("invoices/", {**body, "reference": "other"}).json()["code"] == "saved_before"


def test_lists_are_narrowed(office, buyer, seller, company):
    with system_scope(company):
        today = business_day(company)
        late = posted(buyer, line("10.00"), reference="late")
        fresh = posted(buyer, line("20.00"), date=today)
        posted(seller, line("30.00"))
        kept = draft(buyer, line("40.00"))
    for query, found in (
        ({}, [fresh, kept, late]), ({"status": "overdue"}, [late]), ({"status": "open"}, [fresh]),
        ({"status": "draft"}, [kept]), ({"status": "unpaid"}, [fresh, late]), ({"search": "LATE"}, [late]),
        ({"status": "paid"}, []), ({"status": "reversed"}, []), ({"status": "partly_paid"}, []),
        ({"start": "2026-03-16"}, [fresh]), ({"end": "2026-03-15"}, [kept, late]), ({"currency": "USD"}, []),
        ({"contact": str(seller.pk)}, []),
    ):  # fmt: skip
        rows = done(office.get("invoices/", **query))["results"]
        assert sorted(row["id"] for row in rows) == sorted(str(one.pk) for one in found), query
    assert office.get("invoices/", status="lost").status_code == 400
    assert len(done(office.get("bills/"))["results"]) == 1
    sparse = done(office.get("invoices/", fields="id,open"))["results"]
    assert set(sparse[0]) == {"id", "open"}


@pytest.mark.parametrize("path", ["invoices/", "payments/"])
def test_a_list_takes_as_many_queries_for_two_hundred_rows_as_for_one(office, buyer, company, path):
    from invoicing.document_posting import post_documents
    from invoicing.payment_posting import post_payment
    from invoicing.payments import PaymentContent, save_payment

    counts = []
    for more in (1, 19, 180):
        with system_scope(company):
            if path == "invoices/":
                post_documents([draft(buyer, line("10.00")).pk for _number in range(more)])
            else:
                for _number in range(more):
                    post_payment(save_payment(PaymentContent("in", "customer", buyer.pk, DAY, D(1))).pk)
        office.get(path)  # notes, once a minute, that the key is in use
        with CaptureQueriesContext(connection) as queries:
            done(office.get(path, page_size=200))
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_dates_are_days_whatever_the_time_zone(office, buyer, company):
    """T37: what is dated a day is of that day and its period, however far west or east the company is."""
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        type(company).objects.filter(pk=company.pk).update(time_zone=zone)
        invoice = made(office, "invoices/", {"contact": buyer.code, "date": "2026-03-31", "lines": LINES})
        shown = done(office.post(f"invoices/{invoice['id']}/post/"))
        assert (shown["date"], shown["instalments"][0]["due_date"]) == ("2026-03-31", "2026-03-31")
    assert datetime.date.fromisoformat(shown["date"]) == datetime.date(2026, 3, 31)
