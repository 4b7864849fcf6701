"""The ledger as a child would keep it: integers and dicts. It answers every act with what the real one must say."""

import datetime
from dataclasses import dataclass, field

from tests.model.items import RECEIVABLE, Items

ACCOUNTS = ("1000", "1100", "3000", "3100", "4000", "5000")
POSTED_TO = ("1000", "1100", "3000", "4000", "5000")
RESULT = ("4000", "5000")
RETAINED = "3100"
MONTHS = (1, 2, 3, 4)
YEAR_END = datetime.date(2026, 12, 31)
LIMITED = "1000"


@dataclass
class Entry:
    """Cents by account, on a day; and what reverses it."""

    date: datetime.date
    lines: dict[str, int]
    reverses: str = ""
    reversed_by: str = ""
    closes_year: bool = False


@dataclass
class Hold:
    """Cents kept free, and how it ended."""

    amount: int
    outcome: str = "held"


@dataclass
class Model:
    """Everything that was ever accepted, and what each key was answered."""

    entries: dict[str, Entry] = field(default_factory=dict)
    bodies: dict[str, object] = field(default_factory=dict)
    frozen: dict[str, str] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    floor: int | None = None
    holds: dict[str, Hold] = field(default_factory=dict)
    items: Items = field(default_factory=Items)

    def balance(self, account: str, until: datetime.date | None = None) -> int:
        """Debits less credits of an account, at the end of a day."""
        return sum(
            entry.lines.get(account, 0) for entry in self.entries.values() if until is None or entry.date <= until
        )

    def post(self, key: str, date: datetime.date, lines: dict[str, int]) -> str:
        """`posted`, `replayed`, or the code of the refusal."""
        # What is no entry is refused as such, whatever its key was answered before.
        if sum(lines.values()):
            return "unbalanced"
        body = (date, tuple(sorted(lines.items())))
        if key in self.entries:
            return "replayed" if self.bodies[key] == body else "idempotency_key_reused"
        if seen := self._seen(key, body):
            return seen
        if refused := self.state_refuses(date, lines):
            self.frozen[key], self.bodies[key] = refused, body
            return refused
        self.bodies[key] = body
        self.add(key, Entry(date, lines))
        return "posted"

    def add(self, key: str, entry: Entry) -> None:
        """An entry is in the books; its line on the receivables is an open item."""
        self.entries[key] = entry
        if RECEIVABLE in entry.lines:
            self.items.open(key, entry.date, entry.lines[RECEIVABLE])

    def reverse(self, key: str, date: datetime.date) -> str:
        """Once an entry, on an open day, not before it; asked again for the same day it is the same reversal."""
        original = self.entries[key]
        mirror = {account: -cents for account, cents in original.lines.items()}
        mine = f"reverse:{key}"
        if date < original.date:
            return "bad_reversal_date"
        if mine in self.entries:
            return "replayed" if self.entries[mine].date == date else "idempotency_key_reused"
        if mine in self.frozen:
            return self.frozen[mine] if self.bodies[mine] == (date, ()) else "idempotency_key_reused"
        if refused := self.state_refuses(date, mirror):
            self.frozen[mine], self.bodies[mine] = refused, (date, ())
            return refused
        self.bodies[mine] = (date, ())
        self.mirror(key, mine, date)
        return "posted"

    def mirror(self, key: str, mine: str, date: datetime.date) -> None:
        """The reversal is in the books; what is open of the original is settled by it, if at no date too much."""
        original = self.entries[key]
        lines = {account: -cents for account, cents in original.lines.items()}
        self.add(mine, Entry(date, lines, reverses=key))
        original.reversed_by = mine
        if RECEIVABLE in lines and (left := self.items.residual(key)):
            debit, credit = (key, mine) if self.items.amount(key) > 0 else (mine, key)
            self.items.take(f"reversal of {key}", date, debit, credit, abs(left))

    def settle(self, key: str, debit: str, credit: str, cents: int) -> str:
        """On the later day of the two, as far as both are open, today and at every date before."""
        body, date = (debit, credit, cents), max(self.entries[debit].date, self.entries[credit].date)
        name = f"settle:{key}"
        if name in self.items.settlements:
            return "replayed" if self.bodies[name] == body else "idempotency_key_reused"
        if seen := self._seen(name, body):
            return seen
        refused = self.items.refuses(debit, credit, cents)
        if not refused and date.month in self.closed:
            refused = "period_closed"
        if not refused and not self.items.take(name, date, debit, credit, cents):
            refused = "over_allocated"
        if refused in ("over_allocated", "period_closed"):
            self.frozen[name] = refused
        self.bodies[name] = body
        return refused or "settled"

    def undo(self, key: str, date: datetime.date) -> str:
        """Once, on an open day, not before it; from then on the items are open again."""
        name = f"settle:{key}"
        if self.items.is_undone(name):
            return "undone"
        if date < self.items.settlements[name].date:
            return "cannot_allocate"
        if date.month in self.closed:
            return "period_closed"
        self.items.undo(name, date)
        return "undone"

    def close_year(self) -> str:
        """What is left of income and expenses goes to retained earnings on the last day."""
        left = {account: -self.balance(account) for account in RESULT if self.balance(account)}
        if not left:
            return "nothing_to_close"
        lines = {**left, RETAINED: -sum(left.values())}
        number = sum(1 for entry in self.entries.values() if entry.closes_year)
        self.add(f"closing {number}", Entry(YEAR_END, lines, closes_year=True))
        return "closed"

    def reopen_year(self) -> str:
        """The closings are reversed on the same day."""
        standing = [key for key, entry in self.entries.items() if entry.closes_year and not entry.reversed_by]
        for key in standing:
            self.mirror(key, f"reverse:{key}", YEAR_END)
        return "open" if standing else "nothing_to_close"

    def close(self, month: int, waiting: list[datetime.date]) -> str:
        """Months close from the first on, when no draft of theirs or before waits."""
        if any(earlier not in self.closed for earlier in range(1, month)):
            return "period_order"
        if any(date.month <= month for date in waiting):
            return "close_blocked"
        self.closed.add(month)
        return "closed"

    def reopen(self, month: int) -> str:
        """And open again from the last."""
        if any(later in self.closed for later in range(month + 1, 13)):
            return "period_order"
        self.closed.discard(month)
        return "open"

    def set_floor(self, floor: int) -> str:
        """A floor that the balance, what is held included, is not below now."""
        if self.balance(LIMITED) + self.held() < floor:
            return "limit_exceeded"
        self.floor = floor
        return "set"

    def hold(self, key: str, amount: int) -> str:
        """So much less may be spent by others; only under a floor."""
        if key in self.holds:
            return "held" if self.holds[key].amount == amount else "idempotency_key_reused"
        name = f"hold:{key}"
        if name in self.frozen:
            return self.frozen[name] if self.bodies[name] == amount else "idempotency_key_reused"
        if self.floor is not None and self.balance(LIMITED) + self.held() + amount < self.floor:
            self.frozen[name], self.bodies[name] = "limit_exceeded", amount
            return "limit_exceeded"
        self.holds[key] = Hold(amount)
        return "held"

    def void(self, key: str) -> str:
        """Freed, once."""
        hold = self.holds[key]
        if hold.outcome not in ("held", "voided"):
            return "hold_ended"
        hold.outcome = "voided"
        return "voided"

    def held(self) -> int:
        """What is held of the limited account, below zero."""
        return sum(hold.amount for hold in self.holds.values() if hold.outcome == "held")

    def _seen(self, key: str, body: object) -> str:
        if key not in self.frozen:
            return ""
        return self.frozen[key] if self.bodies[key] == body else "idempotency_key_reused"

    def state_refuses(self, date: datetime.date, lines: dict[str, int]) -> str:
        """The code where a closed month or the floor is in the way."""
        if date.month in self.closed:
            return "period_closed"
        moved = lines.get(LIMITED, 0)
        if moved and self.floor is not None and self.balance(LIMITED) + self.held() + moved < self.floor:
            return "limit_exceeded"
        return ""
