"""What the ledger asks to be done before a period closes."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounting.close_checklist import CloseCheck
from accounting.models import Period
from ledger.deferrals import unrecognised
from ledger.drafts import unposted
from ledger.models import AutoReversal
from ledger.open_items import tie_outs
from ledger.recurring import unresolved
from tenants.models import Company

# Sealed movements of the period's days beside their lines: a row where the two differ.
_UNPROVEN = """
SELECT count(*) FROM (
  SELECT b.account_id, b.currency, b.date, b.debit - b.credit AS amount, b.line_count FROM ledger_daybalance b
    WHERE b.company_id = %(company)s AND b.date BETWEEN %(start)s AND %(end)s
  EXCEPT
  SELECT l.account_id, l.currency, l.date, sum(l.amount), count(*) FROM ledger_line l
    JOIN ledger_entryseal s ON s.company_id = l.company_id AND s.entry_id = l.entry_id
    WHERE l.company_id = %(company)s AND l.date BETWEEN %(start)s AND %(end)s
    GROUP BY 1, 2, 3) d
"""
# Numbers that the register does not explain.
_GAPS = """
SELECT count(*) FROM (
  SELECT u.number, lag(u.number) OVER (PARTITION BY u.series_id, u.year ORDER BY u.number) AS before
  FROM accounting_numberuse u WHERE u.company_id = %(company)s) n
WHERE n.number <> coalesce(n.before, 0) + 1
"""
_FOREIGN = """
SELECT count(*) FROM (
  SELECT l.account_id, l.currency FROM ledger_line l JOIN accounting_account a ON a.company_id = l.company_id
    AND a.id = l.account_id AND a.type IN ('asset', 'liability')
  WHERE l.company_id = %(company)s AND l.date <= %(end)s AND NOT l.statistical AND l.currency <> %(base)s
  GROUP BY 1, 2 HAVING sum(l.currency_amount) <> 0) f
WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.company_id = %(company)s AND e.source = 'revaluation'
  AND e.date = %(end)s)
"""


def close_checks(period: Period) -> list[CloseCheck]:
    """Drafts, what should have posted itself, accounts that do not tie out, figures that are not proven, gaps."""
    company, end = period.company, period.end
    auto = AutoReversal.objects.for_company(company).filter(reversal=None, cancelled=False, date__lte=end)
    differing = [one for one in tie_outs(company, end) if not one.is_equal]
    return [
        CloseCheck("drafts", _("Drafts dated in the period or before"), unposted().filter(date__lte=end).count(),
                   page="ledger:draft-list", query=f"to={end}"),
        CloseCheck("recurring", _("Recurring entries that could not be posted"),
                   unresolved().filter(date__lte=end).count(), page="ledger:recurring-list"),
        CloseCheck("auto_reversals", _("Planned reversals that are not made"), auto.count(),
                   page="ledger:planned-reversal-list", query=f"to={end}"),
        CloseCheck("deferrals", _("Parts of deferrals that are not posted"),
                   unrecognised().filter(date__lte=end).count(), page="ledger:deferral-list"),
        CloseCheck("control_accounts", _("Control and open-item accounts that do not tie out"), len(differing),
                   page="reports:tie-out", query=f"to={end}"),
        CloseCheck("roll_up", _("Stored balances that are not the sum of their lines"), _count(_UNPROVEN, period),
                   hint=_("Whoever runs the installation proves the books: manage.py verify.")),
        CloseCheck("number_gaps", _("Numbers that the register does not explain"), _count(_GAPS, period),
                   hint=_("Whoever runs the installation proves the books: manage.py verify.")),
        CloseCheck("revaluation", _("Balances in foreign currency that are not revalued"), _count(_FOREIGN, period),
                   blocks=False, page="ledger:revaluation", query=f"date={end}"),
    ]  # fmt: skip


def _count(statement: str, period: Period) -> int:
    company: Company = period.company
    values: dict[str, Any] = {
        "company": company.pk, "start": period.start, "end": period.end, "base": company.base_currency,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])
