"""What the reports keep: layouts of statements, reports that were made and what was decided about them, schedules."""

from reports.models.layouts import StatementLayout
from reports.models.runs import ReportDecision, ReportRun
from reports.models.schedules import ReportSchedule

__all__ = ["ReportDecision", "ReportRun", "ReportSchedule", "StatementLayout"]
