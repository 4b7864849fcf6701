"""Import a journal that another program wrote: beancount, hledger/ledger, CSV or XLSX. All of it, or nothing.

What the source declares and the company lacks is made: accounts, units, fiscal years, rates. What the source's
tolerance let pass becomes a rounding line; what is understood and left out is counted. The report names all of it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounting.fiscal_years import open_fiscal_year
from accounting.models import FiscalYear
from accounting.spreadsheets import BadFile, table_text
from accounting.table_rows import headings_named
from ledger.journal_plan import JournalPlan, Rounding, plan_journal
from ledger.journal_preparation import prepare
from ledger.parsers.beancount import parse_beancount
from ledger.parsers.csv_journal import COLUMNS, parse_csv_journal
from ledger.parsers.hledger import parse_hledger
from ledger.parsers.journal import BadEncoding, ParsedJournal, Problem, decode
from ledger.posting import post_batch
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

FORMATS = {
    "beancount": (".beancount", ".bean"),
    "hledger": (".journal", ".hledger", ".ledger", ".j", ".dat"),
    "csv": (".csv", ".tsv", ".txt"),
    "xlsx": (".xlsx",),
}
TABLES = ("csv", "xlsx")
CHUNK = 500
SHOWN_PROBLEMS = 1000

Progress = Callable[[int, int, str], None]


class UnknownFormat(Refused):
    """Neither the name of the file nor the caller says what it is."""

    code = "unknown_format"


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do; with problems, nothing was stored."""

    format: str
    dry_run: bool
    entries: int = 0
    lines: int = 0
    accounts: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    years: list[str] = field(default_factory=list)
    rates: int = 0
    roundings: list[Rounding] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_table(self) -> bool:
        """Whether the file names accounts of this chart, rather than those of another program."""
        return self.format in TABLES

    def as_json(self) -> dict[str, Any]:
        """The report in plain values; amounts as strings, at most a thousand problems in full."""
        values = asdict(self)
        values["problem_count"] = len(self.problems)
        values["problems"] = values["problems"][:SHOWN_PROBLEMS]
        values["roundings"] = [
            {**rounding, "amount": str(rounding["amount"]), "date": rounding["date"].isoformat()}
            for rounding in values["roundings"]
        ]
        return values


class _NothingStored(Exception):
    """Ends the transaction of a dry run, or of an import with problems."""


def format_of(name: str) -> str:
    """Which format a file's name announces; refused (`unknown_format`) where none does."""
    for kind, endings in FORMATS.items():
        if name.lower().endswith(endings):
            return kind
    raise UnknownFormat(f"“{name}”: say whether this is beancount, hledger, csv or xlsx.", place="format")


def column_names(text: str) -> dict[str, str]:
    """What the headings of a table stand for, from lines such as `Konto = account`; else refused (`bad_columns`)."""
    return headings_named(text, COLUMNS)


def import_journal(
    data: bytes, format: str, *, key: str, dry_run: bool = False, columns: Mapping[str, str] | None = None,
    progress: Progress = lambda *_: None,
) -> ImportReport:  # fmt: skip
    """Import a file into the current company under one key; the same file under the same key is imported once.

    `columns` says what the headings of a table stand for (`column_names`). With a problem anywhere, or in a dry run,
    nothing is stored and the report says what would have been.
    """
    scope = current_scope()
    scope.require(Permission.IMPORT_JOURNALS)
    report = ImportReport(format=format, dry_run=dry_run)
    progress(0, 0, "Reading the file")
    parsed = _parse(data, format, scope.company.base_currency, columns, report)
    if parsed is None:
        return report
    try:
        with transaction.atomic():
            _store(parsed, report, key, progress)
            if dry_run or report.problems:
                raise _NothingStored
    except _NothingStored:
        pass
    except Refused as refusal:
        report.problems.append(Problem(0, refusal.code, f"{refusal.message} {refusal.place}".strip()))
    return report


def run_import(job: "RunningJob") -> dict[str, Any]:
    """The background job: imports the file that was handed in with it."""
    parameters = job.parameters
    with company_scope(job.company, actor=job.actor, act="import journal"):
        report = import_journal(
            job.file("journal"), parameters["format"], key=f"import:{job.key}", dry_run=bool(parameters.get("dry_run")),
            columns=column_names(parameters.get("columns", "")), progress=job.progress,
        )  # fmt: skip
    return report.as_json()


def _parse(
    data: bytes, format: str, base: str, columns: Mapping[str, str] | None, report: ImportReport
) -> ParsedJournal | None:
    try:
        text = table_text(data) if format == "xlsx" else decode(data)
    except BadEncoding as error:
        report.problems.append(Problem(error.place, error.code, error.message))
        return None
    except BadFile as refusal:
        report.problems.append(Problem(0, refusal.code, refusal.message))
        return None
    if format == "beancount":
        return parse_beancount(text)
    if format == "hledger":
        return parse_hledger(text)
    if format in TABLES:
        return parse_csv_journal(text, base_currency=base, names=columns)
    raise UnknownFormat(f"“{format}” is not beancount, hledger, csv or xlsx.", place="format")


def _store(parsed: ParsedJournal, report: ImportReport, key: str, progress: Progress) -> None:
    progress(0, len(parsed.transactions), "Preparing accounts and units")
    target = prepare(parsed, report, key)
    if report.problems:
        report.problems = sorted([*report.problems, *parsed.problems], key=lambda problem: problem.place)
        return
    plan = plan_journal(parsed, target)
    report.roundings, report.ignored, report.problems = plan.roundings, plan.ignored, plan.problems
    if not report.problems:
        _open_years(plan, report)
        _post(plan, report, key, progress)


def _open_years(plan: JournalPlan, report: ImportReport) -> None:
    company = current_scope().company
    before = set(FiscalYear.objects.for_company(company).values_list("name", flat=True))
    for date in sorted({entry.date.replace(day=1) for entry in plan.entries}):
        open_fiscal_year(date)
    after = FiscalYear.objects.for_company(company).values_list("name", flat=True)
    report.years = sorted(set(after) - before)


def _post(plan: JournalPlan, report: ImportReport, key: str, progress: Progress) -> None:
    total = len(plan.entries)
    for start in range(0, total, CHUNK):
        chunk = plan.entries[start : start + CHUNK]
        try:
            post_batch(f"{key}:{start // CHUNK + 1}", chunk)
        except Refused as refusal:
            place = _place_of(refusal, plan.places[start : start + CHUNK])
            report.problems.append(Problem(place, refusal.code, refusal.message))
            return
        report.entries += len(chunk)
        report.lines += sum(len(entry.lines) for entry in chunk)
        progress(report.entries, total, "Posting")


def _place_of(refusal: Refused, places: list[int]) -> int:
    """The line of the source behind a refusal such as `entries[12].lines[0].account`."""
    if match := re.match(r"entries\[(\d+)\]", refusal.place):
        return places[int(match.group(1))]
    return places[0] if len(places) == 1 else 0
