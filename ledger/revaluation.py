"""Restate open balances in foreign currency at the closing rate of a day (IAS 21.23), taken back on the next day."""

import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounting.chart import Chart, chart_of
from accounting.models import ExchangeRate
from accounting.rates import rate_on
from ledger import refusals
from ledger.models import Entry
from ledger.posting import Posted, hold_books, post
from ledger.proposals import NewEntry, NewLine
from ledger.resolving import ROUNDINGS
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import current_scope

SOURCE = "revaluation"
# What is no money to be received or paid keeps its historical rate (IAS 21.16).
NON_MONETARY = (
    "inventory", "prepayment", "fixed_asset", "accumulated_depreciation", "intangible_asset", "non_current_asset",
    "deferred_income",
)  # fmt: skip


class NothingToRevalue(refusals.PostingRefused):
    """Every balance stands at its closing rate."""

    code = "nothing_to_revalue"


class Revalued(NamedTuple):
    """A balance in foreign currency: what it is carried at, the closing rate, and the difference to it."""

    account_id: UUID
    sub_account_id: UUID | None
    currency: str
    amount: Decimal
    carried: Decimal
    rate: Decimal
    rate_source: str
    difference: Decimal


# An earlier revaluation whose reversal is due by then, and not made yet, counts as reversed.
_BALANCES = """
SELECT l.account_id, l.sub_account_id, l.currency, sum(l.currency_amount),
  coalesce(sum(l.amount) FILTER (WHERE r.id IS NULL), 0)
FROM ledger_line l JOIN accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id
  LEFT JOIN (SELECT r.id, r.entry_id FROM ledger_autoreversal r JOIN ledger_entry e ON e.company_id = r.company_id
    AND e.id = r.entry_id AND e.source = 'revaluation'
    WHERE r.company_id = %(company)s AND r.date <= %(date)s AND r.reversal_id IS NULL AND NOT r.cancelled
      AND NOT EXISTS (SELECT 1 FROM ledger_entry m WHERE m.company_id = r.company_id AND m.reverses_id = r.entry_id)
  ) r ON r.entry_id = l.entry_id
WHERE l.company_id = %(company)s AND l.date <= %(date)s AND NOT l.statistical AND l.currency <> %(base)s
  AND a.type IN ('asset', 'liability') AND NOT a.subtype = ANY (%(left_out)s)
GROUP BY 1, 2, 3
HAVING sum(l.currency_amount) <> 0 OR coalesce(sum(l.amount) FILTER (WHERE r.id IS NULL), 0) <> 0
ORDER BY min(a.code), 3, 2
"""


def revaluations(company: Company, date: datetime.date) -> list[Revalued]:
    """What a revaluation at the end of the day would change. Refused (`missing_rate`) where a rate is not known."""
    step = Decimal(1).scaleb(-chart_of(company).units[company.base_currency].decimals)
    rates: dict[str, tuple[Decimal, str]] = {}
    found = []
    for account, sub_account, currency, amount, carried in _foreign_balances(company, date):
        if amount and currency not in rates:
            rates[currency] = rate_on(currency, date, place="date")
        rate, source = rates[currency] if amount else (Decimal(0), "")
        worth = (amount * rate).quantize(step, ROUNDINGS[company.rounding])
        found.append(Revalued(account, sub_account, currency, amount, carried, rate, source, worth - carried))
    return found


def missing_rates(company: Company, date: datetime.date) -> list[str]:
    """The currencies of balances that have no rate on or before the day."""
    held = {currency for _account, _sub, currency, amount, _carried in _foreign_balances(company, date) if amount}
    rated = ExchangeRate.objects.for_company(company).filter(currency__in=held, date__lte=date)
    return sorted(held - set(rated.values_list("currency", flat=True)))


def _foreign_balances(company: Company, date: datetime.date) -> list[tuple[UUID, UUID | None, str, Decimal, Decimal]]:
    """Monetary balances in foreign currency at the end of the day: account, sub-account, currency, amount, worth."""
    values: dict[str, Any] = {
        "company": company.pk,
        "date": date,
        "base": company.base_currency,
        "left_out": list(NON_MONETARY),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, values)
        rows = cursor.fetchall()
    units = chart_of(company).units
    return [row for row in rows if units[row[2]].kind == "currency"]


@transaction.atomic
def revalue(date: datetime.date) -> Posted:
    """Post the unrealised differences of a day; they reverse themselves on the next. Run again, it posts what is new.

    Posters in flight are waited for, another revaluation too.
    Refused: `nothing_to_revalue`, `missing_rate`, `missing_role`, `period_closed`.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    hold_books(scope.company)
    changed = [one for one in revaluations(scope.company, date) if one.difference]
    if not changed:
        raise NothingToRevalue(_("Every balance stands at its closing rate."), place="date")
    chart = chart_of(scope.company)
    before = Entry.objects.for_company(scope.company).filter(source=SOURCE, date=date, reverses=None).count()
    lines = [line for one in changed for line in _lines(one, chart)]
    return post(NewEntry(
        key=f"revaluation:{date}:{before + 1}", date=date, memo=_("Revaluation at closing rates"), source=SOURCE,
        lines=tuple(lines), reverse_on=date + datetime.timedelta(days=1), derived=True,
    ))  # fmt: skip


def _lines(one: Revalued, chart: Chart) -> tuple[NewLine, NewLine]:
    role = "exchange_gain_unrealised" if one.difference > 0 else "exchange_loss_unrealised"
    memo = _("%(amount)s %(currency)s at %(rate)s") % {
        "amount": f"{one.amount.normalize():f}", "currency": one.currency, "rate": f"{one.rate.normalize():f}",
    }  # fmt: skip
    own = NewLine(
        account=one.account_id, sub_account=one.sub_account_id or "", amount=Decimal(0), currency=one.currency,
        base_amount=one.difference, rate_source=one.rate_source, memo=memo,
    )  # fmt: skip
    return own, NewLine(account=chart.in_role(role).id, amount=-one.difference, memo=memo)
