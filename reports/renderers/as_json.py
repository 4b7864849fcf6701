"""A report as JSON: amounts as exact text, days in ISO 8601; written row by row."""

import dataclasses
import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from accounting.amounts import amount_text
from reports.table import Cell, Column, Kind, Report


def json_of(report: Report) -> Iterator[str]:
    """The report in pieces, never whole: head, rows, and what a reader has to know."""
    head = {
        "report": report.name, "title": str(report.title), "company": report.company.slug,
        "currency": report.company.base_currency, "asked": asked_of(report),
        "columns": [_column(one) for one in report.columns],
    }  # fmt: skip
    yield json.dumps(head)[:-1] + ', "rows": ['
    for number, row in enumerate(report.rows):
        found = {"standing": row.standing.value, "level": row.level, "cells": {
            column.key: value_of(column, cell) for column, cell in zip(report.columns, row.cells, strict=True)
        }}  # fmt: skip
        yield ("," if number else "") + json.dumps(found)
    ends = {"problems": [str(one) for one in report.problems], "notes": [str(one) for one in report.notes]}
    yield "], " + json.dumps(ends)[1:]


def _column(column: Column) -> dict[str, str]:
    return {"key": column.key, "label": str(column.label), "over": str(column.over), "kind": column.kind.value}


def asked_of(report: Report) -> dict[str, Any]:
    """What was asked, in the words of the API."""
    asked = dataclasses.asdict(report.asked)
    start, date, known = (asked.pop(name) for name in ("start", "date", "known_at"))
    return {
        "from": start.isoformat() if start else None, "date": date.isoformat(),
        "known_at": known.isoformat() if isinstance(known, datetime.datetime) else known,
        **{name: text for name, text in asked.items() if text},
    }  # fmt: skip


def value_of(column: Column, cell: Cell) -> Any:
    """The value as JSON has it."""
    value = cell.value
    if isinstance(value, Decimal):
        return f"{value:f}" if column.kind is Kind.COUNT else amount_text(value, column.decimals)
    return value.isoformat() if isinstance(value, datetime.date) else value
