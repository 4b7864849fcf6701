"""The rows of a table that somebody hands in as text: its delimiter found, its headings understood, its rows counted as
a spreadsheet counts them, the heading being row 1."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from accounting.written_numbers import Unreadable
from tenants.refusal import Refused

_DELIMITERS = (",", ";", "\t")


class BadColumns(Refused):
    """What the columns of the file are said to stand for makes no sense."""

    code = "bad_columns"

    def __init__(self, message: str) -> None:
        super().__init__(message, place="columns")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row of a file; without a column it is about the whole row."""

    row: int
    column: str
    code: str
    message: str

    @property
    def place(self) -> str:
        """Where it stands: `rows[12].due_date`; row 0 is the whole file."""
        if not self.row:
            return self.column or "file"
        return f"rows[{self.row}].{self.column}" if self.column else f"rows[{self.row}]"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place and its cells by column, stripped; a column that is not there is blank."""

    place: int
    cells: dict[str, str]
    too_long: bool = False

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def headings_named(text: str, known: Collection[str]) -> dict[str, str]:
    """What the headings of a table stand for, from lines such as `Konto = account`; else refused (`bad_columns`)."""
    names: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        theirs, found, ours = line.rpartition("=")
        if not found or not theirs.strip() or ours.strip() not in known:
            raise BadColumns(f"“{line.strip()[:60]}” is not “name in the file = one of {', '.join(known)}”.")
        names[theirs.strip()] = ours.strip()
    return names


def table_rows(
    text: str, understood: Callable[[list[str]], list[str]], *, delimiter: str | None = None
) -> Iterator[Row]:
    """The rows that are not blank; `understood` turns the headings into names of columns, "" for what is left out.

    `Unreadable` (`bad_csv`, `missing_column`) where this is no table.
    """
    header = text.partition("\n")[0]
    chosen = delimiter or max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=chosen, strict=True)
    place = 0
    columns: list[str] | None = None
    try:
        for place, cells in enumerate(reader, start=1):
            if columns is None:
                columns = understood(cells)
            elif any(cell.strip() for cell in cells):
                named = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
                yield Row(place, named, too_long="".join(cells[len(columns) :]).strip() != "")
    except csv.Error as error:
        raise Unreadable("bad_csv", f"Row {place + 1} is no CSV: {error}.", place + 1) from error
    if columns is None:
        raise Unreadable("missing_column", "The file is empty: its first row names the columns.", 1)


def column_names(cells: Sequence[str], known: Collection[str], given: Mapping[str, str]) -> list[str]:
    """What each heading is called here, as it is or as `given` names it; `Unreadable` where one is named and not there,
    or is there twice. Headings that nobody knows stay as they are."""
    meant = {theirs.strip().casefold(): ours for theirs, ours in given.items()}
    headings = [cell.strip().casefold() for cell in cells]
    for theirs in given:
        if theirs.strip().casefold() not in headings:
            raise Unreadable("missing_column", f"The file has no column “{theirs[:60]}”.", 1)
    names = [meant.get(heading) or heading.replace(" ", "_").replace("-", "_") for heading in headings]
    for name in known:
        if names.count(name) > 1:
            raise Unreadable("bad_column", f"The column {name} is there twice.", 1)
    return names
