"""Texts as a statutory file can hold them: on one line, within a length, in a character set."""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

from reports.statutory.asked import Tally
from reports.statutory.refusals import UnwritableCharacters, named

# Control characters, line and paragraph separators, and halves of surrogate pairs.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SPACES = re.compile(" {2,}")
# What typographers write, in the letters of everybody.
_PLAIN = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2010": "-",
    "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2026": "...", "\u00a0": " ",
    "\u202f": " ", "\u2192": "->",
})  # fmt: skip


def on_one_line(text: str, separators: str = "") -> str:
    """The text without control characters, line ends and the separators of the file; a space stands for each run."""
    if text.isprintable() and "  " not in text and not any(separator in text for separator in separators):
        return text.strip()
    found = _BREAKS.sub(" ", text)
    for separator in separators:
        found = found.replace(separator, " ")
    return _SPACES.sub(" ", found).strip()


def in_character_set(text: str, encoding: str, tally: Tally) -> str:
    """The text in the characters of the file: as it is where they suffice, else without accents and in plain
    punctuation, else with question marks. What was replaced is counted."""
    if text.isascii():
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_writable(one, encoding, tally) for one in text)
    return text


def refuse_unwritable(codes: Iterable[str], encoding: str, place: str) -> None:
    """Codes identify: no character of them is replaced. Refused: `unwritable_characters`, with the codes."""
    wrong = []
    for code in codes:
        try:
            on_one_line(code).encode(encoding)
        except UnicodeEncodeError:
            wrong.append(code)
    if wrong:
        raise UnwritableCharacters(
            _("The character set of the file (%(set)s) has no way to write these codes: %(codes)s.")
            % {"set": encoding, "codes": named(wrong)},
            place=place, codes=wrong,
        )  # fmt: skip


def _writable(character: str, encoding: str, tally: Tally) -> str:
    for candidate in (character, character.translate(_PLAIN), _without_accents(character)):
        if candidate and _fits(candidate, encoding):
            if candidate != character:
                tally.replaced += 1
            return candidate
    tally.replaced += 1
    return "?"


def _without_accents(character: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", character) if not unicodedata.combining(one))


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
