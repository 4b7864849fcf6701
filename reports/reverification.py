"""Verify a report that was made: the same figures at the same block, the same files, and what is different today."""

import dataclasses
import datetime
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jobs.models import JobFile
from reports.asked_texts import asked_of_texts, kind_named
from reports.figures import Figures
from reports.models import ReportRun
from reports.renderers.as_json import value_of
from reports.report_runs import COMPARED
from reports.shaped_since import Shaping, shaped_since
from reports.table import NUMBERS, Report
from tenants.audit_trail import note_read
from tenants.refusal import Refused

# A report with more rows is compared as a whole: it is the same, or it is not.
MOST_COMPARED = 20_000
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that has other figures today: what was kept, and what is there now; None where there is no such row."""

    label: str
    kept: tuple[Any, ...] | None
    now: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. `is_same_at_block`: made again as known then, the figures are the same; None where the report
    cannot be made any more (`problem`). Where they are others, `shaped` names what was changed beside the books since.
    """

    at: datetime.datetime
    files_changed: list[str]
    is_same_at_block: bool | None
    is_same_today: bool
    columns: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    difference_count: int = 0
    problem: str = ""
    shaped: list[Shaping] = field(default_factory=list)


def verify_run(run: ReportRun) -> Verification:
    """Make the report again, as known at its block and as known today, and compare both with what was kept."""
    note_read("reports_reportrun", run.pk, {"verified": True})
    kept, moment = bytes(run.figures_hash), datetime.datetime.now(tz=datetime.UTC)
    try:
        kind = kind_named(run.report)
        asked = asked_of_texts(kind, run.asked)
        then = _hash_of(kind.make(run.company, asked))
        now_asked = dataclasses.replace(asked, known_at=None)
        today = _hash_of(kind.make(run.company, now_asked))
    except Refused as refusal:
        # An account that the report names may be called otherwise by now.
        return Verification(moment, _changed_files(run), None, is_same_today=False, problem=refusal.message)
    shaped = [] if then == kept else shaped_since(run)
    found = Verification(moment, _changed_files(run), then == kept, today == kept, shaped=shaped)
    if today == kept or run.row_count > MOST_COMPARED:
        return found
    columns, differences = _compared(run, kind.make(run.company, now_asked))
    return dataclasses.replace(
        found, columns=columns, differences=differences[:MOST_SHOWN], difference_count=len(differences)
    )


def _hash_of(report: Report) -> bytes:
    figures = Figures()
    for _row in figures.of(report).rows:
        pass
    return figures.hash


def _changed_files(run: ReportRun) -> list[str]:
    """The files that do not hold what they held."""
    rows = JobFile.objects.for_company(run.company_id).filter(job=run.job_id, role=JobFile.Role.OUTPUT)
    held: dict[str, set[str]] = {}
    for name, content in rows.values_list("name", "content").iterator(chunk_size=1):
        held.setdefault(name, set()).add(hashlib.sha256(content).hexdigest())
    return [file["name"] for file in run.files if file["sha256"] not in held.get(file["name"], set())]


def _compared(run: ReportRun, report: Report) -> tuple[list[str], list[Difference]]:
    """The rows whose figures differ, found by what their other cells say."""
    places = [place for place, column in enumerate(report.columns) if column.kind in NUMBERS]
    labels = [str(report.columns[place].label) for place in places]
    kept, now = _rows_kept(run), list(_rows_of(report))
    both = Counter(kept) & Counter(now)
    left, new = _left(kept, both.copy()), _left(now, both.copy())
    differences = []
    for label in {**dict(left), **dict(new)}:
        before = [figures for own, figures in left if own == label]
        after = [figures for own, figures in new if own == label]
        for number in range(max(len(before), len(after))):
            differences.append(Difference(
                label, before[number] if number < len(before) else None, after[number] if number < len(after) else None
            ))  # fmt: skip
    return labels, differences


PlainRow = tuple[str, tuple[Any, ...]]


def _left(rows: list[PlainRow], both: "Counter[PlainRow]") -> list[PlainRow]:
    """The rows that the other side does not have, in their order."""
    found = []
    for row in rows:
        if both[row]:
            both[row] -= 1
        else:
            found.append(row)
    return found


def _rows_of(report: Report) -> Iterator[PlainRow]:
    for row in report.rows:
        cells = zip(report.columns, row.cells, strict=True)
        yield _plain([(column.kind in NUMBERS, value_of(column, cell)) for column, cell in cells])


def _rows_kept(run: ReportRun) -> list[PlainRow]:
    name = next(file["name"] for file in run.files if file["form"] == COMPARED)
    file = JobFile.objects.for_company(run.company_id).filter(job=run.job_id, name=name).order_by("-id").first()
    document = json.loads(_unpacked(bytes(file.content), name))
    numbers = {one["key"] for one in document["columns"] if one["kind"] in {kind.value for kind in NUMBERS}}
    return [_plain([(key in numbers, value) for key, value in row["cells"].items()]) for row in document["rows"]]


def _plain(cells: list[tuple[bool, Any]]) -> PlainRow:
    texts = [str(value) for is_number, value in cells if not is_number and value not in (None, "")]
    return " · ".join(texts), tuple(value for is_number, value in cells if is_number)


def _unpacked(content: bytes, name: str) -> bytes:
    if not name.endswith(".zip"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(archive.namelist()[0])
