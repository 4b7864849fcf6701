"""Books for tests of statements: accounts of the subtypes that they need, and entries in a line."""

from decimal import Decimal

from accounting.models import Account
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine


def book(key, date, *lines):
    """Post amounts by account: above zero is debit."""
    post(NewEntry(key, date, tuple(NewLine(code, Decimal(amount)) for code, amount in lines), memo=key))


def open_accounts(company, *accounts):
    """Accounts by code, name, type and subtype, where the chart has none of the code."""
    for code, name, kind, subtype in accounts:
        Account.objects.get_or_create(
            company=company, code=code, defaults={"name": name, "type": kind, "subtype": subtype}
        )
