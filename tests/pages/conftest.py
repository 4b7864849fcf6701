"""Pages in the hands of people: addresses of a company, books with something in them."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests.books import new_entry, sale


@pytest.fixture
def page_of(company: Any) -> Any:
    """The address of a page of the company: `page_of("ledger:entry-list")`."""
    return lambda name, *args: reverse(name, args=[company.slug, *args])


@pytest.fixture
def post_entries(company: Any) -> Any:
    """Posts entries as the system: `post_entries(sale("5.00"))`; answers with what was posted."""
    from ledger.posting import post_many
    from tenants.scope import Actor, company_scope

    def post(*entries: Any) -> Any:
        with company_scope(company, actor=Actor.system("test")):
            return post_many(entries)

    return post


def inside(company: Any) -> Any:
    """Inside the company: rows are seen nowhere else."""
    from tenants.scope import Actor, company_scope

    return company_scope(company, actor=Actor.system("test"))


def fill_books(company: Any) -> None:
    """A year of a small trade: sales, rent, dollars, days of leave, a reversal; sealed, but for the last entry."""
    from accounting.accounts import freeze_account, open_account
    from accounting.models import Account
    from accounting.rates import set_rate
    from ledger.posting import post_many
    from ledger.proposals import NewEntry, NewLine
    from ledger.reversal import reverse as reverse_entry
    from ledger.sealing import seal
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("Ann Example")):
        heading = open_account(code="10", name="Liquid funds", type="asset", subtype="heading")
        Account.objects.for_company(company).filter(code__in=["1000", "1010"]).update(parent=heading)
        open_account(code="6100", name="Travel and subsistence, including conference fees", type="expense")
        freeze_account(open_account(code="6900", name="Sundry expenses", type="expense"))
        set_rate("USD", datetime.date(2026, 1, 1), Decimal("0.91"), source="ECB")
        for year in (2025, 2026):
            for month in range(1, 13 if year == 2025 else 12):
                day = datetime.date(year, month, 12)
                amount = Decimal(40_000 + 3171 * month + (year - 2025) * 6000) / 4
                post_many([
                    sale(f"{amount:.2f}", date=day, memo=f"Sales {day:%B}", reference=f"INV-{day:%y%m}"),
                    new_entry(("5000", "3850.50"), ("1000", "-3850.50"), date=day, memo="Rent of the office, harbour side"),
                    new_entry(("5000", f"{amount / 3:.2f}"), ("2100", f"-{amount / 3:.2f}"), date=day, memo="Services"),
                ])  # fmt: skip
        post_many([
            NewEntry("usd", datetime.date(2026, 5, 4), (
                NewLine("1010", Decimal("1200"), currency="USD"), NewLine("4000", Decimal("-1092"))), memo="Dollars"),
            NewEntry("days", datetime.date(2026, 6, 1), (
                NewLine("9000", Decimal("2.5"), currency="DAY"), NewLine("9010", Decimal("-2.5"), currency="DAY"))),
        ])  # fmt: skip
        wrong = post_many([sale("77.00", key="wrong", date=datetime.date(2026, 7, 1), memo="Posted twice")])[0]
        reverse_entry(wrong.id, date=datetime.date(2026, 7, 2), reason="Entered twice")
    seal(company)
    with company_scope(company, actor=Actor.system("Ann Example")):
        post_many([sale("1250.00", key="tail", date=datetime.date(2026, 11, 20), memo="Not sealed yet")])


@pytest.fixture
def drafting(company: Any) -> Any:
    """Works on drafts as a member of a role: `drafting("clerk", save_draft, content())`."""
    return lambda role, act, *args, **fields: as_role(company, role, act, *args, **fields)


def as_role(company: Any, role: str, act: Any, *args: Any, **fields: Any) -> Any:
    """Do the act as a new member of this role."""
    from tenants.permissions import permissions_of_role
    from tenants.scope import Actor, company_scope
    from tests.conftest import make_member

    user = make_member(company, role)
    actor = Actor(type="user", name=str(user), id=user.pk, permissions=permissions_of_role(role))
    with company_scope(company, actor=actor):
        return act(*args, **fields)


def drafted(amount: str = "100.00", memo: str = "Cash sale", **fields: Any) -> Any:
    """The content of a draft of a sale."""
    from ledger.draft_content import DraftContent, DraftedLine
    from tests.books import DAY

    value = Decimal(amount)
    lines = [DraftedLine("1000", value), DraftedLine("4000", -value)]
    return DraftContent(fields.pop("date", DAY), lines, memo=memo, **fields)


def rule(company: Any, **fields: Any) -> Any:
    """An approval rule of the company."""
    from tenants.approvals import set_rule

    with inside(company):
        return set_rule("entry", **fields)


def fetched(company: Any, model: Any, **wanted: Any) -> Any:
    """The one row of the company."""
    with inside(company):
        return model.objects.for_company(company).get(**wanted)


def fill_drafts(company: Any) -> list[str]:
    """A draft in every state, templates, what comes again and could not, a planned reversal; their addresses."""
    from accounting.periods import set_lock_date
    from ledger.draft_approval import approve_draft, post_draft, reject_draft, submit_draft
    from ledger.draft_content import DraftContent, DraftedLine
    from ledger.drafts import save_draft
    from ledger.entry_templates import save_template
    from ledger.models import Draft
    from ledger.recurring import make_due, start_recurring
    from tenants.approvals import delegate
    from tests.conftest import make_member

    day = datetime.date(2026, 11, 20)
    half = [DraftedLine("1010", Decimal(-20), currency="USD"), DraftedLine(memo="which account?")]
    rule(company, minimum=Decimal(500), approvals=1)
    as_role(company, "clerk", save_draft, DraftContent(day, half, memo="Half an idea"))
    waiting, refused, agreed = (
        as_role(company, "clerk", lambda memo=memo: submit_draft(save_draft(drafted("900.00", memo, date=day)).pk))
        for memo in ("Laptops", "Forklift", "Shelving")
    )
    as_role(company, "approver", reject_draft, refused.pk, reason="Not budgeted")
    as_role(company, "approver", approve_draft, agreed.pk)
    posted = as_role(company, "accountant", lambda: post_draft(save_draft(drafted(reverse_on="next_period")).pk))
    with inside(company):
        lines = (DraftedLine("5000", Decimal(800)), DraftedLine("1000", Decimal(-800)))
        template = save_template("Office rent", lines)
        set_lock_date("all", datetime.date(2026, 1, 31))
        recurring = start_recurring(template.pk, start=datetime.date(2026, 1, 31))
        make_due(datetime.date(2026, 2, 28))
        people = make_member(company, "approver"), make_member(company, "clerk")
        delegate(*people, start=day, end=datetime.date(2099, 1, 1), reason="Holiday")
        drafts = Draft.objects.for_company(company).order_by("created_at").values_list("pk", flat=True)
        pages = [f"drafts/{pk}/" for pk in drafts]
    return [
        *pages, f"{pages[0]}edit/", f"{pages[0]}trial/", f"drafts/{waiting.pk}/trial/", f"entries/{posted.id}/",
        f"templates/{template.pk}/", f"recurring/{recurring.pk}/", f"entries/new/?template={template.pk}",
    ]  # fmt: skip
