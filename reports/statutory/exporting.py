"""Ask for a statutory export, and make it in the background: the file is kept with its job."""

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext

from jobs.enqueue import enqueue
from jobs.models import Job
from reports.result_file import ResultFile
from reports.sealed_books import last_block, seal_up_to
from reports.statutory.asked import AskedExport, Tally
from reports.statutory.formats import StatutoryFormat, format_named
from reports.statutory.ledger_lines import totals_of
from reports.statutory.parameters import checked_values, days_asked, year_asked
from reports.statutory.refusals import UnsealedEntries, named
from tenants.audit_trail import note_read
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

KIND = "reports.statutory_export"
# Progress is shown after so many lines.
STEP = 2_000


def ask_to_export(format: str, parameters: Mapping[str, Any], key: str = "") -> Job:
    """Ask for a file in a statutory format; the same key answers with the job that it already made.

    Refused at once: `not_permitted`, `unknown_format`, `invalid_parameter` (with its place), `missing_tax_number`,
    `job_key_reused`, `queue_full`. The job itself refuses what only the books can tell: `unsealed_entries`,
    `unmapped_accounts`, `unwritable_characters`, `unsupported_currency`, `too_many_postings`, `file_too_large`.
    """
    scope = current_scope()
    scope.require(Permission.EXPORT)
    chosen = format_named(format)
    values = checked_values(chosen.parameters, parameters)
    days_asked(year_asked(scope.company, values), values)
    chosen.ready(scope.company)
    return enqueue(KIND, {"format": format, **values}, key=key)


def statutory_exports(company: Company) -> Any:
    """The company's statutory exports, newest first."""
    return Job.objects.for_company(company).filter(kind=KIND).order_by("-id")


def run_statutory_export(job: "RunningJob") -> dict[str, Any]:
    """The background job: seals what is finished, writes the file, and keeps it with the job."""
    values = dict(job.parameters)
    chosen = format_named(values.pop("format"))
    begun = datetime.datetime.now(tz=datetime.UTC)
    # Noted in a transaction of its own: one that has written holds the sealer up, and the next may last for minutes.
    with company_scope(job.company, actor=job.actor, act="statutory export"):
        current_scope().require(Permission.EXPORT)
        note_read("ledger_entry", None, {"export": chosen.name, **values})
    _seal_all(job, values, begun)
    with company_scope(job.company, actor=job.actor, act="statutory export"), ResultFile() as result:
        asked = _asked(job.company, values, begun)
        tally = Tally()
        _write(job, chosen, asked, tally, result)
        kept = result.content()
        job.save_file(kept.name, kept.content, kept.content_type)
        return {
            "file": kept.name, "bytes": len(kept.content), "entries": tally.entries, "lines": tally.lines,
            "debit": tally.debit, "credit": tally.credit, "replaced_characters": tally.replaced, "block": asked.block,
        }  # fmt: skip


def _write(job: "RunningJob", chosen: StatutoryFormat, asked: AskedExport, tally: Tally, result: ResultFile) -> None:
    total = totals_of(asked).lines
    job.progress(0, total)
    file = chosen.write(asked, tally)
    result.begin(file.name, file.content_type)
    shown = 0
    for piece in file.pieces:
        result.write(piece)
        if tally.lines - shown >= STEP:
            shown = tally.lines
            job.progress(min(shown, total), total)
    job.progress(total, total)


def _seal_all(job: "RunningJob", values: dict[str, str], moment: datetime.datetime) -> None:
    """Have everything numbered that was posted up to the moment. Refused: `unsealed_entries`."""
    with company_scope(job.company, actor=job.actor):
        _start, end = days_asked(year_asked(job.company, values), values)
    # What lies before the first day is in the opening balances.
    waiting = seal_up_to(job.company, moment, end=end)
    if not waiting:
        return
    message = ngettext(
        "%(count)d entry of these days has no number yet: %(entries)s. Try again in a moment.",
        "%(count)d entries of these days have no number yet: %(entries)s. Try again in a moment.", len(waiting),
    )  # fmt: skip
    message %= {"count": len(waiting), "entries": named(waiting)}
    raise UnsealedEntries(message, place="entries", entries=waiting)


def _asked(company: Company, values: dict[str, str], moment: datetime.datetime) -> AskedExport:
    """What is to be written, as of the last block."""
    year = year_asked(company, values)
    start, end = days_asked(year, values)
    return AskedExport(company, year, start, end, last_block(company), moment, values)
