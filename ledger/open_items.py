"""What is open: lines of open-item accounts with what is left of them, at any date and as known at any moment."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.balances import KnownAt
from ledger.known_at import known_values, was_not_settled, was_settled
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A line and its residuals; signed as the line is: debit above zero."""

    line_id: UUID
    entry_id: UUID
    number: str
    date: datetime.date
    account_id: UUID
    sub_account_id: UUID | None
    sub_account: str
    sub_account_name: str
    currency: str
    amount: Decimal
    residual: Decimal
    base_amount: Decimal
    base_residual: Decimal
    memo: str
    reference: str

    @property
    def is_debit(self) -> bool:
        return (self.amount or self.base_amount) > 0

    @property
    def is_settled(self) -> bool:
        return not self.residual and not self.base_residual


# What was open on a day, as known at a moment, is among what is open now and what was settled, or taken back, after it.
# The latter are looked up by the months of their lines up to that day: most of what was settled after it is younger.
# Each is looked up by its id (OFFSET keeps it a lookup): all lines of the account, which the planner prefers, are many.
_PERHAPS_OPEN = """(
  SELECT o.id FROM ledger_openline o WHERE o.company_id = %(company)s {narrowed}
  UNION {debits} UNION {credits} {later}) k
CROSS JOIN LATERAL (
  SELECT * FROM ledger_line n WHERE n.company_id = %(company)s AND n.id = k.id AND n.date <= %(date)s OFFSET 0) l"""
_SETTLED_LATER = """
  SELECT y.id FROM generate_series((SELECT min({side}_month) FROM ledger_allocation
                                    WHERE company_id = %(company)s)::timestamp,
                                   %(date)s::timestamp, interval '1 month') m (month)
  CROSS JOIN LATERAL (SELECT {side}_line_id AS id FROM ledger_allocation
    WHERE company_id = %(company)s AND {side}_month = m.month::date AND date > %(date)s OFFSET 0) y"""
_KNOWN_LATER = """
  UNION SELECT unnest(ARRAY[z.debit_line_id, z.credit_line_id]) FROM ledger_settlement v
    JOIN ledger_allocation z ON z.company_id = v.company_id AND z.settlement_id = v.id
    WHERE v.company_id = %(company)s AND {later}"""
# The two sums read an index each.
_OPEN = """
SELECT l.id, l.entry_id, coalesce(s.number_text, ''), l.date, l.account_id, l.sub_account_id, coalesce(b.code, ''),
       coalesce(b.name, ''), l.currency, l.currency_amount, r.residual, l.amount, r.base_residual,
       CASE WHEN l.memo = '' THEN e.memo ELSE l.memo END, e.reference
FROM {lines}
JOIN accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id AND a.open_item
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
LEFT JOIN ledger_entryseal s ON s.company_id = l.company_id AND s.entry_id = l.entry_id
LEFT JOIN accounting_subaccount b ON b.company_id = l.company_id AND b.id = l.sub_account_id
CROSS JOIN LATERAL (
  SELECT l.currency_amount - coalesce(sum(x.amount), 0) AS residual,
         l.amount - coalesce(sum(x.base), 0) AS base_residual
  FROM (
    SELECT d.debit_amount AS amount, d.base_amount AS base FROM ledger_allocation d {known_d}
      WHERE d.company_id = l.company_id AND d.debit_line_id = l.id AND d.date <= %(date)s
    UNION ALL
    SELECT -c.credit_amount, -c.base_amount FROM ledger_allocation c {known_c}
      WHERE c.company_id = l.company_id AND c.credit_line_id = l.id AND c.date <= %(date)s) x) r
WHERE l.company_id = %(company)s AND l.date <= %(date)s {narrowed}
"""
_ANY_LEFT = "AND (r.residual <> 0 OR r.base_residual <> 0)"
_KNOWN = (
    "JOIN ledger_settlement {own}s ON {own}s.company_id = {own}.company_id AND {own}s.id = {own}.settlement_id "
    "AND {known}"
)


