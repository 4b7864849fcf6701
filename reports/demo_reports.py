"""What a demo company plans, has made by itself, and signed: a budget, a schedule, the statements of last month."""

import datetime
from decimal import Decimal

from accounting.chart import chart_of
from jobs.running import run
from ledger.budget_versions import activate_budget
from ledger.budgets import PlannedLine, create_budget, months_of, set_lines
from ledger.models import Budget
from reports.models import ReportRun, ReportSchedule
from reports.periods import ONE_DAY, Period
from reports.report_runs import ask_for_report
from reports.report_schedules import ScheduleContent, add_schedule
from reports.run_decisions import comment_on, review, sign_off
from reports.statement_amounts import movements
from reports.table import Asked
from tenants.models import Company
from tenants.scope import Actor, company_scope

MORE, ROUND = Decimal("1.05"), Decimal(10)
RESULT = ("income", "expense")


def plan_year(company: Company, today: datetime.date) -> Budget:
    """The year as the one before went, and a little more; in the current scope."""
    start, end = today.replace(month=1, day=1), today.replace(month=12, day=31)
    budget = create_budget(name=f"Plan {today.year}", start=start, end=end, control=Budget.Control.WARN)
    chart, months = chart_of(company), months_of(budget)
    before = [month.replace(year=month.year - 1) for month in months]
    ends = [month - ONE_DAY for month in [*before[1:], start]]
    moved = movements(company, [Period(*days) for days in zip(before, ends, strict=True)], Asked(ends[-1]))
    lines = [
        PlannedLine(account, month, (amount * chart.by_id[account].normal_side * MORE / ROUND).quantize(1) * ROUND)
        for month, amounts in zip(months, moved, strict=True)
        for account, amount in sorted(amounts.items())
        if amount and chart.by_id[account].type in RESULT
    ]
    set_lines(budget.pk, lines)
    return activate_budget(budget.pk)


def report_every_month(today: datetime.date) -> ReportSchedule:
    """The profit and loss of a month, on the fifth of the next; in the current scope."""
    return add_schedule(ScheduleContent(
        "Monthly profit and loss", "profit-and-loss", ReportSchedule.Cadence.MONTHLY, ReportSchedule.Span.MONTH,
        (today.replace(day=1) + 32 * ONE_DAY).replace(day=5),
    ))  # fmt: skip


def sign_last_month(company: Company, today: datetime.date, maker: Actor, checker: Actor) -> None:
    """The statements up to the end of last month are kept; one is signed off, one is talked about."""
    last = today.replace(day=1) - ONE_DAY
    start = {"start": last.replace(month=1, day=1).isoformat()}
    for name, asked in (("profit-and-loss", start), ("balance-sheet", {}), ("aged-receivables", {})):
        with company_scope(company, actor=maker, act="demo"):
            job = ask_for_report(name, {"date": last.isoformat(), **asked}, key=f"demo:{name}")
        run(company.pk, job.pk)
    with company_scope(company, actor=checker, act="demo"):
        kept = {one.report: one.pk for one in ReportRun.objects.for_company(company)}
        review(kept["profit-and-loss"])
        sign_off(kept["profit-and-loss"])
        comment_on(kept["aged-receivables"], "Who is over 60 days late gets a call before the reminder.")
