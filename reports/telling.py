"""Tell other systems of reports by webhook: in the transaction of the act, delivered after it."""

from typing import Any

from jobs.webhooks import emit
from reports.models import ReportRun


def tell_made(run: ReportRun) -> None:
    """A report is made and kept."""
    _tell("report.made", run, _payload(run))


def tell_signed(run: ReportRun, by: str) -> None:
    """A report is signed off."""
    _tell("report.signed", run, {**_payload(run), "signed_by": by})


def _tell(what: str, run: ReportRun, payload: dict[str, Any]) -> None:
    emit(what, key=f"{what}:{run.pk}", subject="reports_reportrun", subject_id=run.pk, payload=payload)


def _payload(run: ReportRun) -> dict[str, Any]:
    return {
        "id": run.pk, "report": run.report, "title": run.title, "from": run.start, "date": run.date,
        "block": run.block_number, "figures_hash": bytes(run.figures_hash).hex(), "files": run.files,
    }  # fmt: skip
