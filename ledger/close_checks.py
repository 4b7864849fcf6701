"""What the ledger asks to be done before a period closes."""

import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounting.close_checklist import CloseCheck
from accounting.models import Period
from ledger.deferral_listing import RUNNING
from ledger.deferral_listing import STUCK as DEFERRALS_STUCK
from ledger.deferrals import unrecognised
from ledger.drafts import unposted
from ledger.models import AutoReversal, RecurringEntry
from ledger.open_items import tie_outs
from ledger.recurring import unresolved
from ledger.revaluation import missing_rates, revaluations
from ledger.shown_recurring import ACTIVE
from ledger.shown_recurring import STUCK as RECURRING_STUCK
from ledger.verification import unproven_days
from tenants.models import Company

# Numbers that the register does not explain.
_GAPS = """
SELECT count(*) FROM (
  SELECT u.number, lag(u.number) OVER (PARTITION BY u.series_id, u.year ORDER BY u.number) AS before
  FROM accounting_numberuse u WHERE u.company_id = %(company)s) n
WHERE n.number <> coalesce(n.before, 0) + 1
"""


def close_checks(period: Period) -> list[CloseCheck]:
    """Drafts, what should have posted itself, accounts that do not tie out, figures that are not proven, gaps."""
    company, end = period.company, period.end
    auto = AutoReversal.objects.for_company(company).filter(reversal=None, cancelled=False, date__lte=end)
    parts = unrecognised().filter(date__lte=end)
    differing = [one for one in tie_outs(company, end) if not one.is_equal]
    return [
        CloseCheck("drafts", _("Drafts dated in the period or before"), unposted().filter(date__lte=end).count(),
                   page="ledger:draft-list", query=f"to={end}"),
        CloseCheck("recurring", _("Recurring entries that could not be posted"),
                   unresolved().filter(date__lte=end).count(), page="ledger:recurring-list",
                   query=f"state={RECURRING_STUCK}"),
        CloseCheck("recurring_due", _("Recurring entries that are due and not made yet"),
                   RecurringEntry.objects.for_company(company).filter(is_active=True, next_date__lte=end).count(),
                   page="ledger:recurring-list", query=f"state={ACTIVE}"),
        CloseCheck("auto_reversals", _("Planned reversals that are not made"), auto.count(),
                   page="ledger:planned-reversal-list", query=f"to={end}"),
        CloseCheck("deferrals", _("Parts of deferrals that are not posted"),
                   parts.count(), page="ledger:deferral-list",
                   query=f"state={DEFERRALS_STUCK if parts.exclude(problem='').exists() else RUNNING}"),
        CloseCheck("control_accounts", _("Control and open-item accounts that do not tie out"), len(differing),
                   page="reports:control-accounts", query=f"to={end}"),
        CloseCheck("roll_up", _("Stored balances that are not the sum of their lines"),
                   unproven_days(company, period.start, end),
                   hint=_("Whoever runs the installation proves the books: manage.py verify.")),
        CloseCheck("number_gaps", _("Numbers that the register does not explain"), _count(_GAPS, period),
                   hint=_("Whoever runs the installation proves the books: manage.py verify.")),
        CloseCheck("revaluation", _("Balances in foreign currency that are not revalued"), _not_revalued(company, end),
                   blocks=False, page="ledger:revaluation", query=f"date={end}"),
    ]  # fmt: skip


def _not_revalued(company: Company, date: datetime.date) -> int:
    """Balances that do not stand at the closing rate, and currencies without one."""
    if missing := missing_rates(company, date):
        return len(missing)
    return sum(1 for one in revaluations(company, date) if one.difference)


def _count(statement: str, period: Period) -> int:
    company: Company = period.company
    values: dict[str, Any] = {
        "company": company.pk, "start": period.start, "end": period.end,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])
