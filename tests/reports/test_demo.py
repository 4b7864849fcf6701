"""The demo shows what Daybook does, in the charts of both of its companies."""

import datetime
import uuid

import pytest
from django.utils import timezone

from accounting.fiscal_years import open_fiscal_year
from accounting.models import Contact, FiscalYear, Item
from accounting.periods import set_lock_date
from invoicing.approval_inbox import documents_waiting
from invoicing.document_listing import documents_of, status_of
from invoicing.models import Document, RecurringDocument
from ledger.draft_approval import waiting_for
from ledger.models import Allocation, AutoReversal, BudgetLine, DeferralPart, Draft, Limit, RecurringEntry, Settlement
from ledger.open_items import open_items, tie_outs
from ledger.posting import post
from reports.demo import COMPANIES
from reports.demo_books import STORIES, DemoBooks
from reports.demo_desk import lay_out_desk
from reports.demo_reports import plan_year, report_every_month, sign_last_month
from reports.models import ReportDecision, ReportRun
from tenants.companies import create_company
from tenants.permissions import permissions_of_role
from tenants.scope import Actor, company_scope, current_scope
from tests.books import sale
from tests.conftest import make_member


def person(company, role):
    user = make_member(company, role)
    return Actor(type="user", name=str(user), id=user.pk, permissions=permissions_of_role(role))


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


def test_the_demo_has_plans_and_signed_statements(committed_company):
    """A year before and this one, so that there is something to plan by and to sign."""
    today = timezone.localdate()
    maker, checker = (person(committed_company, role) for role in ("controller", "owner"))
    with company_scope(committed_company, actor=Actor.command("demo")):
        for year in (today.year - 1, today.year):
            if not FiscalYear.objects.for_company(committed_company).filter(name=str(year)).exists():
                open_fiscal_year(datetime.date(year, 1, 1))
        post(sale("1000.00", date=datetime.date(today.year - 1, 3, 1)))
        post(sale("70.00", date=today.replace(day=1) - datetime.timedelta(days=1)))
        budget = plan_year(committed_company, today)
        planned = BudgetLine.objects.for_company(committed_company).filter(budget=budget)
        assert [(line.month.month, line.amount) for line in planned] == [(3, 1050)] and budget.state == "active"
    with company_scope(committed_company, actor=checker):
        assert report_every_month(today).next_date > today
    sign_last_month(committed_company, today, maker, checker)
    with company_scope(committed_company, actor=Actor.command("demo")):
        runs = ReportRun.objects.for_company(committed_company)
        assert sorted(runs.values_list("report", flat=True)) == ["aged-receivables", "balance-sheet", "profit-and-loss"]
        signed = ReportDecision.objects.for_company(committed_company).get(kind="signed")
        assert signed.run.report == "profit-and-loss" and signed.run.made_by_id == maker.id != signed.by_id
