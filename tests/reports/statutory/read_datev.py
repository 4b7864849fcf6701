"""Reads a DATEV posting batch back, from the published expressions of its fields alone."""

import csv
import datetime
import re
from decimal import Decimal
from typing import Any

HEADER = [
    '"EXTF"', "700", "21", '"Buchungsstapel"', "13", r"\d{17}", "", r'"\w{0,2}"', r'"\w{0,25}"', r'"\w{0,25}"',
    r"\d{4,7}", r"\d{1,5}", r"\d{8}", "[4-8]", r"\d{8}", r"\d{8}", r'"[\w.\-/ ]{0,30}"', '"([A-Z]{2}){0,2}"', "[12]",
    "(0|30|40|50|64)", "[01]", '"[A-Z]{3}"', "", '""', "", "", r'"(\d{2}){0,2}"', r"\d{0,4}", "", '""', '".{0,16}"',
]  # fmt: skip
# What a field may hold, by its number; quotation marks stand where the expression has them.
FIELDS = {
    1: r"(?!0{1,10},00)\d{1,10},\d{2}", 2: '"[SH]"', 3: '"([A-Z]{3})?"', 4: r"([1-9]\d{0,3},\d{2,6})?",
    5: r"(\d{1,10},\d{2})?", 6: '"([A-Z]{3})?"', 7: r"\d{1,9}", 8: r"\d{1,9}", 9: r'"\d{0,4}"', 10: r"\d{4}",
    11: r'"[\w$%\-/&*+]{0,36}"', 14: r'"([^"]|""){0,60}"', 21: '".{0,20}"', 22: '".{0,210}"', 23: '".{0,20}"',
    24: '".{0,210}"', 37: '".{0,36}"', 38: '".{0,36}"', 114: "[01]",
}  # fmt: skip
_FIELD = re.compile(r'"(?:[^"]|"")*"|[^;"]*')


def read_datev(body: bytes) -> tuple[list[str], list[dict[str, Any]]]:
    """The header, and the postings; whatever breaks a rule of the format fails."""
    lines = body.decode("cp1252").split("\r\n")
    assert lines.pop() == "" and not any("\n" in line or "\r" in line for line in lines)
    header = lines[0].split(";")
    assert len(header) == 31
    for expression, field in zip(HEADER, header, strict=True):
        assert re.fullmatch(expression, field), (expression, field)
    headings = lines[1].split(";")
    assert len(headings) == 125 and headings[0].startswith("Umsatz") and headings[113] == "Festschreibung"
    start = datetime.date.fromisoformat(header[12])
    return header, [_posting(line, start, headings) for line in lines[2:]]


def _fields(line: str) -> list[str]:
    found, place = [], 0
    while True:
        match = _FIELD.match(line, place)
        assert match
        found.append(match[0])
        if match.end() == len(line):
            return found
        assert line[match.end()] == ";", line[match.end() :][:40]
        place = match.end() + 1


def _posting(line: str, start: datetime.date, headings: list[str]) -> dict[str, Any]:
    fields = _fields(line)
    assert len(fields) == 125
    for number, field in enumerate(fields, 1):
        expression = FIELDS.get(number, r'(""|)')
        assert re.fullmatch(expression, field), (number, headings[number - 1], field)
    (row,) = csv.reader([line], delimiter=";")
    found: dict[str, Any] = dict(zip(headings, row, strict=True))
    for name in ("Umsatz (ohne Soll/Haben-Kz)", "Kurs", "Basis-Umsatz"):
        found[name] = Decimal(found[name].replace(",", ".")) if found[name] else None
    day, month = int(found["Belegdatum"][:2]), int(found["Belegdatum"][2:])
    year = start.year if (month, day) >= (start.month, start.day) else start.year + 1
    found["date"] = datetime.date(year, month, day)
    found["amount"] = found["Basis-Umsatz"] or found["Umsatz (ohne Soll/Haben-Kz)"]
    return found
