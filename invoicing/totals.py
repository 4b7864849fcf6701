"""What a document adds up to: pure and exact; every amount is rounded once, and the rounded parts add up.

Line, tax and document totals obey net + taxes = gross on every line and in the whole, whatever the prices include, and
a document of the opposite quantities has exactly the opposite totals. The tax of a document is the tax of the sum
(EN 16931, BR-CO-14 and BR-CO-17) unless rounding is by line; what rounding leaves is shared out by largest remainder.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

CHARGED, REVERSE_CHARGE, WITHHELD = "charged", "reverse_charge", "withheld"


@dataclass(frozen=True, slots=True)
class Levy:
    """A tax as a line carries it: percent of the net, and where it is compound of the taxes before it as well."""

    id: Hashable
    percent: Decimal
    kind: str = CHARGED
    compound: bool = False


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Quantity times unit price, less a discount in percent, with the taxes in their order."""

    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = Decimal(0)
    levies: tuple[Levy, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """How a document is reckoned: the decimals of its currency, whether prices include the charged taxes, rounding by
    line or by document, the smallest coin that cash is rounded to, and taxes that are stated instead of reckoned."""

    decimals: int = 2
    inclusive: bool = False
    per_line: bool = False
    cash_step: Decimal | None = None
    stated: Mapping[Hashable, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineTotal:
    """A line's net, its part of each of its taxes, and its gross: net and charged taxes."""

    net: Decimal
    taxes: tuple[Decimal, ...]
    gross: Decimal


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """One tax of the document: what it is reckoned on, and how much it is."""

    levy: Levy
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """A document: `payable` is net + tax - withheld + rounding."""

    lines: tuple[LineTotal, ...]
    taxes: tuple[TaxTotal, ...]
    net: Decimal
    tax: Decimal
    withheld: Decimal
    rounding: Decimal
    payable: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def totals_of(lines: Sequence[PricedLine], rules: Rules) -> Totals:
    """The totals of a document's lines."""
    amounts = [rounded(_extended(line), rules.decimals) for line in lines]
    shares = _tax_shares(lines, amounts, rules)
    found = []
    for line, amount, own in zip(lines, amounts, shares, strict=True):
        charged = sum((tax for levy, tax in zip(line.levies, own, strict=True) if levy.kind == CHARGED), Decimal(0))
        net = amount - charged if rules.inclusive else amount
        found.append(LineTotal(net, own, net + charged))
    taxes = _tax_totals(lines, found)
    net = sum((line.net for line in found), _zero(rules.decimals))
    tax = sum((one.amount for one in taxes if one.levy.kind == CHARGED), _zero(rules.decimals))
    withheld = sum((one.amount for one in taxes if one.levy.kind == WITHHELD), _zero(rules.decimals))
    due = net + tax - withheld
    payable = to_step(due, rules.cash_step) if rules.cash_step else due
    return Totals(tuple(found), taxes, net, tax, withheld, payable - due, payable)


def rounded(value: Fraction, decimals: int) -> Decimal:
    """The value in whole units of the last decimal, halves away from zero: round(-x) = -round(x)."""
    scaled = abs(value) * 10**decimals
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def to_step(amount: Decimal, step: Decimal) -> Decimal:
    """The amount in whole coins of this size, halves away from zero."""
    coins = rounded(Fraction(amount) / Fraction(step), 0)
    return (coins * step).quantize(amount)


def shared_out(total: Decimal, exact: Sequence[Fraction], decimals: int) -> list[Decimal]:
    """The total in parts as near as can be to the exact ones: what is left over goes where rounding took most."""
    parts = [rounded(one, decimals) for one in exact]
    unit = Decimal(1).scaleb(-decimals)
    left = int((total - sum(parts, Decimal(0))) / unit)
    if left and parts:
        sign = 1 if left > 0 else -1
        taken = sorted(range(len(parts)), key=lambda n: (-sign * (exact[n] - Fraction(parts[n])), n))
        for place in range(abs(left)):
            parts[taken[place % len(taken)]] += sign * unit
    return parts


def _extended(line: PricedLine) -> Fraction:
    return Fraction(line.quantity) * Fraction(line.unit_price) * (1 - Fraction(line.discount_percent) / 100)


def _zero(decimals: int) -> Decimal:
    return Decimal(0).scaleb(-decimals)


def _tax_shares(lines: Sequence[PricedLine], amounts: Sequence[Decimal], rules: Rules) -> list[tuple[Decimal, ...]]:
    """The taxes of each line, in whole units, so that the lines add up to the tax of the document."""
    exact = [_exact_taxes(line, amount, rules) for line, amount in zip(lines, amounts, strict=True)]
    places: dict[Levy, list[tuple[int, int]]] = {}
    for number, line in enumerate(lines):
        for position, levy in enumerate(line.levies):
            places.setdefault(levy, []).append((number, position))
    found = [[Decimal(0)] * len(line.levies) for line in lines]
    for levy, own in places.items():
        parts = [exact[number][position] for number, position in own]
        if levy.id in rules.stated:
            total = rules.stated[levy.id]
        elif rules.per_line:
            total = sum((rounded(part, rules.decimals) for part in parts), Decimal(0))
        else:
            total = rounded(sum(parts, Fraction(0)), rules.decimals)
        for (number, position), part in zip(own, shared_out(total, parts, rules.decimals), strict=True):
            found[number][position] = part
    return [tuple(taxes) for taxes in found]


def _exact_taxes(line: PricedLine, amount: Decimal, rules: Rules) -> list[Fraction]:
    """The line's taxes before rounding; where rounding is by line, a compound tax stands on rounded ones."""
    net = Fraction(amount)
    if rules.inclusive:
        net /= 1 + _charged_factor(line.levies)
    taxes: list[Fraction] = []
    charged = Fraction(0)
    for levy in line.levies:
        tax = (net + charged if levy.compound else net) * Fraction(levy.percent) / 100
        taxes.append(tax)
        if levy.kind == CHARGED:
            charged += Fraction(rounded(tax, rules.decimals)) if rules.per_line and not rules.inclusive else tax
    return taxes


def _charged_factor(levies: Sequence[Levy]) -> Fraction:
    """What the charged taxes are of a net of 1."""
    charged = Fraction(0)
    for levy in levies:
        if levy.kind == CHARGED:
            charged += (1 + charged if levy.compound else Fraction(1)) * Fraction(levy.percent) / 100
    return charged


def _tax_totals(lines: Sequence[PricedLine], found: Sequence[LineTotal]) -> tuple[TaxTotal, ...]:
    """The taxes of the document in the order in which they first come; a compound one stands on those before it."""
    bases: dict[Levy, Decimal] = {}
    amounts: dict[Levy, Decimal] = {}
    for line, total in zip(lines, found, strict=True):
        base = total.net
        for levy, tax in zip(line.levies, total.taxes, strict=True):
            bases[levy] = bases.get(levy, Decimal(0)) + (base if levy.compound else total.net)
            amounts[levy] = amounts.get(levy, Decimal(0)) + tax
            base += tax if levy.kind == CHARGED else 0
    return tuple(TaxTotal(levy, bases[levy], amounts[levy]) for levy in bases)
