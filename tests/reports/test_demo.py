"""The demo shows what Daybook does, in the charts of both of its companies."""

import datetime
import uuid

import pytest
from django.utils import timezone

from accounting.models import Contact, Item
from accounting.periods import set_lock_date
from invoicing.approval_inbox import documents_waiting
from invoicing.document_listing import documents_of, status_of
from invoicing.models import Document, RecurringDocument
from ledger.draft_approval import waiting_for
from ledger.models import Allocation, AutoReversal, DeferralPart, Draft, Limit, RecurringEntry, Settlement
from ledger.open_items import open_items, tie_outs
from reports.demo import COMPANIES
from reports.demo_books import STORIES, DemoBooks
from reports.demo_desk import lay_out_desk
from tenants.companies import create_company
from tenants.permissions import permissions_of_role
from tenants.scope import Actor, company_scope, current_scope


@pytest.mark.parametrize("details", COMPANIES, ids=lambda details: details["slug"])
def test_a_company_of_the_demo_has_something_of_everything(db, details):
    fields, today = dict(details), timezone.localdate()
    story = STORIES[fields["slug"]]
    fields["slug"] += f"-{uuid.uuid4().hex[:8]}"
    clerk = Actor(type="user", name="Clerk", id=uuid.uuid4(), permissions=permissions_of_role("clerk"))
    company = create_company(options={"chart": fields.pop("chart")}, **fields)
    with company_scope(company, actor=Actor.command("demo")):
        books = DemoBooks(company, story)
        books.write((today - datetime.timedelta(days=120)).replace(day=1), today)
        lay_out_desk(books, today, clerk)
        set_lock_date("all", today - datetime.timedelta(days=60))

        assert Settlement.objects.for_company(company).count() >= 4
        assert 0 < len(open_items(company, today)) < Allocation.objects.for_company(company).count()
        assert all(one.is_equal for one in tie_outs(company, today))
        recognised = DeferralPart.objects.for_company(company).exclude(entry=None)
        assert 0 <= recognised.count() < 12
        assert {draft.state for draft in Draft.objects.for_company(company)} == {"draft", "submitted"}
        assert waiting_for(uuid.uuid4()).count() == 1
        for model in (AutoReversal, RecurringEntry, Limit):
            assert model.objects.for_company(company).count() == 1, model
        documents = documents_of(company, Document.Kind.values, today)
        states = {(one.kind, status_of(one)) for one in documents}
        assert {("invoice", state) for state in ("paid", "partly_paid", "overdue", "draft")} <= states
        assert {("bill", "submitted"), ("bill", "paid"), ("credit_note", "paid"), ("quote", "draft")} <= states
        assert RecurringDocument.objects.for_company(company).count() == 1
        assert documents_waiting(current_scope()) == 1
        assert Item.objects.for_company(company).count() == 10
        assert Contact.objects.for_company(company).exclude(customer_terms=None, supplier_terms=None).count() >= 5
