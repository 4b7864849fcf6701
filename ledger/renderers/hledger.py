"""A ledger written as an hledger journal, entry by entry."""

import re
from collections.abc import Iterable, Iterator

from ledger.parsers.dimensions import write_dimensions
from ledger.renderers.amounts import amounts
from ledger.renderers.names import account_names, unit_name
from ledger.renderers.rows import ExportAccount, ExportEntry, ExportJournal, ExportLine, ExportUnit

_TYPE_TAGS = {"asset": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X", "statistical": "E"}


def render_hledger(
    journal: ExportJournal,
    accounts: Iterable[ExportAccount],
    units: Iterable[ExportUnit],
    entries: Iterable[ExportEntry],
) -> Iterator[str]:
    """Write a ledger as hledger text that passes its strict checks: every account and commodity is declared."""
    listed = list(accounts)
    names = account_names(listed)
    yield f"; {_one_line(journal.company)}\n; base currency: {_commodity(journal.base_currency)}\n"
    yield "decimal-mark .\n\n"
    for unit in units:
        # hledger wants the decimal mark even where no decimals follow it.
        yield f"commodity 1000.{'0' * unit.decimals} {_commodity(unit.code)}\n"
    yield "\n"
    for account in listed:
        yield f"account {names[account.code]}  ; type:{_TYPE_TAGS[account.type]}\n"
    for entry in entries:
        yield "\n"
        yield from _entry(entry, journal, names)


def _entry(entry: ExportEntry, journal: ExportJournal, names: dict[str, str]) -> Iterator[str]:
    # The code is written even when empty: without it, a memo in parentheses would be taken for one.
    code = _one_line(entry.number).replace(")", "]")
    yield f"{entry.date} * ({code}) {_one_line(entry.memo).replace(';', ',')}".rstrip() + "\n"
    yield from _tags(journal=entry.journal, reference=entry.reference, key=entry.key)
    for line, amount in zip(entry.lines, amounts(entry, journal.base_currency, _commodity), strict=True):
        memo = _one_line(line.memo)
        yield f"    {names[line.account_code]}  {amount}" + (f"  ; {memo}" if memo else "") + "\n"
        yield from _line_tags(line)


def _line_tags(line: ExportLine) -> Iterator[str]:
    yield from _tags(sub_account=line.sub_account, dimensions=write_dimensions(line.dimensions))


def _tags(**values: str) -> Iterator[str]:
    for name, value in values.items():
        if value:
            # A comma would end the tag's value.
            yield f"    ; {name}: {_one_line(value).replace(',', ';')}\n"


def _commodity(code: str) -> str:
    name = unit_name(code)
    return name if re.fullmatch("[A-Z]+", name) else f'"{name}"'


def _one_line(text: str) -> str:
    return " ".join(text.split())
