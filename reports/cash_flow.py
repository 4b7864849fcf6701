"""The cash flow statement, direct and indirect: where cash came from and went, reconciled to the cash accounts.

Indirect: what moved every account but cash, laid out by activity (IAS 7.18 b). Direct: the other lines of the entries
that moved cash (IAS 7.18 a). Both come to the change in cash less what exchange rates did to it (IAS 7.28), and what no
row of the layout takes is shown as not classified.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import fiscal_year_start
from accounting.chart import Chart, ChartAccount, chart_of
from reports.closed_results import closed_results
from reports.known_moment import known_condition
from reports.links import ledgers_of
from reports.periods import ONE_DAY, Period, periods_of
from reports.statement_amounts import Amounts, balances_on, less, movements, summed
from reports.statement_layouts import layout_of
from reports.statement_table import Filled, Head, heads_of, statement_columns, statement_rows
from reports.statements import filled_with
from reports.table import Asked, Cell, Report, Row, Standing
from tenants.models import Company

ZERO = Decimal(0)
CASH = ("bank", "cash")
DIRECT, INDIRECT = "direct", "indirect"
# A line of cash without an amount in its currency is an exchange difference: nothing flowed. So is what a transfer
# between own accounts gained or lost by its rates.
_FLOWS = """
WITH touched AS (
  SELECT l.entry_id, bool_and(l.currency_amount = 0) AS is_exchange
  FROM ledger_line l
  JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  WHERE l.company_id = %(company)s AND l.account_id = ANY (%(cash)s)
    AND l.date >= %(start)s AND l.date <= %(end)s {known}
  GROUP BY l.entry_id)
SELECT t.is_exchange OR o.is_exchange, l.account_id, sum(l.amount)
FROM touched t
JOIN ledger_line l ON l.company_id = %(company)s AND l.entry_id = t.entry_id AND NOT l.statistical
CROSS JOIN LATERAL (
  SELECT bool_and(a.subtype IN ('exchange_gain', 'exchange_loss')) AS is_exchange FROM ledger_line m
  JOIN accounting_account a ON a.company_id = m.company_id AND a.id = m.account_id
  WHERE m.company_id = %(company)s AND m.entry_id = t.entry_id AND NOT m.account_id = ANY (%(cash)s)) o
