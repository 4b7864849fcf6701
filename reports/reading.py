"""Rows of a long report, read through a cursor of the server: never held whole."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

CHUNK = 2000


def read_in_chunks(statement: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, one by one; closing the iterator closes the cursor."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows
