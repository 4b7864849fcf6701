"""What holds of documents, payments and letters whatever was done and whoever was killed, asked of the raw rows.

Each query answers with what is wrong, and trusts nothing but the rows: no column that is kept beside them, no act.
"""

from collections.abc import Callable
from typing import Any

# `moved`: what settlements took off each line, signed as the line is. `item`: open-item lines, with what is left.
_ROWS = """
WITH c AS (SELECT %s::uuid AS id),
thing AS (
  SELECT d.id, d.kind AS source, d.state, d.number, d.total AS amount
  FROM c JOIN invoicing_document d ON d.company_id = c.id
  UNION ALL
  SELECT p.id, 'payment', p.state, p.number, p.amount FROM c JOIN invoicing_payment p ON p.company_id = c.id),
moved AS (
  SELECT a.debit_line_id AS line, a.date, a.debit_amount AS amount
  FROM c JOIN ledger_allocation a ON a.company_id = c.id
  UNION ALL
  SELECT a.credit_line_id, a.date, -a.credit_amount FROM c JOIN ledger_allocation a ON a.company_id = c.id),
item AS (
  SELECT l.id, l.account_id, l.currency_amount AS amount, l.currency_amount - coalesce(m.amount, 0) AS residual
  FROM c JOIN ledger_line l ON l.company_id = c.id
  JOIN accounting_account a ON a.company_id = c.id AND a.id = l.account_id AND a.open_item
  LEFT JOIN (SELECT line, sum(amount) AS amount FROM moved GROUP BY line) m ON m.line = l.id)
"""
CHECKS = {
    "numbers have a gap or a double": """
      SELECT s.code || ' ' || u.year || ': ' || count(*) || ' from ' || min(u.number) || ' to ' || max(u.number)
      FROM c JOIN accounting_numberuse u ON u.company_id = c.id
      JOIN accounting_numberseries s ON s.company_id = c.id AND s.id = u.series_id
      GROUP BY s.code, u.year
      HAVING min(u.number) <> 1 OR max(u.number) <> count(*) OR count(DISTINCT u.number) <> count(*)
        OR count(DISTINCT u.text) <> count(*) OR count(DISTINCT u.subject_id) <> count(*)""",
    "a number belongs to nothing, or what is posted has none": """
      SELECT coalesce(u.text, t.number, t.id::text)
      FROM (SELECT u.* FROM c JOIN accounting_numberuse u ON u.company_id = c.id) u
      FULL JOIN (SELECT * FROM thing WHERE state = 'posted') t ON t.id = u.subject_id AND t.number = u.text
      WHERE u.id IS NULL OR t.id IS NULL""",
    "has not the one entry of what is posted": """
      SELECT t.source || ' ' || t.number || ' ' || t.id || ' has ' || count(e.id)
      FROM c CROSS JOIN thing t
      LEFT JOIN ledger_entry e ON e.company_id = c.id AND e.source = t.source AND e.source_id = t.id
      GROUP BY t.id, t.source, t.number, t.state, t.amount
      HAVING count(e.id) <> CASE WHEN t.state = 'posted' AND t.amount <> 0 THEN 1 ELSE 0 END""",
    "the open items of a document are not its total, or less than nothing is open": """
      SELECT d.number || ': ' || coalesce(sum(abs(i.residual)), 0) || ' of ' || d.total
      FROM c JOIN invoicing_document d ON d.company_id = c.id AND d.state = 'posted' AND d.total <> 0
      LEFT JOIN invoicing_instalment p ON p.company_id = c.id AND p.document_id = d.id
      LEFT JOIN item i ON i.id = p.line_id
      GROUP BY d.id, d.number, d.total
      HAVING sum(abs(i.amount)) IS DISTINCT FROM d.total OR sum(abs(i.residual)) NOT BETWEEN 0 AND d.total""",
    "is settled by more than it is, on some day": """
      SELECT i.id::text || ' on ' || m.date || ': ' || m.gone || ' of ' || i.amount
      FROM item i JOIN (SELECT line, date, sum(amount) OVER (PARTITION BY line ORDER BY date) AS gone FROM moved) m
        ON m.line = i.id
      WHERE (i.amount - m.gone) * i.amount < 0 OR abs(i.amount - m.gone) > abs(i.amount)""",
    "an account is not the sum of its open items": """
      SELECT account_id::text FROM item GROUP BY account_id HAVING sum(residual) <> sum(amount)""",
    "the index of open items": """
      SELECT coalesce(i.id, o.id)::text
      FROM (SELECT id FROM item WHERE residual <> 0) i
      FULL JOIN (SELECT o.id FROM c JOIN ledger_openline o ON o.company_id = c.id) o ON o.id = i.id
      WHERE i.id IS NULL OR o.id IS NULL""",
    "more is credited than there was": """
      SELECT d.number || ': ' || sum(n.total) || ' of ' || d.total FROM c
      JOIN invoicing_document d ON d.company_id = c.id
      JOIN invoicing_document n ON n.company_id = c.id AND n.credits_id = d.id AND n.state = 'posted'
      GROUP BY d.id, d.number, d.total HAVING sum(n.total) > d.total""",
    "a payment did not settle once what it is for": """
      SELECT p.number || ': ' || coalesce(s.amount, 0) || ' of ' || coalesce(w.amount, 0)
      FROM c JOIN invoicing_payment p ON p.company_id = c.id AND p.state = 'posted'
      LEFT JOIN LATERAL (SELECT sum(x.amount + x.discount + x.write_off) AS amount FROM invoicing_paymentpart x
        WHERE x.company_id = c.id AND x.payment_id = p.id) w ON true
      LEFT JOIN LATERAL (SELECT count(DISTINCT t.id) AS times, sum(a.debit_amount) AS amount FROM ledger_settlement t
        JOIN ledger_allocation a ON a.company_id = c.id AND a.settlement_id = t.id
        WHERE t.company_id = c.id AND t.source = 'payment' AND t.source_id = p.id AND t.undoes_id IS NULL) s ON true
      WHERE coalesce(s.amount, 0) <> coalesce(w.amount, 0) OR s.times > 1""",
    "a letter has not its one mail": """
      SELECT n.id::text || ' has ' || count(m.id) FROM c JOIN invoicing_dunningnotice n ON n.company_id = c.id
      JOIN accounting_contact k ON k.company_id = c.id AND k.id = n.contact_id
      LEFT JOIN jobs_outboundmail m ON m.company_id = c.id AND m.about_id = n.id
      GROUP BY n.id, k.email HAVING count(m.id) <> CASE WHEN k.email = '' THEN 0 ELSE 1 END""",
    "is charged by no letter, or by two": """
      SELECT d.id::text || ' by ' || count(n.id) FROM c
      JOIN invoicing_document d ON d.company_id = c.id AND d.kind = 'debit_note'
      LEFT JOIN invoicing_dunningnotice n ON n.company_id = c.id AND n.charged_by_id = d.id
      GROUP BY d.id HAVING count(n.id) <> 1""",
    "is dunned twice for one level": """
      SELECT x.document_id::text FROM c JOIN invoicing_dunneddocument x ON x.company_id = c.id
      GROUP BY x.document_id, x.level_id HAVING count(*) > 1""",
    "a date of what recurs was left out, or came twice": """
      SELECT r.id::text || ': ' || count(o.id) || ' of ' || r.next_number FROM c
      JOIN invoicing_recurringdocument r ON r.company_id = c.id
      LEFT JOIN invoicing_documentoccurrence o ON o.company_id = c.id AND o.recurring_id = r.id
      GROUP BY r.id, r.next_number
      HAVING count(o.id) <> r.next_number OR count(DISTINCT o.date) <> r.next_number
        OR count(o.document_id) <> count(DISTINCT o.document_id)""",
    "is sent twice": """
      SELECT m.about || ' ' || m.about_id FROM c JOIN jobs_outboundmail m ON m.company_id = c.id
      GROUP BY m.about, m.about_id HAVING count(*) > 1""",
    "is told twice": """
      SELECT v.type || ' ' || v.subject_id FROM c JOIN jobs_webhookevent v ON v.company_id = c.id
      WHERE v.type IN ('invoice.posted', 'bill.posted', 'credit_note.posted', 'payment.posted', 'payment.reversed')
      GROUP BY v.type, v.subject_id HAVING count(*) > 1""",
}  # fmt: skip


def misfits(rows: Callable[..., list[Any]], company_id: Any) -> list[str]:
    """What is wrong; `rows` answers a query past row-level security."""
    return [f"{name}: {row[0]}" for name, query in CHECKS.items() for row in rows(_ROWS + query, company_id)]