WHERE NOT l.account_id = ANY (%(cash)s)
GROUP BY 1, 2
"""


def cash_flow(company: Company, asked: Asked) -> Report:
    """Where cash came from and went from a day (of the fiscal year, where none is named) to another, by the `indirect`
    method unless `direct` is asked for; columns by month, quarter or year, beside the year or the period before.
    Refused: `too_many_columns`."""
    start = asked.start or fiscal_year_start(company, asked.date)
    method = asked.method or INDIRECT
    wanted = dataclasses.replace(asked, start=start, method=method)
    columns = periods_of(start, asked.date, asked.by, compare=asked.compare)
    closed = closed_results(company, columns, known_at=asked.known_at)
    heads = heads_of(columns, compared=len(columns) // 2 if asked.compare else 0, closed=closed)
    chart = chart_of(company)
    cash = [one for one in chart.by_id.values() if one.subtype in CASH]
    flows = [_flows(company, one, cash, asked) for one in columns]
    if method == DIRECT:
        amounts: list[Amounts] = [flowed for _exchange, flowed in flows]
    else:
        moved = movements(company, columns, asked)
        amounts = [_without_cash(one, exchange, chart) for one, (exchange, _flowed) in zip(moved, flows, strict=True)]
    filled = filled_with(company, layout_of(company, f"cash-flow-{method}", asked.layout), heads, amounts)
    rows = list(statement_rows(filled, wanted, company))
    exchange = [-sum(one.values(), ZERO) for one, _flowed in flows]
    reconciled, problems = _reconciled(company, filled, cash, exchange, wanted)
    title = gettext_lazy("Cash flow statement")
    report = Report("cash-flow", title, company, wanted, statement_columns(company, heads), rows + reconciled)
    report.problems += problems
    report.notes.append(
        _("By the direct method; the ledgers behind show every line of an account, not those of cash alone.")
        if method == DIRECT else _("By the indirect method.")
    )  # fmt: skip
    return report


def _flows(company: Company, period: Period, cash: Sequence[ChartAccount], asked: Asked) -> tuple[Amounts, Amounts]:
    """By account the other side of what moved cash: of exchange differences alone, and of what flowed."""
    values: dict[str, Any] = {"company": company.pk, "cash": [one.id for one in cash], "start": period.start,
                              "end": period.end, "known_at": asked.known_at}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS.format(known=known_condition(asked.known_at)), values)
        rows = cursor.fetchall()
    exchange = summed((account, amount) for is_exchange, account, amount in rows if is_exchange)
    return exchange, summed((account, amount) for is_exchange, account, amount in rows if not is_exchange)


def _without_cash(moved: Amounts, exchange: Mapping[UUID, Decimal], chart: Chart) -> Amounts:
    """What moved all other accounts, less what exchange rates alone did to cash."""
    others = {account: amount for account, amount in moved.items() if chart.by_id[account].subtype not in CASH}
    return less(others, dict(exchange))


def _reconciled(
    company: Company, filled: Filled, cash: Sequence[ChartAccount], exchange: Sequence[Decimal], asked: Asked
) -> tuple[list[Row], list[str]]:
    """Cash before, what exchange rates did to it, and cash after, which has to be what the accounts say."""
    days = [(head.period.start or head.period.end) - ONE_DAY for head in filled.heads]
    ends = [head.period.end for head in filled.heads]
    wanted = dataclasses.replace(asked, basis="")
    found = balances_on(company, [*days, *ends], wanted)
    held = [sum((one.get(account.id, ZERO) for account in cash), ZERO) for one in found]
    before, after = held[: len(days)], held[len(days) :]
    last = filled.layout.rows[-1].key
    problems = [
        _("%(column)s: the flows and the cash accounts differ by %(apart)s.") % {"column": head.label, "apart": apart}
        for head, opened, closed, sums, rates in zip(filled.heads, before, after, filled.sums, exchange, strict=True)
        if (apart := closed - opened - sums[last] - rates)
    ]
    opened_row = _cash_row(_("Cash at the beginning"), before, filled.heads, cash, asked, at_end=False)
    rows = [
        opened_row,
        *([_rates_row(exchange, filled, cash, asked)] if any(exchange) else []),
    ]
    return [*rows, _cash_row(_("Cash at the end"), after, filled.heads, cash, asked, at_end=True)], problems


def _cash_row(
    label: str, amounts: Sequence[Decimal], heads: Sequence[Head], cash: Sequence[ChartAccount], asked: Asked, *,
    at_end: bool,
) -> Row:  # fmt: skip
    cells = []
    for amount, head in zip(amounts, heads, strict=True):
        first = head.period.start or head.period.end
        link = (
            ledgers_of(cash, first, head.period.end, asked)
            if at_end
            else ledgers_of(cash, None, first - ONE_DAY, asked)
        )
        cells.append(Cell(amount, link))
    return Row(_with_change([Cell(label), *cells], heads), Standing.TOTAL if at_end else Standing.LINE)


def _rates_row(amounts: Sequence[Decimal], filled: Filled, cash: Sequence[ChartAccount], asked: Asked) -> Row:
    links = [ledgers_of(cash, head.period.start, head.period.end, asked) for head in filled.heads]
    cells = [Cell(amount, link) for amount, link in zip(amounts, links, strict=True)]
    return Row(_with_change([Cell(_("Effect of exchange rates on cash")), *cells], filled.heads))


def _with_change(cells: list[Cell], heads: Sequence[Head]) -> list[Cell]:
    """Where a change column stands, these rows have none."""
    empty = 2 if [one.is_past for one in heads] == [False, True] else 0
    return [*cells, *[Cell(None)] * empty]
