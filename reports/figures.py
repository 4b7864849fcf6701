"""The figures of a report, watched while its rows go by: how many rows, and one hash over all numbers."""

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from reports.table import NUMBERS, Report, Row


class Figures:
    """SHA-256 over the numbers of every row, in their order: texts may be renamed, figures may not change. Of a
    register without numbers every cell counts."""

    def __init__(self) -> None:
        self.row_count = 0
        self._digest = hashlib.sha256()

    def of(self, report: Report) -> Report:
        """The same report, whose rows are counted and hashed as they are read."""
        numbers = [place for place, column in enumerate(report.columns) if column.kind in NUMBERS]
        places = numbers or list(range(len(report.columns)))
        report.rows = self._watched(report.rows, places)
        return report

    @property
    def hash(self) -> bytes:
        """The hash of what went by."""
        return self._digest.digest()

    def _watched(self, rows: Any, places: list[int]) -> Iterator[Row]:
        for row in rows:
            self.row_count += 1
            figures = [_text(row.cells[place].value) for place in places]
            self._digest.update(json.dumps([row.standing.value, *figures]).encode() + b"\n")
            yield row


def _text(value: Any) -> str | None:
    """One spelling of each number: without the zeros that a column's scale adds."""
    if value is None:
        return None
    return f"{Decimal(value).normalize():f}" if isinstance(value, (int, Decimal)) else str(value)
