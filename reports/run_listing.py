"""Reports that were made, with how far they are: made, reviewed, signed off or rejected; in one query."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from jobs.models.jobs import UNDER_WAY
from reports.models import ReportDecision, ReportRun
from reports.report_runs import KIND
from tenants.models import Company

MADE, REVIEWED, SIGNED, REJECTED = "made", "reviewed", "signed", "rejected"
STATES = {MADE: _("made"), REVIEWED: _("reviewed"), SIGNED: _("signed off"), REJECTED: _("rejected")}


def list_runs(company: Company, *, report: str = "", state: str = "", schedule: Any = None) -> Any:
    """The reports that were made, newest first, each with its `state`, narrowed to one report, state or schedule."""
    decisions = ReportDecision.objects.for_company(company).filter(run=OuterRef("pk"))
    cases = [When(Exists(decisions.filter(kind=kind)), then=Value(kind)) for kind in (SIGNED, REJECTED, REVIEWED)]
    rows = ReportRun.objects.for_company(company).annotate(
        state=Case(*cases, default=Value(MADE), output_field=CharField())
    )
    for name, value in (("report", report), ("state", state), ("schedule", schedule)):
        if value:
            rows = rows.filter(**{name: value})
    return rows.order_by("-made_at", "-id")


def jobs_under_way(company: Company) -> Any:
    """The reports that are being made, and those that could not be made since yesterday."""
    jobs = Job.objects.for_company(company).filter(kind=KIND).order_by("-id")
    lately = timezone.now() - datetime.timedelta(days=1)
    return jobs.exclude(state="succeeded").filter(Q(state__in=UNDER_WAY) | Q(created_at__gte=lately))[:5]


def run_register(found: Any) -> Iterator[list[Any]]:
    """The list for a file: one row for each report."""
    yield ["Made", "By", "Report", "Title", "From", "To", "Block", "Rows", "State", "Hash of the figures"]
    for run in found.iterator(chunk_size=1000):
        yield [run.made_at.isoformat(), run.made_by, run.report, run.title, run.start, run.date, run.block_number,
               run.row_count, run.state, bytes(run.figures_hash).hex()]  # fmt: skip
