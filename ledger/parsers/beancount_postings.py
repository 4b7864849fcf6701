"""One beancount posting: its account, and an amount, a cost and a price of which parts may be missing."""

import datetime
import re
from decimal import Decimal

from accounting.written_numbers import Unreadable, written_number
from ledger.parsers.amount_expression import STARTS, read_number
from ledger.parsers.beancount_entries import Cost, Leg, Price
from ledger.parsers.beancount_tokens import ACCOUNT, CURRENCY, Cursor, unquote
from ledger.parsers.numerals import ZERO

POSTING_FLAGS = frozenset("*!#&?%")

# Nine postings in ten look like this; the tokens are for the tenth.
_PLAIN = re.compile(
    rf"[ \t]+({ACCOUNT})(?:[ \t]+(-)?([0-9](?:[0-9,]*[0-9])?(?:\.[0-9]*)?)[ \t]+({CURRENCY}))?[ \t\r]*(?:;.*)?"
)


def read_posting(place: int, text: str) -> tuple[Leg, str]:
    """A posting as written, and its flag ("" for none)."""
    if match := _PLAIN.fullmatch(text):
        account, minus, digits, commodity = match.groups()
        if digits is None:
            return Leg(place, account, elided=True), ""
        number = written_number(digits)
        return Leg(place, account, -number if minus else number, commodity), ""
    line = Cursor(text)
    flag = _posting_flag(line)
    leg = Leg(place, line.take("account"))
    if not line.kind:
        leg.elided = True
        return leg, flag
    leg.number = maybe_number(line)
    leg.commodity = line.accept("currency") or None
    if line.kind in ("{", "{{"):
        leg.cost = _read_cost(line)
    if line.kind in ("@", "@@"):
        leg.price = _read_price(line, leg)
    line.end()
    _refuse_contradictions(leg)
    return leg, flag


def maybe_number(line: Cursor) -> Decimal | None:
    """A number or an expression, if one stands here."""
    return read_number(line) if line.kind in STARTS else None


def parse_date(text: str) -> datetime.date:
    """A day written Y-M-D or Y/M/D that is in the calendar."""
    year, month, day = re.split("[-/]", text)
    try:
        return datetime.date(int(year[:9]), int(month[:9]), int(day[:9]))
    except ValueError as error:
        raise Unreadable("bad_date", f"{text[:40]} is not in the calendar.") from error


def _posting_flag(line: Cursor) -> str:
    if line.kind in POSTING_FLAGS or (line.kind == "currency" and len(line.text) == 1):
        return line.take(line.kind)
    return ""


def _read_cost(line: Cursor) -> Cost:
    opening = line.take(line.kind)
    closing = "}" * len(opening)
    cost = Cost()
    priced = False
    while line.kind != closing:
        if line.kind == "date" and cost.date is None:
            cost.date = parse_date(line.take("date"))
        elif line.kind == "string" and cost.label is None:
            cost.label = unquote(line.take("string"))
        elif line.kind == "*":
            raise Unreadable("merged_cost", "Merging lots at their average cost {*} is not supported, as in beancount.")
        elif not priced and (line.kind in STARTS or line.kind in ("currency", "#")):
            _read_cost_amount(line, cost)
            priced = True
        else:
            raise Unreadable("bad_cost", f"Did not expect “{line.text[:40]}” in a cost.")
        if line.kind != closing:
            line.take(",")
    line.take(closing)
    if opening == "{{" and priced:
        if cost.has_total:
            raise Unreadable("bad_cost", "A cost in double braces is a total: it has no cost per unit.")
        cost.per, cost.total, cost.has_total = ZERO, cost.per, True
    return cost


def _read_cost_amount(line: Cursor, cost: Cost) -> None:
    cost.per = maybe_number(line)
    if line.accept("#"):
        cost.total, cost.has_total = maybe_number(line), True
    cost.currency = line.accept("currency") or None


def _read_price(line: Cursor, leg: Leg) -> Price:
    of_whole = line.take(line.kind) == "@@"
    price = Price(maybe_number(line), line.accept("currency") or None, of_whole)
    if price.number is not None and price.number < 0:
        raise Unreadable("negative_price", "A price may not be negative.")
    if of_whole and leg.number is None:
        raise Unreadable("bad_amount", "A total price needs a quantity.")
    return price


def _refuse_contradictions(leg: Leg) -> None:
    cost, price = leg.cost, leg.price
    if cost and price and cost.currency and price.currency and cost.currency != price.currency:
        raise Unreadable("bad_cost", f"The cost is in {cost.currency} and the price in {price.currency}.")
