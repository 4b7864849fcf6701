"""A ledger written as a beancount journal, entry by entry."""

from collections.abc import Iterable, Iterator

from ledger.parsers.dimensions import write_dimensions
from ledger.renderers.amounts import amounts
from ledger.renderers.names import account_names, unit_name
from ledger.renderers.rows import ExportAccount, ExportEntry, ExportJournal, ExportLine, ExportUnit

# Only for amounts written without decimals, whose tolerance would be nothing: a total price is divided and
# multiplied back by beancount, which leaves a difference in the 26th place.
_TOLERANCE = "*:0.00000001"


def render_beancount(
    journal: ExportJournal,
    accounts: Iterable[ExportAccount],
    units: Iterable[ExportUnit],
    entries: Iterable[ExportEntry],
) -> Iterator[str]:
    """Write a ledger as beancount text. Each account is opened at its first use; entries come in date order."""
    listed = list(accounts)
    names = account_names(listed)
    unopened = {account.code: account for account in listed}
    yield f'option "title" {_quoted(journal.company)}\n'
    yield f'option "operating_currency" {_quoted(unit_name(journal.base_currency))}\n'
    yield f'option "inferred_tolerance_default" "{_TOLERANCE}"\n\n'
    first_day = min((account.opened for account in listed), default=None)
    if first_day is not None:
        for unit in units:
            yield f"{first_day} commodity {unit_name(unit.code)}\n"
    for entry in entries:
        yield "\n"
        for line in entry.lines:
            if account := unopened.pop(line.account_code, None):
                yield f"{min(account.opened, entry.date)} open {names[account.code]}\n"
        yield from _entry(entry, journal, names)
    for account in unopened.values():
        yield f"{account.opened} open {names[account.code]}\n"


def _entry(entry: ExportEntry, journal: ExportJournal, names: dict[str, str]) -> Iterator[str]:
    yield f"{entry.date} * {_quoted(entry.memo)}\n"
    yield from _metadata("  ", number=entry.number, journal=entry.journal, reference=entry.reference, key=entry.key)
    for line, amount in zip(entry.lines, amounts(entry, journal.base_currency, unit_name), strict=True):
        yield f"  {names[line.account_code]}  {amount}\n"
        yield from _line_metadata(line)


def _line_metadata(line: ExportLine) -> Iterator[str]:
    dimensions = write_dimensions(line.dimensions)
    yield from _metadata("    ", memo=line.memo, sub_account=line.sub_account, dimensions=dimensions)


def _metadata(indent: str, **values: str) -> Iterator[str]:
    for key, value in values.items():
        if value:
            yield f"{indent}{key}: {_quoted(value)}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'
