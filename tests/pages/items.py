"""Books with open items, dollars, deferrals, limits, holds and files, for the pages about them."""

import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from tests.books import sale
from tests.pages.conftest import drafted, inside

MARCH, APRIL, MAY = (datetime.date(2026, month, 10) for month in (3, 4, 5))
PDF = b"%PDF-1.7 a receipt"


def open_customers(company: Any) -> None:
    """Two customers, a supplier, and the accounts of exchange differences."""
    from accounting.accounts import open_account, open_sub_account
    from accounting.models import Account

    with inside(company):
        accounts = Account.objects.for_company(company)
        open_sub_account(accounts.get(code="1100"), code="C1", name="Harbour Trading")
        open_sub_account(accounts.get(code="1100"), code="C2", name="Northwind")
        open_sub_account(accounts.get(code="2000"), code="S1", name="Paper & Ink")
        for code, name, kind, role in (
            ("4900", "Exchange gains", "income", "exchange_gain"),
            ("4910", "Exchange gains, unrealised", "income", "exchange_gain_unrealised"),
            ("5950", "Exchange losses", "expense", "exchange_loss"),
            ("5960", "Exchange losses, unrealised", "expense", "exchange_loss_unrealised"),
        ):
            open_account(code=code, name=name, type=kind, role=role)
        open_account(code="1300", name="Prepaid expenses", type="asset", subtype="prepayment")


def on_account(company: Any, memo: str, date: datetime.date, amount: str, **fields: Any) -> Any:
    """A line of a sub-account's receivable or payable; answers with it."""
    from ledger.models import Line
    from ledger.posting import post
    from ledger.proposals import NewEntry, NewLine

    value, rate = Decimal(amount), fields.pop("rate", None)
    rate = None if rate is None else Decimal(rate)
    account, sub = fields.pop("account", "1100"), fields.pop("sub", "C1")
    own = NewLine(account, value, fields.pop("currency", ""), rate=rate, sub_account=sub)
    other = NewLine(fields.pop("against", "4000"), -value if rate is None else -round(value * rate, 2))
    with inside(company):
        posted = post(NewEntry(f"item:{memo}", date, (own, other), memo=memo, reference=fields.pop("reference", "")))
        return Line.objects.for_company(company).get(entry_id=posted.id, number=1)


def fill_items(company: Any) -> SimpleNamespace:
    """A bit of everything; answers with the rows by name."""
    from accounting.rates import set_rate
    from ledger.allocation import allocate
    from ledger.allocation_plan import Pair
    from ledger.allocation_undo import undo_settlement
    from ledger.posting import post
    from ledger.proposals import NEXT_PERIOD
    from ledger.sealing import seal

    open_customers(company)
    invoice = on_account(company, "Consulting March", MARCH, "1200.00", reference="INV-101")
    on_account(company, "Consulting April", APRIL, "800.00", reference="INV-102")
    payment = on_account(company, "Bank transfer", MAY, "-1500.00", against="1000", reference="TRF 55")
    dollars = on_account(company, "Export", MARCH, "300.00", currency="USD", rate="0.9", sub="C2", reference="INV-103")
    paid = on_account(company, "Wire", APRIL, "-300.00", currency="USD", rate="0.95", sub="C2", against="1000")
    on_account(company, "Licence", APRIL, "500.00", currency="USD", rate="0.92", sub="C2", reference="INV-104")
    in_euro = on_account(company, "Wire in euro", MAY, "-470.00", sub="C2", against="1000", reference="TRF 58")
    on_account(company, "Paper", APRIL, "-240.00", account="2000", sub="S1", against="5000", reference="B-7")
    with inside(company):
        first = allocate([Pair(invoice.pk, payment.pk, Decimal("200.00"))], key="first", reason="Part payment")
        undone = undo_settlement(first.id, date=datetime.date(2026, 5, 20), reason="Wrong invoice")
        settled = allocate([Pair(dollars.pk, paid.pk)], key="dollars")
        set_rate("USD", datetime.date(2026, 4, 30), Decimal("0.93"), source="ECB")
        post(sale("5000.00", key="capital", date=MARCH))
        accrual = post(sale("77.00", key="accrual", date=MARCH, memo="Accrued interest", reverse_on=NEXT_PERIOD))
    schedules = _schedules(company)
    seal(company)
    return SimpleNamespace(
        invoice=invoice, payment=payment, dollars=dollars, in_euro=in_euro, first=first.id, undone=undone,
        settled=settled.id, accrual=accrual.id, **schedules,
    )  # fmt: skip


def _schedules(company: Any) -> dict[str, Any]:
    from accounting.models import Account
    from ledger.attachments import attach
    from ledger.deferrals import recognise_due, start_deferral
    from ledger.drafts import save_draft
    from ledger.holds import reserve, void_hold
    from ledger.limits import set_limit
    from ledger.posting import post
    from ledger.proposals import NewEntry, NewLine

    with inside(company):
        lines = (NewLine("1300", Decimal(1200), memo="Insurance 2026"), NewLine("1000", Decimal(-1200)))
        prepaid = post(NewEntry("prepaid", MARCH, lines, memo="Insurance 2026"))
        deferral = start_deferral(
            name="Insurance 2026", from_account="1300", to_account="5000", amount=Decimal(1200),
            start=datetime.date(2026, 3, 1), end=datetime.date(2027, 2, 28), entry=prepaid.id,
        )  # fmt: skip
        recognise_due(datetime.date(2026, 5, 31))
        bank = Account.objects.for_company(company).get(code="1000")
        limit = set_limit(bank.pk, floor=Decimal(0))
        held = reserve(limit.pk, Decimal("-350.00"), key="h1", memo="Card payment 4711")
        void_hold(reserve(limit.pk, Decimal("-20.00"), key="h2", memo="Parking").pk, reason="Cancelled by the shop")
        draft = save_draft(drafted("12.00", "With a receipt"))
        file = attach("receipt.pdf", PDF, draft_id=draft.pk)
    return {"prepaid": prepaid.id, "deferral": deferral, "limit": limit, "held": held, "draft": draft, "file": file}
