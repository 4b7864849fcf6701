"""What waits for approval is in one place; the admin lists, submits and posts; an entry leads back to its document."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.models import Account
from invoicing.approving import submit_document, submit_payment
from invoicing.models import Document, Payment
from invoicing.payments import PaymentContent, save_payment
from tenants.approvals import set_rule
from tenants.scope import current_scope
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, draft, line, posted, supplier

D = Decimal


def paying(contact, amount):
    bank = Account.objects.for_company(current_scope().company).get(code="1000")
    return save_payment(
        PaymentContent(
            direction="out", role="supplier", contact=contact.pk, date=DAY, amount=D(amount), account=bank.pk
        )
    )  # fmt: skip


@pytest.fixture
def waiting(company):
    """A bill and a payment that somebody has to approve."""
    with system_scope(company):
        for subject in ("bill", "payment"):
            set_rule(subject, minimum=D("10"))
        seller = supplier()
        bill = submit_document(draft(seller, line("100.00"), reference="B1").pk)
        payment = submit_payment(paying(seller, "70.00").pk)
        assert {bill.state, payment.state} == {"submitted"}
        return bill, payment


def test_the_inbox_shows_what_waits_and_decides_it_at_once(signed_in, company, waiting):
    bill, _payment = waiting
    address = reverse("invoicing:approval-list", args=[company.slug])
    client = signed_in("approver")
    page = client.get(address).content.decode()
    assert "B1" in page and "70.00" in page and page.count('<span class="tally">2</span>') == 1
    assert client.post(address, {"decision": "approve"}).status_code == 422
    both = [f"{one.pk}:{one.version}" for one in waiting]
    assert client.post(address, {"decision": "reject", "row": both}).status_code == 422
    stale = client.post(address, {"decision": "approve", "row": [f"{bill.pk}:9", both[1], "nonsense"]})
    assert "changed meanwhile" in stale.content.decode()
    with system_scope(company):
        assert Document.objects.for_company(company).get().state == "submitted"
        assert Payment.objects.for_company(company).get().state == "approved"
    client.post(address, {"decision": "reject", "row": both[:1], "reason": "Too dear"})
    with system_scope(company):
        assert Document.objects.for_company(company).get().state == "rejected"
    assert "Nothing waits for your approval." in client.get(address).content.decode()


def test_nobody_is_asked_about_their_own_or_twice(signed_in, company, waiting):
    client = signed_in("clerk")
    assert "Nothing waits" in client.get(reverse("invoicing:approval-list", args=[company.slug])).content.decode()
    drafts = signed_in("approver").get(reverse("ledger:approval-list", args=[company.slug])).content.decode()
    assert "Documents and payments" in drafts and '<span class="tally">2</span>' in drafts


@pytest.mark.parametrize("many", [1, 20])
def test_the_inbox_costs_the_same_for_one_and_many(signed_in, company, many):
    with system_scope(company):
        set_rule("bill", minimum=D("10"))
        for number in range(many):
            submit_document(draft(supplier(f"S{number}"), line("100.00"), reference=f"B{number}").pk)
    client = signed_in("approver")
    address = reverse("invoicing:approval-list", args=[company.slug])
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) <= 32, len(asked)


def test_the_admin_posts_what_was_chosen_and_says_what_was_refused(signed_in, company):
    with system_scope(company):
        good, empty = draft(customer(), line("10.00")), draft(customer("Contoso"))
    client = signed_in("accountant")
    client.get(reverse("reports:dashboard", args=[company.slug]))
    chosen = {"action": "post_chosen", "_selected_action": [str(good.pk), str(empty.pk)]}
    asked = client.post("/admin/invoicing/document/", chosen)
    assert "Post them?" in asked.content.decode()
    seen = [f"{one.pk}:{one.version}" for one in (good, empty)]
    done = client.post("/admin/invoicing/document/", {**chosen, "seen": seen}, follow=True).content.decode()
    assert "1 are posted." in done
    with system_scope(company):
        assert Document.objects.for_company(company).get(pk=good.pk).number == "INV-2026-00001"
        assert Document.objects.for_company(company).get(pk=empty.pk).state == "draft"
    for address in (f"document/{good.pk}", f"document/{empty.pk}"):
        assert client.get(f"/admin/invoicing/{address}/change/").status_code == 200
    assert signed_in("auditor").post("/admin/invoicing/document/", {**chosen, "seen": seen}).status_code in (302, 403)
    with system_scope(company):
        assert Document.objects.for_company(company).filter(state="posted").count() == 1


def test_an_entry_leads_back_to_what_made_it(signed_in, company):
    with system_scope(company):
        invoice = posted(customer(), line("10.00"))
    page = signed_in("clerk").get(reverse("ledger:entry-detail", args=[company.slug, invoice.entry_id]))
    assert reverse("invoicing:document-detail", args=[company.slug, invoice.pk]) in page.content.decode()
