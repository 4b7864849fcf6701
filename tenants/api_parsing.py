"""JSON in, strictly: no NaN, no key twice, no text that a database cannot keep."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from tenants.refusal import Refused

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


class InvalidText(Refused):
    """A text has a NUL character or half of a surrogate pair: no database keeps it."""

    code = "invalid_text"


class StrictJSONParser(JSONParser):
    """Reads a JSON body and refuses what would be read differently by somebody else."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The body as Python values."""
        try:
            data = json.loads(
                stream.read().decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse_constant
            )  # fmt: skip
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not JSON: %s") % error) from error
        check_text(data)
        return data


def check_text(data: Any, place: str = "") -> None:
    """Refuse (`invalid_text`) a text, anywhere in the values, that a database cannot keep."""
    for found in _bad_places(data, place):
        raise InvalidText(_("The text has a NUL character or half of a surrogate pair."), place=found)


def _bad_places(data: Any, place: str) -> Iterator[str]:
    if isinstance(data, str):
        if _UNKEEPABLE.search(data):
            yield place
    elif isinstance(data, dict):
        for name, value in data.items():
            if _UNKEEPABLE.search(name):
                yield place
            else:
                yield from _bad_places(value, f"{place}.{name}" if place else name)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _bad_places(value, f"{place}[{number}]")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a name appears twice in one object")
    return data


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
