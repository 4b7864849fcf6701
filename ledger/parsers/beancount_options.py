"""The beancount options that change what a journal means."""

from accounting.written_numbers import Unreadable, written_number
from ledger.parsers.beancount_entries import BOOKING_METHODS, Rules
from ledger.parsers.journal import ParsedJournal

_ROOT_TYPES = {
    "name_assets": "asset",
    "name_liabilities": "liability",
    "name_equity": "equity",
    "name_income": "income",
    "name_expenses": "expense",
}
_TRUE = frozenset({"true", "on", "1"})


def set_option(name: str, value: str, rules: Rules, journal: ParsedJournal) -> None:
    """Apply an option; those that only change how beancount shows a journal are counted as ignored."""
    if name == "title":
        journal.title = value
    elif name == "operating_currency":
        journal.operating_currencies += (value,)
    elif name in _ROOT_TYPES:
        kind = _ROOT_TYPES[name]
        rules.roots = {root: type_ for root, type_ in rules.roots.items() if type_ != kind} | {value: kind}
    elif name in ("tolerance_multiplier", "inferred_tolerance_multiplier"):
        rules.multiplier = written_number(value.strip())
    elif name == "inferred_tolerance_default":
        _set_default_tolerance(value, rules)
    elif name == "infer_tolerance_from_cost":
        rules.tolerance_from_cost = value.lower() in _TRUE
    elif name == "use_precise_interpolation":
        rules.precise_interpolation = value.lower() in _TRUE
    elif name == "booking_method":
        if value not in BOOKING_METHODS:
            raise Unreadable("bad_booking_method", f"{value[:40]} is not a booking method.")
        rules.booking = value
    else:
        journal.ignore(f"option {name[:60]}")


def _set_default_tolerance(value: str, rules: Rules) -> None:
    commodity, colon, number = value.partition(":")
    if not (commodity and colon):
        raise Unreadable("bad_option", f"“{value[:40]}” is not written CURRENCY:TOLERANCE.")
    rules.default_tolerances[commodity.strip()] = written_number(number.strip())
