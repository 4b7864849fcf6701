"""Rows of a long report, read through a cursor of the server: never held whole."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db import connection

CHUNK = 2000
Row = TypeVar("Row")


class OutOfOrder(RuntimeError):
    """The rows of a report did not come in their order."""


def moment_text(at: datetime.datetime) -> str:
    """A moment as registers show it, to the minute."""
    return f"{at.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"


def read_in_chunks(statement: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, one by one; closing the iterator closes the cursor."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def in_order(rows: Iterator[Row], place: Callable[[Row], Any]) -> Iterator[Row]:
    """The same rows, each at or behind the place of the one before; a fault where the database gave them otherwise."""
    before = None
    for row in rows:
        own = place(row)
        if before is not None and own < before:
            raise OutOfOrder(f"{own} came after {before}")
        before = own
        yield row
