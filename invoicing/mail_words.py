"""The words of an e-mail: texts with places in braces, such as {number}, that are filled for each reader; pure."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from tenants.refusal import Refused

PLACE = re.compile(r"\{(\w+)\}")
LONGEST_SUBJECT, LONGEST_BODY = 200, 10_000


class BadWords(Refused):
    """The text is empty or too long, or names a place that nothing fills."""

    code = "invalid_template"


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled; a place that has no value stays as it is written."""
    return PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def filled_line(text: str, values: Mapping[str, str]) -> str:
    """The same on one line, as a subject has to be."""
    return " ".join(filled(text, values).split())


def check_words(subject: str, body: str, places: tuple[str, ...]) -> None:
    """Refused (`invalid_template`) with the field, where a text cannot be sent like this."""
    for field, text, longest in (("subject", subject, LONGEST_SUBJECT), ("body", body, LONGEST_BODY)):
        if not text.strip() or len(text) > longest:
            raise BadWords(_("The text has 1 to %d characters.") % longest, place=field)
        if unknown := [name for name in PLACE.findall(text) if name not in places]:
            known = ", ".join(f"{{{name}}}" for name in places)
            raise BadWords(_("Nothing fills {%(name)s}. There are: %(known)s") % {"name": unknown[0], "known": known},
                           place=field)  # fmt: skip
    if not subject.isprintable():
        raise BadWords(_("A subject is one line."), place="subject")
