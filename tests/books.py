"""Small books for tests: ten accounts, and the shortest way to post."""

import datetime
from decimal import Decimal
from typing import Any

ACCOUNTS = [
    # code, name, type, subtype, extra
    ("1000", "Bank", "asset", "bank", {"role": "bank"}),
    ("1010", "Bank USD", "asset", "bank", {"currency": "USD"}),
    ("1100", "Accounts receivable", "asset", "receivable", {"control": True, "open_item": True, "role": "receivable"}),
    ("1500", "Equipment", "asset", "fixed_asset", {}),
    ("2000", "Accounts payable", "liability", "payable", {"control": True, "open_item": True, "role": "payable"}),
    ("2100", "VAT payable", "liability", "tax_payable", {}),
    ("3000", "Share capital", "equity", "share_capital", {}),
    ("3100", "Retained earnings", "equity", "retained_earnings", {"role": "retained_earnings"}),
    ("4000", "Sales", "income", "revenue", {"role": "sales"}),
    ("5000", "Rent", "expense", "operating", {}),
    ("5900", "Rounding differences", "expense", "rounding", {"role": "rounding"}),
    ("9000", "Leave days", "statistical", "statistical", {"currency": "DAY"}),
    ("9010", "Leave days taken", "statistical", "statistical", {"currency": "DAY"}),
]
DAY = datetime.date(2026, 3, 15)


def add_books() -> None:
    """The accounts, a foreign currency and a unit of days, in the current scope."""
    from accounting.models import Account, Unit
    from accounting.units import use_currency
    from tenants.scope import current_scope

    company = current_scope().company
    use_currency("USD")
    Unit.objects.create(company=company, code="DAY", name="Day", kind="statistical", decimals=2)
    Account.objects.bulk_create(
        Account(company=company, code=code, name=name, type=kind, subtype=subtype, **extra)
        for code, name, kind, subtype, extra in ACCOUNTS
    )


def new_entry(*lines: tuple[str, str], key: str = "", date: datetime.date = DAY, **fields: Any) -> Any:
    """A proposed entry from (account code, signed amount) pairs."""
    from ledger.proposals import NewEntry, NewLine

    return NewEntry(
        key=key or f"test:{datetime.datetime.now().timestamp()}:{id(lines)}",
        date=date,
        lines=tuple(NewLine(account=code, amount=Decimal(amount)) for code, amount in lines),
        **fields,
    )


def sale(amount: str = "100.00", **fields: Any) -> Any:
    """Bank against sales."""
    return new_entry(("1000", amount), ("4000", f"-{amount}"), **fields)