def _known(own: str, known_at: KnownAt) -> str:
    """Of allocations, those whose settlements were known."""
    return _KNOWN.format(own=own, known=was_settled(f"{own}s", known_at))


@dataclass(frozen=True, slots=True)
class OpenTotal:
    """What the open items of one currency add up to, there and in base currency."""

    currency: str
    count: int
    residual: Decimal
    base_residual: Decimal


def open_items(
    company: Company, date: datetime.date, *, accounts: Sequence[UUID] = (), sub_account: UUID | None = None,
    currency: str = "", lines: Sequence[UUID] = (), known_at: datetime.datetime | None = None,
    after: tuple[datetime.date, UUID] | None = None, limit: int | None = None, settled: bool = False,
) -> list[OpenItem]:  # fmt: skip
    """The open items at the end of a day, oldest first, in one statement. `known_at` leaves out what came later;
    `settled` brings those that are settled wholly as well."""
    statement, values = _narrowed(
        company, date, known_at, settled, accounts=list(accounts), sub_account=sub_account, currency=currency,
        lines=list(lines), after=after,
    )  # fmt: skip
    ordered = f"{statement} ORDER BY l.date, l.id" + (" LIMIT %(limit)s" if limit else "")
    with connection.cursor() as cursor:
        cursor.execute(ordered, {**values, "limit": limit})
        return [OpenItem(*row) for row in cursor.fetchall()]


def open_statement(
    company: Company, date: datetime.date, *, accounts: Sequence[UUID], known_at: KnownAt = None
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """The statement of `open_items` with the columns of `OpenItem`, and its values: to be part of a larger one.

    Known at a block are the entries that it or an earlier one sealed, and the settlements of transactions that were
    finished then.
    """
    statement, values = _narrowed(company, date, known_at, False, accounts=list(accounts))
    columns = ", ".join(field.name for field in fields(OpenItem))
    return f"SELECT * FROM ({statement}) AS found ({columns})", values


def open_totals(
    company: Company, date: datetime.date, *, accounts: Sequence[UUID] = (), sub_account: UUID | None = None,
    currency: str = "",
) -> list[OpenTotal]:  # fmt: skip
    """What is open at the end of a day by currency, in one statement, however many items."""
    statement, values = _narrowed(
        company, date, None, False, accounts=list(accounts), sub_account=sub_account, currency=currency
    )
    columns = ", ".join(field.name for field in fields(OpenItem))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.currency, count(*), sum(o.residual), sum(o.base_residual) "
            f"FROM ({statement}) o ({columns}) GROUP BY 1 ORDER BY 1",
            values,
        )
        return [OpenTotal(*row) for row in cursor.fetchall()]


def _narrowed(
    company: Company, date: datetime.date, known_at: KnownAt, settled: bool, **wanted: Any
) -> tuple[str, dict[str, Any]]:
    """The statement with its conditions, and the values for it."""
    conditions = [] if settled else [_ANY_LEFT]
    values: dict[str, Any] = {"company": company.pk, "date": date, **known_values(company, known_at)}
    for name, condition in (
        ("accounts", "l.account_id = ANY (%(accounts)s)"),
        ("sub_account", "l.sub_account_id = %(sub_account)s"),
        ("currency", "l.currency = %(currency)s"),
        ("lines", "l.id = ANY (%(lines)s)"),
        ("after", "(l.date, l.id) > (%(after_date)s, %(after_id)s)"),
    ):
        if value := wanted.get(name):
            conditions.append(f"AND {condition}")
            values[name] = value
    if after := wanted.get("after"):
        values |= {"after_date": after[0], "after_id": after[1]}
    known = {"known_d": "", "known_c": ""}
    if known_at is not None:
        is_block = isinstance(known_at, int)
        conditions.append("AND s.block_number <= %(block)s" if is_block else "AND e.posted_at <= %(known_at)s")
        known = {"known_d": _known("d", known_at), "known_c": _known("c", known_at)}
    lines = "ledger_line l" if settled or wanted.get("lines") else _perhaps_open(wanted, known_at)
    return _OPEN.format(lines=lines, narrowed=" ".join(conditions), **known), values


