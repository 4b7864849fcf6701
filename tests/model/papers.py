"""Documents and payments as a child would keep them: what each is, what it settled, and what of it is open, in cents."""

import datetime
from collections import Counter
from dataclasses import dataclass, field

from tests.model.items import Items

# Which documents a payment pays, and the side on which each kind of document is open.
SIDES = {"invoice": 1, "supplier_credit": 1, "credit_note": -1, "bill": -1}
CREDITED_AS = {"invoice": "credit_note", "bill": "supplier_credit"}
MOST_WRITTEN_OFF = 500
TAXED = ("V20", "C20", "P20")
Money = list[tuple[str, int]]  # names, with the cents that each is for


@dataclass
class Paper:
    """A document: of its lines how many there are at which price, and how many were credited."""

    kind: str
    contact: str
    date: datetime.date
    tax: str
    lines: list[list[int]]  # quantity, price, credited
    dues: list[datetime.date]
    number: int = 0
    credited: int = 0

    @property
    def net(self) -> int:
        return sum(quantity * price for quantity, price, _credited in self.lines)

    @property
    def charged(self) -> int:
        """The tax: prices are such that it is whole cents."""
        return self.net // 5 if self.tax in TAXED else 0

    @property
    def total(self) -> int:
        return self.net + self.charged

    @property
    def parts(self) -> list[int]:
        """What is due on each of its days: halves, the first rounded up."""
        first = (self.total + 1) // 2
        return [self.total] if len(self.dues) == 1 else [first, self.total - first]


@dataclass
class Paid:
    """A payment: what it settles of which documents, and what of that is written off rather than paid."""

    date: datetime.date
    side: int
    cents: int
    settles: Money
    let_go: Money
    reversed_on: datetime.date | None = None


