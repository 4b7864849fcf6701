"""What lies on the desk of a demo company today: settled and open items, a deferral, a monthly draft, approvals."""

import datetime
from collections import defaultdict
from decimal import Decimal

from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.auto_reversal import reverse_due
from ledger.deferrals import recognise_due, start_deferral
from ledger.draft_approval import submit_draft
from ledger.draft_content import DraftContent, DraftedLine
from ledger.drafts import save_draft
from ledger.entry_templates import save_template
from ledger.limits import set_limit
from ledger.open_items import OpenItem, open_items
from ledger.posting import post
from ledger.proposals import NEXT_PERIOD, NewEntry, NewLine
from ledger.recurring import start_recurring
from reports.demo_books import RUNNING_COSTS, DemoBooks
from reports.demo_documents import add_documents
from reports.demo_items import add_items
from tenants.approvals import set_rule
from tenants.scope import Actor, acting_as

INSURANCE = RUNNING_COSTS[1][0]
AUDIT = ("audit", "abschluss- und prüfung", "legal")
CLEANING = ("cleaning", "reinigung")
EQUIPMENT = ("furniture", "office equipment", "büroeinrichtung")
PREMIUM, FEE = Decimal("3600.00"), Decimal("450.00")
APPROVED_FROM = Decimal("10000.00")
OVERDRAFT = Decimal("-50000.00")


def lay_out_desk(books: DemoBooks, today: datetime.date, clerk: Actor) -> None:
    """Do what an accountant would have done by today, and leave something to do; in the current scope."""
    add_items(books)
    settle_payments(books, today)
    spread_insurance(books, today)
    accrue_audit_fee(books, today)
    repeat_cleaning(books, today)
    set_rule("entry", minimum=APPROVED_FROM, approvals=1)
    set_limit(books.chart.in_role("bank").id, floor=OVERDRAFT)
    add_documents(books, today, clerk)
    with acting_as(clerk):
        draft_purchases(books, today)


def settle_payments(books: DemoBooks, today: datetime.date) -> None:
    """Payments settle the invoices that they name, month by month."""
    named: dict[tuple[object, str], list[OpenItem]] = defaultdict(list)
    for item in open_items(books.company, today):
        named[item.account_id, item.reference].append(item)
    paid: dict[str, list[Pair]] = defaultdict(list)
    for items in named.values():
        if len(items) == 2:
            debit, credit = sorted(items, key=lambda item: not item.is_debit)
            paid[f"{max(debit.date, credit.date):%Y-%m}"].append(Pair(debit.line_id, credit.line_id))
    for month, pairs in sorted(paid.items()):
        allocate(pairs, key=f"demo:{month}")


def spread_insurance(books: DemoBooks, today: datetime.date) -> None:
    """The year's premium was paid in January and is an expense month by month."""
    first = today.replace(month=1, day=1)
    prepaid, expense = books.chart.in_role("prepaid_expenses"), books.named(INSURANCE)
    lines = (NewLine(prepaid.id, PREMIUM), NewLine(books.chart.in_role("bank").id, -PREMIUM))
    paid = post(
        NewEntry("demo:premium", first, lines, memo=f"Insurance premium {today.year}", journal="BNK", source="demo")
    )
    start_deferral(
        name=f"Insurance {today.year}", from_account=prepaid.id, to_account=expense.id, amount=PREMIUM, start=first,
        end=today.replace(month=12, day=31), entry=paid.id,
    )  # fmt: skip
    recognise_due(today)


def accrue_audit_fee(books: DemoBooks, today: datetime.date) -> None:
    """Accrued at the end of last month, and taken back by itself on the first day of this one."""
    lines = (NewLine(books.named(AUDIT).id, FEE), NewLine(books.chart.in_role("accrued_expenses").id, -FEE))
    day = today.replace(day=1) - datetime.timedelta(days=1)
    post(NewEntry("demo:accrual", day, lines, memo="Accrued audit fee", source="demo", reverse_on=NEXT_PERIOD))
    reverse_due(today)


def repeat_cleaning(books: DemoBooks, today: datetime.date) -> None:
    """Drafted each month from the next one on."""
    lines = [DraftedLine(books.named(CLEANING).id, Decimal("280.00")), DraftedLine(books.chart.in_role("bank").id)]
    template = save_template("Office cleaning", lines, journal="BNK", memo="Office cleaning")
    start = (today.replace(day=1) + datetime.timedelta(days=31)).replace(day=1)
    start_recurring(template.pk, start=start, as_draft=True)


def draft_purchases(books: DemoBooks, today: datetime.date) -> None:
    """One waits for approval, one for its receipt."""
    equipment, bank = books.named(EQUIPMENT, "asset").id, books.chart.in_role("bank").id
    price = Decimal("12400.00")
    furniture = DraftContent(
        today, [DraftedLine(equipment, price), DraftedLine(bank, -price)], journal="BNK", memo="Furniture, second floor"
    )
    submit_draft(save_draft(furniture).pk)
    save_draft(DraftContent(today, [DraftedLine(equipment, Decimal("310.00"))], memo="Desk lamps, receipt missing"))
