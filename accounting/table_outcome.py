"""What becomes of the rows of an import: new, changed, as it was, or refused, with every place and sentence."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.db import Error as DatabaseFailure
from django.db import InterfaceError, OperationalError, transaction
from rest_framework.exceptions import ValidationError

from accounting.table_rows import RowProblem
from tenants.api_problems import problem_of
from tenants.refusal import Refused

NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
SHOWN_PROBLEMS = 1000

Made = TypeVar("Made")
# From the place that an act names (`lines[0].tax`) to the row and column of the file.
Placing = Callable[[str], tuple[int, str]]


@dataclass(slots=True)
class Outcome:
    """What becomes of a row, or of the rows of one document; `changes` are column, before and after."""

    row: int
    name: str
    became: str
    id: str = ""
    about: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(slots=True)
class TableReport:
    """What an import did, or would do; with problems, nothing is kept. `before` is the job that imported this file."""

    table: str
    dry_run: bool
    rows: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    before: str = ""

    @property
    def everything_wrong(self) -> list[RowProblem]:
        """The problems of the file and of all its rows, from top to bottom."""
        found = [*self.problems, *(problem for outcome in self.outcomes for problem in outcome.problems)]
        return sorted(found, key=lambda problem: problem.row)

    def as_json(self) -> dict[str, Any]:
        """The report in plain values: counts, and at most a thousand problems in full."""
        counts, wrong = Counter(outcome.became for outcome in self.outcomes), self.everything_wrong
        return {
            "table": self.table, "dry_run": self.dry_run, "rows": self.rows,
            **{became: counts[became] for became in (NEW, CHANGED, UNCHANGED, REFUSED)},
            "problem_count": len(wrong), "problems": [as_plain(problem) for problem in wrong[:SHOWN_PROBLEMS]],
            "ignored": self.ignored, "imported_before": self.before,
        }  # fmt: skip

    def as_file(self) -> bytes:
        """The report with what becomes of every row, to be kept with the job."""
        outcomes = [{**asdict(one), "problems": [as_plain(wrong) for wrong in one.problems]} for one in self.outcomes]
        return json.dumps({"report": self.as_json(), "outcomes": outcomes}, ensure_ascii=False).encode()


def as_plain(problem: RowProblem) -> dict[str, Any]:
    """A problem as it is shown and sent."""
    return {"row": problem.row, "place": problem.place, "code": problem.code, "message": problem.message}


def tried(act: Callable[[], Made], placed: Placing) -> tuple[Made | None, list[RowProblem]]:
    """What the act made, in a savepoint of its own; or why it says no, each complaint at its row and column."""
    try:
        with transaction.atomic():
            return act(), []
    except (OperationalError, InterfaceError):
        # The database was away or busy: the whole import is tried again.
        raise
    except (Refused, ValidationError, DatabaseFailure) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        complaints = problem.errors or ({"code": problem.code, "detail": problem.detail, "place": problem.place},)
        return None, [RowProblem(*placed(one["place"]), one["code"], one["detail"]) for one in complaints]
