"""How a statement would look in a layout that is not saved: the fiscal year so far, and what has no row."""

from collections.abc import Mapping
from typing import Any

from accounting.business_day import business_day, fiscal_year_start
from accounting.chart import ChartAccount, chart_of
from reports.periods import Period
from reports.statement_amounts import balances_on, movements
from reports.statement_layout import layout_from
from reports.statement_table import heads_of, statement_columns, statement_rows
from reports.statements import filled_with
from reports.table import Asked
from tenants.models import Company


def preview_rows(company: Company, statement: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Columns and rows of the statement up to today, and the accounts that stand in no row. Refused: `bad_layout`."""
    layout = layout_from(data)
    today = business_day(company)
    asked = Asked(today)
    period = Period(None if statement == "balance-sheet" else fiscal_year_start(company, today), today)
    amounts = movements(company, [period], asked) if period.start else balances_on(company, [today], asked)
    heads = heads_of([period])
    filled = filled_with(company, layout, heads, amounts)
    placed = {account.id for own in filled.accounts.values() for account in own}
    left = [account for account in _moved(company, amounts) if account.id not in placed]
    wanted = left if statement != "profit-and-loss" else [one for one in left if one.type in ("income", "expense")]
    return {"columns": statement_columns(company, heads), "rows": list(statement_rows(filled, asked, company)),
            "left": wanted}  # fmt: skip


def _moved(company: Company, amounts: Any) -> list[ChartAccount]:
    """The accounts that moved, by code."""
    chart = chart_of(company)
    found = {account for column in amounts for account, amount in column.items() if amount}
    return sorted((chart.by_id[account] for account in found), key=lambda one: one.code)
