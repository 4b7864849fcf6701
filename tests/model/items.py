"""Open items as a child would keep them: who has taken how many cents of whom, and when."""

import datetime
from dataclasses import dataclass, field

RECEIVABLE = "1100"


@dataclass
class Taken:
    """So many cents of a debit and a credit, below zero where a settlement is undone."""

    date: datetime.date
    debit: str
    credit: str
    cents: int


@dataclass
class Items:
    """Lines by the key of their entry, debits above zero, and the settlements."""

    lines: dict[str, tuple[datetime.date, int]] = field(default_factory=dict)
    settlements: dict[str, Taken] = field(default_factory=dict)

    def open(self, key: str, date: datetime.date, cents: int) -> None:
        """A line is posted."""
        self.lines[key] = (date, cents)

    def amount(self, key: str) -> int:
        """What the line was when it was posted."""
        return self.lines[key][1]

    def residual(self, key: str, until: datetime.date = datetime.date.max) -> int:
        """What is left of it at the end of a day, signed as it is."""
        taken = sum(
            one.cents for one in self.settlements.values() if key in (one.debit, one.credit) and one.date <= until
        )
        amount = self.amount(key)
        return amount - taken if amount > 0 else amount + taken

    def open_at(self, date: datetime.date) -> dict[str, int]:
        """Everything that is open at the end of a day."""
        there = [key for key, (posted, _cents) in self.lines.items() if posted <= date]
        return {key: left for key in there if (left := self.residual(key, date))}

    def refuses(self, debit: str, credit: str, cents: int) -> str:
        """The code where this pair cannot be settled as it stands today."""
        if not self.residual(debit) or not self.residual(credit):
            return "over_allocated"
        if self.amount(debit) < 0 or self.amount(credit) > 0:
            return "cannot_allocate"
        return "over_allocated" if cents > min(abs(self.residual(debit)), abs(self.residual(credit))) else ""

    def take(self, name: str, date: datetime.date, debit: str, credit: str, cents: int) -> bool:
        """Settle, unless one of the two would be settled by more than it is at some date."""
        self.settlements[name] = Taken(date, debit, credit, cents)
        days = {one.date for one in self.settlements.values()}
        if all(self.residual(key, day) * self.amount(key) >= 0 for key in (debit, credit) for day in days):
            return True
        del self.settlements[name]
        return False

    def is_undone(self, name: str) -> bool:
        """Whether the settlement was taken back."""
        return f"undo {name}" in self.settlements

    def undo(self, name: str, date: datetime.date) -> None:
        """Take the settlement back from a date on."""
        first = self.settlements[name]
        self.settlements[f"undo {name}"] = Taken(date, first.debit, first.credit, -first.cents)
