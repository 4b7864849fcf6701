"""Tables as people hand them in, and what the import of one says."""

import csv
import hashlib
import io

from openpyxl import Workbook

from accounting.table_import import import_table
from accounting.table_kinds import table_kind
from accounting.table_outcome import TableReport


def csv_of(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    """The rows under all the headings that they name."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def xlsx_of(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def imported(name: str, data: bytes, *, dry_run: bool = False, columns: dict[str, str] | None = None, **options: bool):
    """The report of an import into the current company."""
    report, seed = TableReport(name, dry_run), hashlib.sha256(data).hexdigest()
    import_table(table_kind(name), data, report, names=columns or {}, options=options, seed=seed)
    return report


def became(report: TableReport) -> list[str]:
    return [outcome.became for outcome in report.outcomes]


def places(report: TableReport) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in report.everything_wrong]