def _perhaps_open(wanted: dict[str, Any], known_at: KnownAt) -> str:
    """The lines that have to be looked at, from the index of open items: few, however many are settled."""
    narrowed = [
        condition
        for name, condition in (
            ("accounts", "AND o.account_id = ANY (%(accounts)s)"),
            ("sub_account", "AND o.sub_account_id = %(sub_account)s"),
        )
        if wanted.get(name)
    ]
    later = _KNOWN_LATER.format(later=was_not_settled("v", known_at)) if known_at is not None else ""
    sides = {f"{side}s": _SETTLED_LATER.format(side=side) for side in ("debit", "credit")}
    return _PERHAPS_OPEN.format(narrowed=" ".join(narrowed), later=later, **sides)


@dataclass(frozen=True, slots=True)
class TieOut:
    """An open-item or control account: its balance, its open items, its sub-accounts, in base currency."""

    account_id: UUID
    balance: Decimal
    open_items: Decimal | None
    sub_accounts: Decimal | None

    @property
    def is_equal(self) -> bool:
        return self.open_items in (None, self.balance) and self.sub_accounts in (None, self.balance)


_TIE_OUT = """
SELECT a.id, coalesce(t.balance, 0), CASE WHEN a.open_item THEN coalesce(t.balance, 0) - coalesce(t.settled, 0) END,
       CASE WHEN a.control THEN coalesce(t.detailed, 0) END
FROM accounting_account a
LEFT JOIN (
  SELECT l.account_id, sum(l.amount) AS balance,
         sum(l.amount) FILTER (WHERE l.sub_account_id IS NOT NULL) AS detailed,
         sum(coalesce(d.base, 0) - coalesce(c.base, 0)) AS settled
  FROM ledger_line l {of_entry}
  LEFT JOIN (SELECT y.debit_line_id, sum(y.base_amount) AS base FROM ledger_allocation y {of_settlement}
    WHERE y.company_id = %(company)s AND y.date <= %(date)s GROUP BY 1) d ON d.debit_line_id = l.id
  LEFT JOIN (SELECT y.credit_line_id, sum(y.base_amount) AS base FROM ledger_allocation y {of_settlement}
    WHERE y.company_id = %(company)s AND y.date <= %(date)s GROUP BY 1) c ON c.credit_line_id = l.id
  WHERE l.company_id = %(company)s AND l.date <= %(date)s
    AND l.account_id IN (SELECT id FROM accounting_account WHERE company_id = %(company)s AND (open_item OR control))
  GROUP BY l.account_id) t ON t.account_id = a.id
WHERE a.company_id = %(company)s AND (a.open_item OR a.control)
ORDER BY a.code
"""


_SEALED_BY = """JOIN ledger_entryseal s
  ON s.company_id = l.company_id AND s.entry_id = l.entry_id AND s.block_number <= %(block)s"""
_POSTED_BY = "JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id AND e.posted_at <= %(known_at)s"


def tie_outs(company: Company, date: datetime.date, *, known_at: KnownAt = None) -> list[TieOut]:
    """Each open-item and control account beside the sum of what it is made of, at the end of a day, as known now, at a
    moment or at a block."""
    of_entry = _SEALED_BY if isinstance(known_at, int) else _POSTED_BY if known_at else ""
    of_settlement = "" if known_at is None else _known("y", known_at)
    statement = _TIE_OUT.format(of_entry=of_entry, of_settlement=of_settlement)
    values: dict[str, Any] = {"company": company.pk, "date": date, **known_values(company, known_at)}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [TieOut(*row) for row in cursor.fetchall()]


def hold_items(company: Company, places: Iterable[tuple[UUID, UUID | None]]) -> None:
    """Hold the open items of these accounts and sub-accounts against every other settlement, until the transaction
    ends.
    """
    held = sorted(set(places), key=str)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.ledger_hold_items(%s, %s::uuid[], %s::uuid[])",
            [company.pk, [account for account, _sub in held], [sub for _account, sub in held]],
        )
