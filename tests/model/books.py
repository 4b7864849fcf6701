"""The ledger as a child would keep it: integers and dicts. It answers every act with what the real one must say."""

import datetime
from dataclasses import dataclass, field

ACCOUNTS = ("1000", "4000", "5000", "3000")
MONTHS = (1, 2, 3, 4)
LIMITED = "1000"


@dataclass
class Entry:
    """Cents by account, on a day; and what reverses it."""

    date: datetime.date
    lines: dict[str, int]
    reverses: str = ""
    reversed_by: str = ""


@dataclass
class Hold:
    """Cents kept free, and how it ended."""

    amount: int
    outcome: str = "held"


@dataclass
class Model:
    """Everything that was ever accepted, and what each key was answered."""

    entries: dict[str, Entry] = field(default_factory=dict)
    bodies: dict[str, tuple[datetime.date, tuple[tuple[str, int], ...]]] = field(default_factory=dict)
    frozen: dict[str, str] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    floor: int | None = None
    holds: dict[str, Hold] = field(default_factory=dict)

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
        if refused := self._state_refuses(date, lines):
            self.frozen[key], self.bodies[key] = refused, body
            return refused
        self.entries[key], self.bodies[key] = Entry(date, lines), body
        return "posted"

    def reverse(self, key: str, date: datetime.date) -> str:
        """Once an entry, on an open day, not before it; asked again for the same day it is the same reversal."""
        original = self.entries[key]
        mirror = {account: -cents for account, cents in original.lines.items()}
        mine = f"reverse:{key}"
        if date < original.date:
            return "refused"
        if mine in self.entries:
            return "replayed" if self.entries[mine].date == date else "idempotency_key_reused"
        if mine in self.frozen:
            return self.frozen[mine] if self.bodies[mine][0] == date else "idempotency_key_reused"
        if refused := self._state_refuses(date, mirror):
            self.frozen[mine], self.bodies[mine] = refused, (date, ())
            return refused
        self.entries[mine] = Entry(date, mirror, reverses=key)
        self.bodies[mine] = (date, ())
        original.reversed_by = mine
        return "posted"

    def close(self, month: int) -> str:
        """Months close from the first on."""
        if any(earlier not in self.closed for earlier in range(1, month)):
            return "period_order"
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
            self.frozen[name], self.bodies[name] = "limit_exceeded", amount  # type: ignore[assignment]
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

    def _state_refuses(self, date: datetime.date, lines: dict[str, int]) -> str:
        if date.month in self.closed:
            return "period_closed"
        moved = lines.get(LIMITED, 0)
        if moved and self.floor is not None and self.balance(LIMITED) + self.held() + moved < self.floor:
            return "limit_exceeded"
        return ""
