"""Reports read back from every form that they are handed out in, as the same plain rows."""

import csv
import io
import json
import re
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from pypdf import PdfReader

FIGURE = re.compile(r"\(?\d[\d,]*\.\d\d\)?|(?<!\S)–(?!\S)")


def from_json(body: bytes) -> list[list[Any]]:
    """Figures of each row, in order."""
    found = json.loads(body)
    columns = numbers_of(found)
    return [[_number(value) for key, value in row["cells"].items() if key in columns] for row in found["rows"]]


def numbers_of(found: Any) -> list[str]:
    """The columns that hold numbers."""
    return [one["key"] for one in found["columns"] if one["kind"] in ("amount", "count", "percent")]


def from_csv(body: bytes, amounts: list[str]) -> list[list[Any]]:
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    return [[_number(row[name]) for name in amounts] for row in rows]


def from_xlsx(body: bytes, every: list[str], numbers: list[str]) -> list[list[Any]]:
    """The sheet's rows below its head; figures stand in the columns of numbers."""
    sheet: Any = load_workbook(io.BytesIO(body), read_only=True).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(number for number, row in enumerate(rows) if not any(row)) + 2
    # Empty cells at the end of a row are not written.
    whole = [dict(zip(every, [*row, *[None] * len(every)], strict=False)) for row in rows[start:]]
    return [[_number(row[name]) for name in numbers] for row in whole]


def figures_of_pdf(body: bytes) -> list[Decimal]:
    """Every figure of the table, in the order of reading; zero is a dash."""
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return [_figure(one) for one in FIGURE.findall(text)]


def figures_of_page(body: str) -> list[Decimal]:
    """Every figure of the table on screen."""
    table = body[body.index("<tbody>") : body.index("</tbody>")]
    return [_figure(one) for one in re.findall(r'<span class="figure [a-z]*">([^<]*)</span>', table)]


def _number(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def _figure(text: str) -> Decimal:
    if text == "–":
        return Decimal(0)
    amount = Decimal(text.strip("()").replace(",", ""))
    return -amount if text.startswith("(") else amount