@dataclass
class Papers:
    """Everything that was posted; each act answers with what the real one must say."""

    items: Items = field(default_factory=Items)
    papers: dict[str, Paper] = field(default_factory=dict)
    paid: dict[str, Paid] = field(default_factory=dict)
    # Settlement -> how many pairs it has, and on which day it was made.
    settled: dict[str, tuple[int, datetime.date]] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)

    def post(self, names: list[str]) -> None:
        """Numbered in this order; what is posted stays as it is."""
        for name in names:
            paper = self.papers[name]
            if not paper.number:
                self.numbers[paper.kind] += 1
                paper.number = self.numbers[paper.kind]
                for number, cents in enumerate(paper.parts):
                    self.items.open(f"{name}/{number}", paper.date, SIDES[paper.kind] * cents)

    def lines_of(self, name: str) -> list[str]:
        """The open items of a document or payment, as they fall due."""
        return [name] if name in self.paid else [f"{name}/{n}" for n in range(len(self.papers[name].dues))]

    def open_of(self, name: str, until: datetime.date = datetime.date.max) -> int:
        """What is open of it, without a sign."""
        there = [key for key in self.lines_of(name) if self.items.lines[key][0] <= until]
        return abs(sum(self.items.residual(key, until) for key in there))

    def credit(self, name: str, note: str, date: datetime.date, line: int | None) -> str:
        """All that is left of it, or one piece of a line."""
        paper = self.papers[name]
        left = [quantity - credited for quantity, _price, credited in paper.lines]
        if not any(left) or (line is not None and not left[line]):
            return "over_credited"
        if date < paper.date:
            return "invalid_document"
        taken = left if line is None else [int(number == line) for number in range(len(left))]
        lines = [[count, price, 0] for count, (_q, price, _c) in zip(taken, paper.lines, strict=True) if count]
        made = Paper(CREDITED_AS[paper.kind], paper.contact, date, paper.tax, lines, [date])
        self.papers[note] = made
        self.post([note])
        if not self._settle(f"credit {note}", self._paired([name], [note]), self._latest([name], date)):
            del self.papers[note], self.items.lines[f"{note}/0"]
            self.numbers[made.kind] -= 1
            return "over_allocated"
        paper.credited += made.total
        for own, count in zip(paper.lines, taken, strict=True):
            own[2] += count
        return "posted"

    def pay(self, name: str, paid: Paid) -> str:
        """With a number of its own; it settles what it is for, the earliest due first."""
        if any(cents and cents + self._written_off(of) > MOST_WRITTEN_OFF for of, cents in paid.let_go):
            return "write_off_too_large"
        if any(cents > self.open_of(of) for of, cents in paid.settles):
            return "over_allocated"
        self.items.open(name, paid.date, paid.side * (paid.cents + sum(cents for _of, cents in paid.let_go)))
        self.paid[name] = paid
        pairs = [(line, name, taken) for of, cents in paid.settles for line, taken in self._over(of, cents)]
        if not self._settle(
            f"payment {name}", pairs, max([paid.date, *(self.items.lines[one[0]][0] for one in pairs)])
        ):
            del self.paid[name], self.items.lines[name]
            return "over_allocated"
        return "posted"

    def set_off(self, key: str, credit: str, owed: list[str]) -> str:
        """As far as it goes, in the order named."""
        pairs = self._paired(owed, [credit])
        if not pairs:
            return "invalid_document"
        day = max(self._latest(owed), self._latest([credit]))
        return "settled" if self._settle(f"set off {key}", pairs, day) else "over_allocated"

    def undo(self, name: str, date: datetime.date) -> str:
        """Once, not before it."""
        count, made = self.settled[name]
        if self.items.is_undone(f"{name}#0"):
            return "undone"
        if date < made:
            return "cannot_allocate"
        for number in range(count):
            self.items.undo(f"{name}#{number}", date)
        return "undone"

    def take_back(self, name: str, date: datetime.date) -> str:
        """What it settled is open again from that day, and it is nothing any more; asked again, nothing happens."""
        paid = self.paid[name]
        if date < paid.date and paid.reversed_on:
            return "bad_reversal_date"
        if paid.reversed_on:
            return "reversed" if paid.reversed_on == date else "idempotency_key_reused"
        touching = [one for one in self.settled if self._touches(one, name) and not self.items.is_undone(f"{one}#0")]
        if any(self.settled[one][1] > date for one in touching):
            return "cannot_allocate"
        if date < paid.date:
            return "bad_reversal_date"
        for one in touching:
            self.undo(one, date)
        paid.reversed_on = date
        mirror, amount = f"{name} back", self.items.amount(name)
        self.items.open(mirror, date, -amount)
        debit, credit = (name, mirror) if amount > 0 else (mirror, name)
        self.items.take(f"reversal of {name}", date, debit, credit, abs(amount))
        return "reversed"

    def status(self, name: str, today: datetime.date) -> str:
        """Where a posted document stands."""
        paper, left = self.papers[name], self.open_of(name)
        if paper.credited >= paper.total:
            return "reversed"
        if not left:
            return "paid"
        lines = zip(self.lines_of(name), paper.dues, strict=True)
        if any(self.items.residual(key) for key, due in lines if due < today):
            return "overdue"
        return "partly_paid" if left < paper.total else "open"

    def _over(self, name: str, cents: int) -> Money:
        """So many cents over the open items of a document."""
        found = []
        for line in self.lines_of(name):
            taken = min(cents - sum(before for _line, before in found), abs(self.items.residual(line)))
            found += [(line, taken)] if taken else []
        return found

    def _written_off(self, name: str) -> int:
        return sum(
            cents for paid in self.paid.values() if not paid.reversed_on for of, cents in paid.let_go if of == name
        )

    def _paired(self, owed: list[str], given: list[str]) -> list[tuple[str, str, int]]:
        left = {line: abs(self.items.residual(line)) for name in (*owed, *given) for line in self.lines_of(name)}
        pairs = []
        for one in (line for name in owed for line in self.lines_of(name)):
            for other in (line for name in given for line in self.lines_of(name)):
                if cents := min(left[one], left[other]):
                    pairs.append((one, other, cents))
                    left[one] -= cents
                    left[other] -= cents
        return pairs

    def _latest(self, names: list[str], *dates: datetime.date) -> datetime.date:
        """The latest day of what is open of them."""
        lines = [line for name in names for line in self.lines_of(name) if self.items.residual(line)]
        return max([*dates, *(self.items.lines[line][0] for line in lines)])

    def _settle(self, name: str, pairs: list[tuple[str, str, int]], date: datetime.date) -> bool:
        for number, (one, other, cents) in enumerate(pairs):
            debit, credit = (one, other) if self.items.amount(one) > 0 else (other, one)
            if not self.items.take(f"{name}#{number}", date, debit, credit, cents):
                for taken in range(number):
                    del self.items.settlements[f"{name}#{taken}"]
                return False
        if pairs:
            self.settled[name] = (len(pairs), date)
        return True

    def _touches(self, settlement: str, name: str) -> bool:
        taken = (self.items.settlements[f"{settlement}#{n}"] for n in range(self.settled[settlement][0]))
        return any(name in (one.debit, one.credit) for one in taken)
