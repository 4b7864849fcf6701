"""Pads and balance assertions: the entries that make an account meet its next assertion, and those it misses."""

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal

from ledger.parsers.beancount_entries import Check, Pad, Rules
from ledger.parsers.journal import ParsedJournal, ParsedLine, ParsedTransaction
from ledger.parsers.numerals import ZERO
from ledger.parsers.running_totals import RunningTotals

Event = Check | Pad | ParsedTransaction


def tolerance_of(check: Check, rules: Rules) -> Decimal:
    """How far an assertion may be missed: as written, else one unit of the last digit written."""
    if check.tolerance is not None:
        return check.tolerance
    exponent = check.quantity.as_tuple().exponent
    return Decimal(1).scaleb(exponent) * rules.multiplier * 2 if isinstance(exponent, int) and exponent < 0 else ZERO


def by_day(checks: Iterable[Check], others: Iterable[Pad | ParsedTransaction]) -> list[Event]:
    """Everything in the order it counts: assertions stand at the start of their day."""

    def order(event: Event) -> tuple[datetime.date, bool, int]:
        return event.date, not isinstance(event, Check), event.place

    return sorted([*checks, *others], key=order)


def padding_entries(
    pads: list[Pad], checks: list[Check], journal: ParsedJournal, rules: Rules
) -> list[ParsedTransaction]:
    """The entries the pads stand for. Each account is padded on its own, as if no other pad existed."""
    if not pads:
        return []
    padded = {pad.account for pad in pads}
    subtree = RunningTotals(padded)
    events: dict[str, list[Event]] = {account: [] for account in padded}
    for event in by_day(checks, [*pads, *journal.transactions]):
        for account in _touched(event, subtree):
            events[account].append(event)
    made: list[ParsedTransaction] = []
    used: set[int] = set()
    for account in sorted(padded):
        for entry in _pad_account(account, events[account], journal, rules):
            used.add(entry.place)
            made.append(entry)
    for pad in pads:
        if pad.place not in used:
            journal.refuse(pad.place, "unused_pad", f"{pad.account} needs no padding here.")
    return made


def _touched(event: Event, subtree: RunningTotals) -> Iterable[str]:
    if isinstance(event, ParsedTransaction):
        return dict.fromkeys(account for line in event.lines for account in subtree.watchers(line.account))
    return subtree.watchers(event.account)


def _pad_account(
    account: str, events: list[Event], journal: ParsedJournal, rules: Rules
) -> Iterator[ParsedTransaction]:
    totals = RunningTotals([account])
    active: Pad | None = None
    settled: set[str] = set()
    for event in events:
        if isinstance(event, ParsedTransaction):
            for line in event.lines:
                totals.add(line.account, line.quantity, line.commodity)
        elif isinstance(event, Pad):
            if event.account == account:
                active, settled = event, set()
        else:
            missing = event.quantity - totals.of(account, event.commodity)
            due = active is not None and event.commodity not in settled
            if due and active is not None and abs(missing) > tolerance_of(event, rules):
                yield _padding(active, event, missing)
                totals.add(account, missing, event.commodity)
            # Only the first assertion behind a pad is padded; later ones must hold by themselves.
            settled.add(event.commodity)


def _padding(pad: Pad, check: Check, missing: Decimal) -> ParsedTransaction:
    memo = f"(Padding inserted for Balance of {check.quantity:f} {check.commodity} for difference {missing:f})"
    lines = (
        ParsedLine(pad.account, missing, check.commodity, place=check.place),
        ParsedLine(pad.source, -missing, check.commodity, place=check.place),
    )
    return ParsedTransaction(pad.date, memo, "", "", (), lines, {}, pad.place)


def missed_balances(checks: list[Check], journal: ParsedJournal, rules: Rules) -> None:
    """Note every assertion the transactions do not meet."""
    totals = RunningTotals(check.account for check in checks)
    for event in by_day(checks, journal.transactions):
        if isinstance(event, ParsedTransaction):
            for line in event.lines:
                totals.add(line.account, line.quantity, line.commodity)
        elif isinstance(event, Check):
            held = totals.of(event.account, event.commodity)
            if abs(held - event.quantity) > tolerance_of(event, rules):
                message = f"{event.account} should hold {event.quantity:f} {event.commodity} and holds {held:f}."
                journal.refuse(event.place, "balance_missed", message)
