"""A report as JSON: amounts as exact text, days in ISO 8601; written row by row."""

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
        "columns": [{"key": one.key, "label": str(one.label), "kind": one.kind.value} for one in report.columns],
    }  # fmt: skip
    yield json.dumps(head)[:-1] + ', "rows": ['
    for number, row in enumerate(report.rows):
        found = {"standing": row.standing.value, "level": row.level, "cells": {
            column.key: value_of(column, cell) for column, cell in zip(report.columns, row.cells, strict=True)
        }}  # fmt: skip
        yield ("," if number else "") + json.dumps(found)
    yield '], "problems": ' + json.dumps([str(one) for one in report.problems]) + "}"


def asked_of(report: Report) -> dict[str, Any]:
    """What was asked, in the words of the API."""
    known = report.asked.known_at
    return {
        "from": report.asked.start.isoformat() if report.asked.start else None,
        "date": report.asked.date.isoformat(),
        "known_at": known.isoformat() if isinstance(known, datetime.datetime) else known,
    }


def value_of(column: Column, cell: Cell) -> Any:
    """The value as JSON has it."""
    value = cell.value
    if isinstance(value, Decimal):
        return amount_text(value, column.decimals) if column.kind is Kind.AMOUNT else f"{value:f}"
    return value.isoformat() if isinstance(value, datetime.date) else value
