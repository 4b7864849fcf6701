"""Find accounts as accountants type them: exact code, then code prefix, name prefix, word prefix, anything inside.

Typing “rent” finds “6100 Rent” before “1010 Current account”; a search that merely contains comes last.
"""

import re
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

EXACT, CODE_PREFIX, NAME_PREFIX, WORD_PREFIX, INSIDE = range(5)


class Named(Protocol):
    """Anything with a code and a name: a row, or an account of the cached chart."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


Found = TypeVar("Found", bound=Named)


def rank(text: str, code: str, name: str) -> int | None:
    """How well the account answers to the text, best is 0; None where it does not."""
    wanted, code, name = text.casefold(), code.casefold(), name.casefold()
    if wanted in (code, f"{code} {name}"):
        return EXACT
    if code.startswith(wanted):
        return CODE_PREFIX
    if name.startswith(wanted):
        return NAME_PREFIX
    if any(word.startswith(wanted) for word in re.split(r"\W+", name)) or re.search(rf"\b{re.escape(wanted)}", name):
        return WORD_PREFIX
    return INSIDE if wanted in name or wanted in code else None


def ranked(text: str, accounts: Iterable[Found]) -> list[Found]:
    """The accounts that answer to the text, best first, then by code; all of them where there is no text."""
    text = text.strip()
    if not text:
        return list(accounts)
    found = [(place, account) for account in accounts if (place := rank(text, account.code, account.name)) is not None]
    return [account for _place, account in sorted(found, key=lambda pair: (pair[0], pair[1].code))]


def ranked_rows(accounts: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The same order, made by the database: for the admin's lists and autocomplete."""
    text = text.strip()
    if not text or "\x00" in text:
        return accounts
    word = rf"\m{re.escape(text)}"
    return (
        accounts.filter(Q(code__icontains=text) | Q(name__icontains=text))
        .annotate(
            rank=Case(
                When(code__iexact=text, then=Value(EXACT)),
                When(code__istartswith=text, then=Value(CODE_PREFIX)),
                When(name__istartswith=text, then=Value(NAME_PREFIX)),
                When(name__iregex=word, then=Value(WORD_PREFIX)),
                default=Value(INSIDE),
                output_field=IntegerField(),
            )
        )
        .order_by("rank", "code")
    )


def meant(text: str, accounts: Iterable[Found]) -> Found | None:
    """The one account that the text names: its code, “code name”, or a name that only it has. Never a guess."""
    text = text.strip().casefold()
    known = list(accounts)
    for account in known:
        if text == account.code.casefold():
            return account
    named = [a for a in known if text in (a.name.casefold(), f"{a.code} {a.name}".casefold())]
    return named[0] if len(named) == 1 else None
