"""What tells the SAF-T files of the OECD and of Norway apart, and how both write amounts, codes and texts.

OECD: "Guidance for the Standard Audit File - Tax", version 2.0, appendix B. Norway: SAF-T Financial 1.30, in force for
periods from 1 January 2025 on (Skatteetaten). Norway's is the OECD's with other lengths, and with debits and credits
where the OECD has one signed amount.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from reports.statutory.written_texts import on_one_line
from reports.statutory.xml_pieces import Markup, element

# What both want said where there is nothing to say.
NOTHING = "NotUsed"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One of the two: its namespace and version, the longest texts, and what it calls the kinds of accounts."""

    namespace: str
    version: str
    basis: str
    long_names: bool
    tax_code: int
    by_side: bool

    @property
    def name(self) -> int:
        return 256 if self.long_names else 70

    @property
    def address(self) -> tuple[int, int, int]:
        """Street, postal code and town."""
        return (256, 70, 256) if self.long_names else (70, 18, 35)


OECD = Dialect("urn:OECD:StandardAuditFile-Taxation/2.00", "2.00", "Invoice", False, 9, False)
NORWAY = Dialect("urn:StandardAuditFile-Taxation-Financial:NO", "1.30", "A", True, 70, True)
CODE, SHORT, MIDDLE, LONGER, LONG = 9, 18, 35, 70, 256


def fitted(code: str, longest: int) -> str:
    """A code in the length that the schema allows. One that is cut ends in four characters of its hash, so that two
    long codes stay different; the same code is always written alike."""
    plain = on_one_line(code)
    if len(plain) <= longest:
        return plain
    mark = hashlib.sha256(plain.encode()).hexdigest()[:4].upper()
    return f"{plain[: longest - 4]}{mark}"


def text(value: str, longest: int) -> str:
    """A text for people, cut where it is too long; never empty."""
    return on_one_line(value)[:longest].strip() or NOTHING


def money(name: str, amount: Decimal, decimals: int) -> Markup:
    """An element with an amount in the decimals of its currency."""
    return element(name, f"{amount:.{decimals}f}")


def balance(when: str, amount: Decimal, decimals: int) -> Markup:
    """An opening or closing balance, on its side."""
    return money(f"{when}{'Credit' if amount < 0 else 'Debit'}Balance", abs(amount), decimals)
