"""Cash basis: a document counts when it is paid, and as far as it is.

What is posted on receivables and payables and not settled yet is taken out again with its other side: of an entry that
is half open, half of every line. Entries that move cash themselves stay whole, as do opening balances: they are no
documents. What exchange rates alone did to cash, as a revaluation notes it, moves none. The shares are rounded so that
they balance, and they depend on the day alone, so periods add up.
"""

import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from uuid import UUID

from django.db import connection

from accounting.chart import ChartAccount, chart_of
from ledger.balances import KnownAt
from ledger.open_items import open_statement
from tenants.models import Company

ZERO = Decimal(0)
OWED = {"receivable", "payable"}
CASH = {"bank", "cash", "credit_card"}
_OPEN_ENTRIES = """
SELECT l.entry_id, l.account_id, l.amount, coalesce(o.residual, 0), l.currency_amount = 0
FROM ledger_line l
LEFT JOIN (SELECT line_id, sum(base_residual) AS residual FROM ({open}) found GROUP BY line_id) o ON o.line_id = l.id
WHERE l.company_id = %(company)s AND NOT l.statistical AND l.entry_id IN (SELECT entry_id FROM ({open}) entries)
ORDER BY l.entry_id, l.number
"""


def not_paid_yet(company: Company, date: datetime.date, *, known_at: KnownAt = None) -> dict[UUID, Decimal]:
    """By account what of the balances at the end of a day nobody has paid yet, debit above zero; it adds up to zero."""
    chart = chart_of(company)
    accounts = [one.id for one in chart.by_id.values() if one.subtype in OWED and one.open_item]
    if not accounts:
        return {}
    statement, values = open_statement(company, date, accounts=accounts, known_at=known_at)
    cash = {one.id for one in chart.by_id.values() if one.subtype in CASH}
    quantum = Decimal(1).scaleb(-chart.units[company.base_currency].decimals)
    found: dict[UUID, Decimal] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_ENTRIES.format(open=statement), values)
        for _entry, lines in groupby(cursor.fetchall(), key=lambda row: row[0]):
            own = [(chart.by_id[row[1]], row[2], row[3]) for row in lines if not (row[4] and row[1] in cash)]
            for account, amount in open_part(own, quantum):
                found[account] = found.get(account, ZERO) + amount
    return {account: amount for account, amount in found.items() if amount}


def open_part(lines: list[tuple[ChartAccount, Decimal, Decimal]], quantum: Decimal) -> list[tuple[UUID, Decimal]]:
    """What of an entry is open: the residuals of its open items, and that share of its other lines.

    Each line comes as account, amount and residual. The largest of the others takes what rounding leaves, so that the
    part balances as the entry does.
    """
    owed = [(account, amount, left) for account, amount, left in lines if account.subtype in OWED]
    others = [(account, amount) for account, amount, _left in lines if account.subtype not in OWED and amount]
    whole, residual = sum((one[1] for one in owed), ZERO), sum((one[2] for one in owed), ZERO)
    if not whole or not residual or not others or any(account.subtype in CASH for account, _amount in others):
        return []
    shares = [(amount * residual / whole).quantize(quantum, ROUND_HALF_UP) for _account, amount in others]
    largest = max(range(len(others)), key=lambda place: abs(others[place][1]))
    shares[largest] -= sum(shares, ZERO) + residual
    return [
        *((account.id, left) for account, _amount, left in owed),
        *((account.id, share) for (account, _amount), share in zip(others, shares, strict=True)),
    ]
