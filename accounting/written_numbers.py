"""Numbers as files write them: exact, bounded, with their digits grouped or not; never rounded on the way in."""

import re
from decimal import Decimal

MOST_DIGITS = 30

_COMMA_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?", re.ASCII)
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+", re.ASCII)


class Unreadable(Exception):
    """One cell, line or transaction cannot be taken; the rest of the file still can."""

    def __init__(self, code: str, message: str, place: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.place = place


def written_number(text: str) -> Decimal:
    """Read an unsigned number with a decimal point and, if any, well-formed thousands commas."""
    if "," in text:
        if not _COMMA_GROUPS.fullmatch(text):
            raise Unreadable("bad_amount", f"“{text[:40]}” has misplaced thousands commas.")
        text = text.replace(",", "")
    elif not _PLAIN.fullmatch(text):
        raise Unreadable("bad_amount", f"“{text[:40]}” is not a number.")
    if len(text) > MOST_DIGITS:
        raise Unreadable("bad_amount", f"A number of {len(text)} characters is too long.")
    return Decimal(text)


def grouped_number(text: str, decimal_mark: str = "") -> Decimal:
    """Read a number with , . space _ or ' between groups of digits.

    Of two different marks the last is the decimal mark. A mark that comes twice groups. One that comes once is a
    decimal mark unless a directive has named the other one.
    """
    mark = decimal_mark_in(text, decimal_mark)
    whole, _, decimals = text.rpartition(mark) if mark else (text, "", "")
    groups = re.split("[ .,_'’]", whole)
    if len(groups) > 1 and not _well_grouped(groups):
        raise Unreadable("bad_amount", f"“{text[:40]}” has its digits grouped in no known way.")
    return written_number(f"{''.join(groups) or '0'}.{decimals}")


def decimal_mark_in(text: str, declared: str) -> str:
    """The character before the decimals; none where there are none."""
    marks = [character for character in text if character in ".,"]
    if not marks:
        return ""
    last = marks[-1]
    if text[-1] == last or len(set(marks)) > 1 or text[0] == last:
        if marks.count(last) > 1:
            raise Unreadable("bad_amount", f"“{text[:40]}” has two decimal marks.")
        return last
    if len(marks) > 1:
        return ""
    return last if not declared or declared == last else ""


def _well_grouped(groups: list[str]) -> bool:
    """Groups of three (or, as in India, of two before the last), behind a first one that is not longer."""
    first, *middle, last = groups
    sizes = {len(group) for group in middle}
    return len(last) == 3 and 1 <= len(first) <= 3 and (sizes <= {3} or (sizes == {2} and len(first) <= 2))
