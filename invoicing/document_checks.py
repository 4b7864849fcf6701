"""What `manage.py verify` asks of documents and the tax ledger, from raw rows; each query returns what is wrong."""

from ledger.settlement_checks import Check

_SIDE = "CASE WHEN d.kind IN ('invoice', 'debit_note', 'supplier_credit') THEN 1 ELSE -1 END"
_SIGN = "CASE WHEN d.kind IN ('credit_note', 'supplier_credit') THEN -1 ELSE 1 END"

DOCUMENT_CHECKS = (
    Check("C2", "document_as_posted", f"""
      SELECT d.id::text, 'is not what its entry says' FROM invoicing_document d
      LEFT JOIN ledger_entry e ON e.company_id = d.company_id AND e.id = d.entry_id
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(i.amount), 0) AS due, coalesce(sum(l.currency_amount), 0) AS posted,
               coalesce(sum(l.amount), 0) AS base, coalesce(bool_or(l.entry_id <> d.entry_id), false) AS strange
        FROM invoicing_instalment i LEFT JOIN ledger_line l ON l.company_id = i.company_id AND l.id = i.line_id
        WHERE i.company_id = d.company_id AND i.document_id = d.id) i
      WHERE d.company_id = %(company)s AND d.state = 'posted' AND (i.due <> d.total OR i.strange
        OR i.posted <> d.total * ({_SIDE}) OR i.base <> d.base_total * ({_SIDE})
        OR d.entry_id IS NOT NULL AND (e.id IS NULL OR e.source <> d.kind OR e.source_id <> d.id OR e.date <> d.date
          OR e.reference <> d.number)
        OR (SELECT coalesce(sum(x.net), 0) FROM invoicing_documentline x
            WHERE x.company_id = d.company_id AND x.document_id = d.id) <> d.net)"""),
    Check("C8", "document_number_in_register", """
      SELECT d.id::text, 'has a number that the register gives to something else' FROM invoicing_document d
      WHERE d.company_id = %(company)s AND d.state = 'posted' AND NOT EXISTS (
        SELECT 1 FROM accounting_numberuse u WHERE u.company_id = d.company_id AND u.subject_id = d.id
          AND u.text = d.number AND u.outcome = 'used')"""),
    Check("C2", "tax_rows_of_document", f"""
      SELECT coalesce(w.document_id, r.document_id)::text, 'the tax ledger is not what the document says' FROM (
        SELECT d.id AS document_id, d.entry_id, t.tax_code_id, t.percent, d.tax_date AS date,
               sum(t.base_in_base * ({_SIGN})) AS base, sum(t.amount_in_base * ({_SIGN})) AS amount,
               sum(t.deductible_in_base * ({_SIGN})) AS deductible
        FROM invoicing_document d
        JOIN invoicing_documenttax t ON t.company_id = d.company_id AND t.document_id = d.id AND NOT t.pending
        WHERE d.company_id = %(company)s AND d.state = 'posted' AND d.entry_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5) w
      FULL JOIN (
        SELECT r.document_id, r.entry_id, r.tax_code_id, r.percent, r.date, sum(r.base) AS base,
               sum(r.amount) AS amount, sum(r.deductible) AS deductible
        FROM invoicing_taxrow r JOIN ledger_entry e ON e.company_id = r.company_id AND e.id = r.entry_id
        WHERE r.company_id = %(company)s AND e.source NOT IN ('payment', 'cash_basis', 'reversal')
        GROUP BY 1, 2, 3, 4, 5) r
        ON r.document_id = w.document_id AND r.entry_id = w.entry_id AND r.tax_code_id = w.tax_code_id
          AND r.percent = w.percent AND r.date = w.date
      WHERE w.document_id IS NULL OR r.document_id IS NULL OR w.base <> r.base OR w.amount <> r.amount
        OR w.deductible <> r.deductible"""),
    Check("C2", "payment_as_posted", """
      SELECT p.id::text, 'is not what its entry says' FROM invoicing_payment p
      LEFT JOIN ledger_entry e ON e.company_id = p.company_id AND e.id = p.entry_id
      WHERE p.company_id = %(company)s AND p.state = 'posted' AND (e.id IS NULL OR e.source <> 'payment'
        OR e.source_id <> p.id OR e.date <> p.date OR e.reference <> p.number
        OR (SELECT coalesce(sum(l.currency_amount), 0) FROM ledger_line l WHERE l.company_id = p.company_id
            AND l.entry_id = p.entry_id AND l.account_id = p.account_id AND l.currency = p.currency)
           <> p.amount * CASE p.direction WHEN 'in' THEN 1 ELSE -1 END)"""),
)  # fmt: skip
