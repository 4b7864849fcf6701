"""Arithmetic in amounts: + - * / and parentheses over decimals."""

from decimal import Decimal

from accounting.written_numbers import Unreadable, written_number
from ledger.parsers.beancount_tokens import Cursor
from ledger.parsers.numerals import bounded, quotient

STARTS = frozenset({"number", "+", "-", "("})
_BINDING = {"(": 0, "+": 1, "-": 1, "*": 2, "/": 2, "keep": 3, "negate": 3}
_MOST_TERMS = 1000


def read_number(line: Cursor) -> Decimal:
    """The value of the expression the line goes on with; a lone number is the common case."""
    values: list[Decimal] = []
    waiting: list[str] = []
    wants_value = True
    while True:
        kind = line.kind
        if wants_value:
            wants_value = _take_operand(line, values, waiting)
        elif kind in ("+", "-", "*", "/"):
            _settle(values, waiting, _BINDING[kind])
            waiting.append(kind)
            line.advance()
            wants_value = True
        elif kind == ")" and "(" in waiting:
            _settle(values, waiting, 1)
            waiting.pop()
            line.advance()
        else:
            break
        if len(values) + len(waiting) > _MOST_TERMS:
            raise Unreadable("bad_amount", "The expression is too long.")
    _settle(values, waiting, 1)
    if waiting:
        raise Unreadable("bad_amount", "A parenthesis is not closed.")
    return values[0]


def _take_operand(line: Cursor, values: list[Decimal], waiting: list[str]) -> bool:
    """Take a number, or what may stand before one. True while a value is still wanted."""
    if line.kind == "number":
        values.append(written_number(line.text))
        line.advance()
        return False
    if line.kind not in STARTS:
        raise Unreadable("bad_amount", "A number is missing.")
    waiting.append({"+": "keep", "-": "negate"}.get(line.kind, "("))
    line.advance()
    return True


def _settle(values: list[Decimal], waiting: list[str], binding: int) -> None:
    while waiting and _BINDING[waiting[-1]] >= binding:
        operator = waiting.pop()
        right = values.pop()
        if operator == "negate":
            values.append(-right)
        elif operator == "keep":
            values.append(right)
        else:
            values.append(bounded(_apply(operator, values.pop(), right)))


def _apply(operator: str, left: Decimal, right: Decimal) -> Decimal:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return quotient(left, right)
