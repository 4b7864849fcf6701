"""What `manage.py verify` asks of settlements, holds and drafts, from raw rows; each query returns what is wrong."""

from typing import NamedTuple


class Check(NamedTuple):
    """A query for violations of a promise: it returns (subject, detail) rows, and none when all is well."""

    promise: str
    name: str
    sql: str


_TAKEN = """
  SELECT a.debit_line_id AS line_id, a.date, a.debit_amount AS amount, a.base_amount AS base FROM ledger_allocation a
    WHERE a.company_id = %(company)s
  UNION ALL
  SELECT a.credit_line_id, a.date, a.credit_amount, a.base_amount FROM ledger_allocation a
    WHERE a.company_id = %(company)s"""

SETTLEMENT_CHECKS = (
    Check("C2", "allocation_matches", """
      SELECT a.id::text, 'its lines do not settle each other' FROM ledger_allocation a
      LEFT JOIN ledger_line d ON d.company_id = a.company_id AND d.id = a.debit_line_id
      LEFT JOIN ledger_line c ON c.company_id = a.company_id AND c.id = a.credit_line_id
      LEFT JOIN ledger_settlement s ON s.company_id = a.company_id AND s.id = a.settlement_id AND s.date = a.date
      WHERE a.company_id = %(company)s AND (d.id IS NULL OR c.id IS NULL OR s.id IS NULL OR d.account_id <> c.account_id
        OR d.sub_account_id IS DISTINCT FROM c.sub_account_id OR d.date > a.date OR c.date > a.date
        OR a.debit_month <> date_trunc('month', d.date::timestamp)
        OR a.credit_month <> date_trunc('month', c.date::timestamp)
        OR CASE WHEN d.currency_amount = 0 THEN d.amount ELSE d.currency_amount END <= 0
        OR CASE WHEN c.currency_amount = 0 THEN c.amount ELSE c.currency_amount END >= 0)"""),
    Check("C2", "allocation_within_line", f"""
      SELECT DISTINCT t.line_id::text, 'is settled by more than it is, or by less than nothing' FROM (
        SELECT x.line_id, sum(x.amount) OVER w AS amount, sum(x.base) OVER w AS base FROM ({_TAKEN}) x
        WINDOW w AS (PARTITION BY x.line_id ORDER BY x.date)) t
      JOIN ledger_line l ON l.company_id = %(company)s AND l.id = t.line_id
      WHERE t.amount < 0 OR t.base < 0 OR t.amount > abs(l.currency_amount) OR t.base > abs(l.amount)"""),
    Check("C2", "settled_in_both_currencies", f"""
      SELECT l.id::text, 'is settled in its currency, and of its worth is left ' || trim_scale(abs(l.amount) - t.base)
      FROM (SELECT x.line_id, sum(x.amount) AS amount, sum(x.base) AS base FROM ({_TAKEN}) x GROUP BY 1) t
      JOIN ledger_line l ON l.company_id = %(company)s AND l.id = t.line_id
      WHERE l.currency_amount <> 0 AND t.amount = abs(l.currency_amount) AND t.base <> abs(l.amount)"""),
    Check("C9", "open_lines_listed", f"""
      SELECT coalesce(l.id, o.id)::text, CASE WHEN o.id IS NULL THEN 'is open and not among the open lines'
        ELSE 'is among the open lines and is settled, or another line' END
      FROM (SELECT l.id, l.account_id, l.sub_account_id, l.date FROM ledger_line l
        JOIN accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id AND a.open_item
        LEFT JOIN (SELECT x.line_id, sum(x.amount) AS amount, sum(x.base) AS base FROM ({_TAKEN}) x GROUP BY 1) t
          ON t.line_id = l.id
        WHERE l.company_id = %(company)s
          AND (abs(l.currency_amount) <> coalesce(t.amount, 0) OR abs(l.amount) <> coalesce(t.base, 0))) l
      FULL JOIN (SELECT * FROM ledger_openline WHERE company_id = %(company)s) o ON o.id = l.id
        AND o.account_id = l.account_id AND o.sub_account_id IS NOT DISTINCT FROM l.sub_account_id AND o.date = l.date
      WHERE l.id IS NULL OR o.id IS NULL"""),
    Check("C2", "settlement_is_whole", """
      SELECT s.id::text, 'allocates nothing' FROM ledger_settlement s
      WHERE s.company_id = %(company)s AND NOT EXISTS (SELECT 1 FROM ledger_allocation a
        WHERE a.company_id = s.company_id AND a.settlement_id = s.id)
      UNION ALL
      SELECT u.id::text, 'does not take back what ' || u.undoes_id || ' made' FROM ledger_settlement u
      JOIN ledger_allocation a ON a.company_id = u.company_id AND (a.settlement_id = u.undoes_id
        OR (a.settlement_id = u.id AND (a.debit_amount < 0 OR a.credit_amount < 0 OR a.base_amount < 0)))
      WHERE u.company_id = %(company)s AND u.undoes_id IS NOT NULL
      GROUP BY u.id, u.undoes_id, a.debit_line_id, a.credit_line_id
      HAVING sum(a.debit_amount) <> 0 OR sum(a.credit_amount) <> 0 OR sum(a.base_amount) <> 0"""),
    Check("C7", "holds_hold", """
      SELECT m.id::text, 'keeps ' || trim_scale(m.held_down) || ' and ' || trim_scale(m.held_up) || ' held, its holds '
        || 'say ' || trim_scale(t.down) || ' and ' || trim_scale(t.up)
      FROM ledger_limit m CROSS JOIN LATERAL (
        SELECT coalesce(sum(h.amount) FILTER (WHERE h.amount < 0), 0) AS down,
               coalesce(sum(h.amount) FILTER (WHERE h.amount > 0), 0) AS up
        FROM ledger_hold h WHERE h.company_id = m.company_id AND h.limit_id = m.id AND NOT EXISTS (
          SELECT 1 FROM ledger_holdend e WHERE e.company_id = h.company_id AND e.hold_id = h.id)) t
      WHERE m.company_id = %(company)s AND (m.held_down <> t.down OR m.held_up <> t.up
        OR m.balance + t.down < coalesce(m.floor, m.balance + t.down)
        OR m.balance + t.up > coalesce(m.ceiling, m.balance + t.up))"""),
    Check("C2", "posted_draft_is_its_entry", """
      SELECT d.id::text, 'is no draft of the entry that it names' FROM ledger_draft d
      LEFT JOIN ledger_entry e ON e.company_id = d.company_id AND e.id = d.entry_id AND e.source = 'draft'
        AND e.source_id = d.id AND e.date = d.date AND e.journal_id = d.journal_id
      WHERE d.company_id = %(company)s AND d.state = 'posted' AND e.id IS NULL
      UNION ALL
      SELECT a.id::text, 'is the approval of somebody who made the draft' FROM tenants_approval a
      JOIN ledger_draft d ON d.company_id = a.company_id AND d.id = a.subject_id
      WHERE a.company_id = %(company)s AND a.subject = 'entry' AND a.decision = 'approved'
        AND d.state IN ('approved', 'posted')
        AND (a.actor_id = ANY (d.makers) OR a.on_behalf_of_id = ANY (d.makers))"""),
    Check("C2", "deferral_sums", """
      SELECT d.id::text, 'its parts add up to ' || trim_scale(coalesce(sum(p.amount), 0)) FROM ledger_deferral d
      LEFT JOIN ledger_deferralpart p ON p.company_id = d.company_id AND p.deferral_id = d.id
      WHERE d.company_id = %(company)s GROUP BY d.id, d.amount HAVING coalesce(sum(p.amount), 0) <> d.amount"""),
)  # fmt: skip
