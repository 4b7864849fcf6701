"""Reads a FEC back, from the rules of article A47 A-1 alone: no word of the writer is used."""

import datetime
import re
from decimal import Decimal
from typing import Any

NAMES = [
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
]  # fmt: skip
MANDATORY = [
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "PieceRef", "PieceDate",
    "EcritureLib", "Debit", "Credit", "ValidDate",
]  # fmt: skip
AMOUNT = re.compile(r"-?\d+(,\d+)?")


def read_fec(body: bytes, separator: str = "\t") -> list[dict[str, Any]]:
    """The rows by name of the column; whatever breaks a rule of the format fails."""
    lines = body.decode("iso8859-15").split("\r\n")
    assert lines.pop() == "" and not any("\n" in line or "\r" in line for line in lines)
    assert lines[0].split(separator) == NAMES
    return [_row(line.split(separator)) for line in lines[1:]]


def _row(fields: list[str]) -> dict[str, Any]:
    assert len(fields) == 18, fields
    row: dict[str, Any] = dict(zip(NAMES, fields, strict=True))
    assert all(row[name] for name in MANDATORY), row
    assert re.match(r"\d{3}", row["CompteNum"])
    for name in ("EcritureDate", "PieceDate", "DateLet", "ValidDate"):
        assert re.fullmatch(r"(\d{8})?", row[name])
        row[name] = datetime.date.fromisoformat(row[name]) if row[name] else None
    for name in ("Debit", "Credit", "Montantdevise"):
        assert not row[name] or AMOUNT.fullmatch(row[name]), row[name]
        row[name] = Decimal(row[name].replace(",", ".")) if row[name] else None
    assert row["Debit"] >= 0 and row["Credit"] >= 0 and not (row["Debit"] and row["Credit"])
    assert bool(row["EcritureLet"]) == bool(row["DateLet"]) and bool(row["Idevise"]) == (
        row["Montantdevise"] is not None
    )
    return row
