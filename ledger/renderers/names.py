"""Account and unit names that both beancount and hledger read, and that never make two things one."""

import re
import unicodedata
from collections.abc import Iterable

from ledger.renderers.rows import ExportAccount

ROOTS = frozenset({"Assets", "Liabilities", "Equity", "Income", "Expenses"})
_ROOT_OF = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
    "statistical": "Equity:Statistical",
}
_PLAIN_CODE = re.compile(r"[A-Z0-9][A-Za-z0-9]*", re.ASCII)
_PLAIN_UNIT = re.compile(r"[A-Z](?:[A-Z0-9'._\-]*[A-Z0-9])?", re.ASCII)
_LOWER_UNIT = re.compile(r"[a-z](?:[a-z0-9'._\-]*[a-z0-9])?", re.ASCII)
# beancount takes these words for constants.
_CONSTANTS = frozenset({"TRUE", "FALSE", "NULL"})
_LONGEST_SLUG = 60


def account_name(account: ExportAccount) -> str:
    """The plain-text name of an account: its code when that is a path already, else Root:code-name."""
    root, *rest = account.code.split(":")
    if rest and root in ROOTS:
        return ":".join([root, *map(_component, rest)])
    slug = _slug(account.name)
    if _PLAIN_CODE.fullmatch(account.code):
        return f"{_ROOT_OF[account.type]}:{account.code}" + (f"-{slug}" if slug else "")
    # Every hyphen inside the escaped code is half of a pair around a number, so “--” ends the code.
    return f"{_ROOT_OF[account.type]}:X--{_escape(account.code)}--{slug}"


def account_names(accounts: Iterable[ExportAccount]) -> dict[str, str]:
    """The name of every account by code. Paths keep theirs; a made name that meets one of them is numbered."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    made: list[ExportAccount] = []
    for account in accounts:
        if account.code.partition(":")[0] in ROOTS and ":" in account.code:
            names[account.code] = account_name(account)
            taken.add(names[account.code])
        else:
            made.append(account)
    for account in made:
        wanted = name = account_name(account)
        copy = 1
        while name in taken:
            copy += 1
            name = f"{wanted}--{copy}"
        names[account.code] = name
        taken.add(name)
    return names


def unit_name(code: str) -> str:
    """The plain-text name of a unit: itself when beancount can read it, else an escaped form of it."""
    if _PLAIN_UNIT.fullmatch(code) and code not in _CONSTANTS and not code.startswith(("L.", "U.")):
        return code
    if _LOWER_UNIT.fullmatch(code):
        return f"L.{code.upper()}"
    return f"U.{''.join(map(_unit_character, code))}.U"


def _unit_character(character: str) -> str:
    if re.fullmatch("[A-Z0-9]", character):
        return character
    return f"'{character.upper()}" if re.fullmatch("[a-z]", character) else f"_{ord(character):X}_"


def _component(part: str) -> str:
    """One step of a path, kept when beancount can read it."""
    if part and "--" not in part and _starts_component(part[0]) and all(map(_continues_component, part)):
        return part
    return f"X--{_escape(part)}"


def _starts_component(character: str) -> bool:
    return unicodedata.category(character) in ("Lu", "Nd")


def _continues_component(character: str) -> bool:
    return character == "-" or unicodedata.category(character)[0] == "L" or unicodedata.category(character) == "Nd"


def _escape(text: str) -> str:
    return "".join(
        character if re.fullmatch("[A-Za-z0-9]", character) else f"-{ord(character):x}-" for character in text
    )


def _slug(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9]+", "-", folded).strip("-")[:_LONGEST_SLUG].strip("-")
