"""Prove the books from raw rows: `manage.py verify` recomputes what the constitution promises and names what is wrong.

Every check is one query that must return nothing. It trusts no trigger, no roll-up and no stored hash; what was
anchored outside the database is compared with what is there.
"""

import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils.module_loading import import_string

from ledger.settlement_checks import SETTLEMENT_CHECKS, Check
from tenants.models import Company


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with the row it is wrong in."""

    company: str
    promise: str
    check: str
    subject: str
    detail: str


_MONTH = "make_date(extract(year FROM l.date)::int, extract(month FROM l.date)::int, 1)"
_SUMS = """
  coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) AS debit,
  coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0) AS credit,
  coalesce(sum(l.currency_amount) FILTER (WHERE l.currency_amount > 0), 0) AS currency_debit,
  coalesce(-sum(l.currency_amount) FILTER (WHERE l.currency_amount < 0), 0) AS currency_credit, count(*) AS line_count
"""


def _differing(table: str, keys: str, expressions: str, of_lines: str = "", of_stored: str = "") -> str:
    """Sealed lines summed anew and compared with the stored roll-up, in both directions: the rows that differ."""
    columns = f"{keys}, debit, credit, currency_debit, currency_credit, line_count"
    return f"""
      WITH truth AS (
        SELECT {expressions}, {_SUMS} FROM ledger_entryseal x
        JOIN ledger_line l ON l.company_id = x.company_id AND l.entry_id = x.entry_id
        WHERE x.company_id = %(company)s {of_lines} GROUP BY {keys}),
      stored AS (SELECT {columns} FROM {table} WHERE company_id = %(company)s {of_stored})
      (SELECT {columns} FROM truth EXCEPT ALL SELECT {columns} FROM stored)
      UNION ALL (SELECT {columns} FROM stored EXCEPT ALL SELECT {columns} FROM truth)"""


def _roll_up_check(name: str, table: str, keys: str, expressions: str, where: str = "") -> Check:
    rows = _differing(table, keys, expressions, where)
    return Check("C9", name, f"SELECT to_jsonb(d)::text, 'roll-up and lines differ' FROM ({rows}) AS d")


_DAY = ("ledger_daybalance", "date, account_id, currency", "l.date, l.account_id, l.currency")
_DAYS_BETWEEN = ("AND l.date BETWEEN %(start)s AND %(end)s", "AND date BETWEEN %(start)s AND %(end)s")

CHECKS = (
    Check("C1", "entry_balances", """
      SELECT entry_id::text, 'out of balance by ' || trim_scale(sum(amount)) FROM ledger_line
      WHERE company_id = %(company)s GROUP BY entry_id HAVING sum(amount) <> 0"""),
    Check("C1", "statistical_balances", """
      SELECT entry_id::text, 'out of balance by ' || trim_scale(sum(currency_amount)) || ' ' || currency FROM ledger_line
      WHERE company_id = %(company)s AND statistical GROUP BY entry_id, currency HAVING sum(currency_amount) <> 0
      UNION ALL
      SELECT l.entry_id::text, l.currency || ' is no money' FROM ledger_line l
      JOIN accounting_unit u ON u.company_id = l.company_id AND u.code = l.currency
      WHERE l.company_id = %(company)s AND u.kind = 'statistical' AND NOT l.statistical"""),
    Check("C1", "base_amounts", """
      SELECT l.id::text, 'its amount in base currency is not its amount, or its rate is missing' FROM ledger_line l
      JOIN tenants_company c ON c.id = l.company_id
      WHERE l.company_id = %(company)s AND NOT l.statistical
        AND CASE WHEN l.currency = c.base_currency THEN l.amount <> l.currency_amount ELSE l.rate IS NULL AND l.currency_amount <> 0 END"""),
    Check("C1", "entry_is_whole", """
      SELECT e.id::text, 'announces ' || e.line_count || ' lines and has ' || count(l.id) FROM ledger_entry e
      LEFT JOIN ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id
      WHERE e.company_id = %(company)s GROUP BY e.id, e.line_count
      HAVING count(l.id) <> e.line_count OR count(l.id) < 2 OR count(DISTINCT l.number) <> count(l.id)"""),
    Check("C1", "line_has_entry", """
      SELECT l.id::text, 'its entry is missing or has another date' FROM ledger_line l
      LEFT JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id AND e.date = l.date
      WHERE l.company_id = %(company)s AND e.id IS NULL"""),
    Check("C2", "reversal_mirrors", """
      SELECT r.id::text, 'does not mirror ' || r.reverses_id FROM ledger_entry r
      JOIN ledger_line l ON l.company_id = r.company_id AND l.entry_id IN (r.id, r.reverses_id)
      WHERE r.company_id = %(company)s AND r.reverses_id IS NOT NULL
      GROUP BY r.id, r.reverses_id, l.account_id, l.sub_account_id, l.currency, l.statistical
      HAVING sum(l.amount) <> 0 OR sum(l.currency_amount) <> 0"""),
    Check("C3", "key_once", """
      SELECT key, count(*) || ' entries' FROM ledger_entry WHERE company_id = %(company)s GROUP BY key HAVING count(*) > 1
      UNION ALL
      SELECT e.key, 'refused and posted' FROM ledger_entry e
      JOIN ledger_refusal r ON r.company_id = e.company_id AND r.key = e.key WHERE e.company_id = %(company)s"""),
    Check("C5", "same_company", """
      SELECT l.id::text, 'account, sub-account or journal of another company' FROM ledger_line l
      LEFT JOIN accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id
      LEFT JOIN accounting_subaccount s ON s.company_id = l.company_id AND s.account_id = l.account_id
        AND s.id = l.sub_account_id
      WHERE l.company_id = %(company)s AND (a.id IS NULL OR (l.sub_account_id IS NOT NULL AND s.id IS NULL))
      UNION ALL
      SELECT e.id::text, 'journal of another company' FROM ledger_entry e
      LEFT JOIN ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id
      WHERE e.company_id = %(company)s AND j.id IS NULL"""),
    Check("C6", "entry_in_a_period", """
      SELECT e.id::text, e.date || ' lies in no period' FROM ledger_entry e
      LEFT JOIN accounting_period p ON p.company_id = e.company_id AND e.date BETWEEN p.start AND p."end"
      WHERE e.company_id = %(company)s AND p.id IS NULL"""),
    Check("C7", "limits_hold", """
      SELECT m.id::text, 'keeps ' || trim_scale(m.balance) || ', its lines say ' || trim_scale(t.total)
      FROM ledger_limit m CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.currency_amount), 0) AS total FROM ledger_line l
        WHERE l.company_id = m.company_id AND l.account_id = m.account_id AND l.currency = m.currency
          AND (m.sub_account_id IS NULL OR l.sub_account_id = m.sub_account_id)) t
      WHERE m.company_id = %(company)s
        AND (m.balance <> t.total OR t.total < coalesce(m.floor, t.total) OR t.total > coalesce(m.ceiling, t.total))"""),
    Check("C8", "numbers_without_gap", """
      SELECT series, 'numbers 1 to ' || max(number) || ', ' || count(*) || ' used' FROM ledger_entryseal
      WHERE company_id = %(company)s GROUP BY series HAVING max(number) <> count(*) OR min(number) <> 1
      UNION ALL
      SELECT c.year || ' ' || s.code, 'the register has ' || count(u.id) || ' of ' || c.next_number - 1 || ' numbers'
      FROM accounting_numbercounter c
      JOIN accounting_numberseries s ON s.company_id = c.company_id AND s.id = c.series_id
      LEFT JOIN accounting_numberuse u ON u.company_id = c.company_id AND u.series_id = c.series_id AND u.year = c.year
      WHERE c.company_id = %(company)s GROUP BY c.year, s.code, c.next_number
      HAVING count(DISTINCT u.number) <> c.next_number - 1 OR count(u.id) <> c.next_number - 1
        OR coalesce(max(u.number), 0) <> c.next_number - 1
      UNION ALL
      SELECT u.year || ' ' || u.series_id, 'a register of ' || count(*) || ' numbers without series or counter'
      FROM accounting_numberuse u WHERE u.company_id = %(company)s AND NOT EXISTS (
        SELECT 1 FROM accounting_numbercounter c
        JOIN accounting_numberseries s ON s.company_id = c.company_id AND s.id = c.series_id
        WHERE c.company_id = u.company_id AND c.series_id = u.series_id AND c.year = u.year)
      GROUP BY u.year, u.series_id"""),
    _roll_up_check("month_balances", "ledger_monthbalance", "month, account_id, currency",
                   f"{_MONTH} AS month, l.account_id, l.currency"),
    _roll_up_check("day_balances", *_DAY),
    _roll_up_check("sub_account_balances", "ledger_subaccountbalance", "sub_account_id, account_id, month, currency",
                   f"l.sub_account_id, l.account_id, {_MONTH} AS month, l.currency", "AND l.sub_account_id IS NOT NULL"),
    Check("C10", "entry_unchanged", """
      SELECT e.id::text, 'its content is not what was posted' FROM ledger_entry e
      LEFT JOIN LATERAL (
        SELECT string_agg(ledger_line_record(l.number, l.id, l.account_id, l.sub_account_id, l.amount, l.currency,
          l.currency_amount, l.rate, l.rate_source, l.statistical, l.memo, l.dimensions), '' ORDER BY l.number) AS records
        FROM ledger_line l WHERE l.company_id = e.company_id AND l.entry_id = e.id) d ON true
      WHERE e.company_id = %(company)s AND e.leaf_hash IS DISTINCT FROM ledger_leaf(e.company_id, e.id, e.journal_id, e.key,
        e.body_hash, e.date, e.memo, e.reference, e.line_count, e.reverses_id, e.reason, e.source, e.source_id, e.actor_type,
        e.actor_id, e.actor_name, e.request_id, e.posted_at, coalesce(d.records, ''))"""),
    Check("C10", "seal_matches_entry", """
      SELECT x.number_text::text, 'the sealed entry is gone or changed' FROM ledger_entryseal x
      LEFT JOIN ledger_entry e ON e.company_id = x.company_id AND e.id = x.entry_id AND e.leaf_hash = x.leaf_hash
      WHERE x.company_id = %(company)s AND e.id IS NULL
      UNION ALL
      SELECT x.number_text::text, 'its series and number are ' || x.series || ' and ' || x.number FROM ledger_entryseal x
      WHERE x.company_id = %(company)s AND x.number_text <>
        x.series || '-' || lpad(x.number::text, greatest(5, length(x.number::text)), '0')"""),
    Check("C10", "nothing_left_unsealed", """
      SELECT e.id::text, 'was written by a transaction that is still to come' FROM ledger_entry e
      LEFT JOIN ledger_sealstate s ON s.company_id = e.company_id
      WHERE e.company_id = %(company)s AND (e.epoch > coalesce(s.epoch, 1)
        OR (e.epoch = coalesce(s.epoch, 1) AND e.posted_xid >= pg_snapshot_xmax(pg_current_snapshot())))
      UNION ALL
      SELECT e.id::text, 'was settled by a transaction that is still to come' FROM ledger_settlement e
      LEFT JOIN ledger_sealstate s ON s.company_id = e.company_id
      WHERE e.company_id = %(company)s AND (e.epoch > coalesce(s.epoch, 1)
        OR (e.epoch = coalesce(s.epoch, 1) AND e.settled_xid >= pg_snapshot_xmax(pg_current_snapshot())))
      UNION ALL
      SELECT e.id::text, 'is sealed and above the watermark: balances count it twice' FROM ledger_entryseal x
      JOIN ledger_entry e ON e.company_id = x.company_id AND e.id = x.entry_id
      JOIN ledger_sealstate s ON s.company_id = x.company_id
      WHERE x.company_id = %(company)s AND e.epoch = s.epoch AND e.posted_xid >= s.next_xid
      UNION ALL
      SELECT e.id::text, 'is older than the watermark and in no block' FROM ledger_entry e
      JOIN ledger_sealstate s ON s.company_id = e.company_id
      LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
      WHERE e.company_id = %(company)s AND x.id IS NULL
        AND (e.epoch < s.epoch OR (e.epoch = s.epoch AND e.posted_xid < s.next_xid))"""),
    Check("C10", "blocks_chain", """
      SELECT 'block ' || b.number, 'hash, content or link to the block before is wrong' FROM (
        SELECT b.*, lag(b.hash, 1, sha256(convert_to('daybook ', 'UTF8') || uuid_send(b.company_id)))
                 OVER (ORDER BY b.number) AS link,
               row_number() OVER (ORDER BY b.number) AS expected,
               (b.epoch, b.watermark) < lag((b.epoch, b.watermark)) OVER (ORDER BY b.number) AS goes_back
        FROM ledger_block b WHERE b.company_id = %(company)s) b
      LEFT JOIN LATERAL (
        SELECT ledger_merkle_root(array_agg(ledger_seal_leaf(x.leaf_hash, x.entry_id, x.number_text) ORDER BY x.position))
                 AS root, count(*) AS entries, count(DISTINCT x.position) AS places, max(x.position) AS last
        FROM ledger_entryseal x WHERE x.company_id = b.company_id AND x.block_number = b.number) t ON true
      LEFT JOIN LATERAL (
        SELECT count(*) AS lines, coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) AS debit
        FROM ledger_entryseal x JOIN ledger_line l ON l.company_id = x.company_id AND l.entry_id = x.entry_id
        WHERE x.company_id = b.company_id AND x.block_number = b.number) c ON true
      WHERE b.number <> b.expected OR b.goes_back OR b.previous_hash <> b.link OR b.merkle_root IS DISTINCT FROM t.root
         OR t.entries <> b.entry_count OR t.places <> b.entry_count OR coalesce(t.last, 0) <> b.entry_count
         OR c.lines <> b.line_count OR c.debit <> b.debit_total
         OR b.hash <> ledger_block_hash(b.company_id, b.number, b.previous_hash, b.merkle_root, b.entry_count,
              b.line_count, b.debit_total, b.sealed_at, b.epoch, b.watermark)"""),
    Check("C10", "head_of_chain", """
      SELECT 'seal state', 'its head is block ' || s.block_number || ', the last block is ' || coalesce(b.number, 0)
      FROM ledger_sealstate s
      LEFT JOIN LATERAL (SELECT number, hash FROM ledger_block WHERE company_id = s.company_id
                         ORDER BY number DESC LIMIT 1) b ON true
      WHERE s.company_id = %(company)s AND (s.block_number <> coalesce(b.number, 0)
        OR (b.hash IS NOT NULL AND s.head <> b.hash))
      UNION ALL
      SELECT 'block ' || x.block_number, 'entries sealed in a block that is not there' FROM ledger_entryseal x
      LEFT JOIN ledger_block b ON b.company_id = x.company_id AND b.number = x.block_number
      WHERE x.company_id = %(company)s AND b.id IS NULL GROUP BY x.block_number
      UNION ALL
      SELECT 'seal state', 'blocks without a seal state' WHERE EXISTS (
        SELECT 1 FROM ledger_block b LEFT JOIN ledger_sealstate s ON s.company_id = b.company_id
        WHERE b.company_id = %(company)s AND s.id IS NULL)"""),
    Check("C11", "amounts_precise", """
      SELECT l.id::text, trim_scale(l.currency_amount) || ' ' || l.currency FROM ledger_line l
      JOIN tenants_company c ON c.id = l.company_id
      LEFT JOIN accounting_unit u ON u.company_id = l.company_id AND u.code = l.currency
      LEFT JOIN accounting_unit b ON b.company_id = l.company_id AND b.code = c.base_currency
      WHERE l.company_id = %(company)s
        AND (u.id IS NULL OR min_scale(l.currency_amount) > u.decimals OR min_scale(l.amount) > b.decimals
          OR 'NaN' IN (l.amount, l.currency_amount, l.rate))"""),
)  # fmt: skip


def unproven_days(company: Company, start: datetime.date, end: datetime.date) -> int:
    """How many stored balances of these days are not the sum of their sealed lines, in the current scope."""
    rows = _differing(*_DAY, *_DAYS_BETWEEN)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(DISTINCT ({_DAY[1]})) FROM ({rows}) AS d",
            {"company": company.pk, "start": start, "end": end},
        )
        return int(cursor.fetchone()[0])


def verify_company(company: Company, anchors: dict[int, str], *, using: str = "owner") -> Iterator[Finding]:
    """Every violation found in a company's raw rows; `anchors` are heads (block -> hash) kept elsewhere."""
    with connections[using].cursor() as cursor:
        more: list[Check] = [check for path in settings.VERIFICATIONS for check in import_string(path)]
        for check in (*CHECKS, *SETTLEMENT_CHECKS, *more):
            cursor.execute(check.sql, {"company": company.pk})
            for subject, detail in cursor.fetchall():
                yield Finding(company.slug, check.promise, check.name, subject, detail)
        yield from _compare_anchors(cursor, company, anchors)


def _compare_anchors(cursor: Any, company: Company, anchors: dict[int, str]) -> Iterator[Finding]:
    """A chain that was cut or rewritten no longer holds the heads that others keep."""
    cursor.execute("SELECT number, encode(hash, 'hex') FROM ledger_block WHERE company_id = %s", [company.pk])
    blocks = dict(cursor.fetchall())
    for number, head in anchors.items():
        if blocks.get(number) != head:
            known = "is missing" if number not in blocks else "has another hash"
            yield Finding(company.slug, "C10", "anchored_head", f"block {number}", f"the anchored block {known}")


def head_of(company: Company, *, using: str = "owner") -> tuple[int, str]:
    """The number and hash of the last block: keep it outside the database."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT number, encode(hash, 'hex') FROM ledger_block WHERE company_id = %s ORDER BY number DESC LIMIT 1",
            [company.pk],
        )
        return cursor.fetchone() or (0, "")
