"""Drafts as a child would keep them: a state, a version, and who made what."""

import datetime
from dataclasses import dataclass, field

from tests.model.books import Entry, Model

# From so many cents on somebody else has to agree.
MINIMUM = 3000


@dataclass
class Draft:
    """An entry that somebody works on."""

    date: datetime.date
    lines: dict[str, int]
    state: str = "draft"
    version: int = 1

    @property
    def needs_approval(self) -> bool:
        return max(self.lines.values()) >= MINIMUM


@dataclass
class Drafts:
    """Every draft, on the books that it wants into. One person makes them, another decides."""

    books: Model
    all: dict[str, Draft] = field(default_factory=dict)

    def change(self, name: str, cents: int, version: int) -> str:
        """The amount of a draft, by who saw it last."""
        draft = self.all[name]
        if refused := self._refuses_change(draft, version):
            return refused
        debit, credit = draft.lines
        draft.lines = {debit: cents, credit: -cents}
        draft.state, draft.version = "draft", draft.version + 1
        return "draft"

    def delete(self, name: str, version: int) -> str:
        """Gone, and nothing is missing."""
        if refused := self._refuses_change(self.all[name], version):
            return refused
        self.all[name].state = "deleted"
        return "deleted"

    def submit(self, name: str) -> str:
        """What could not be posted today is not handed over."""
        draft = self.all[name]
        if draft.state != "draft":
            return self._gone(draft) or "draft_settled"
        if refused := self.books.state_refuses(draft.date, draft.lines):
            return refused
        draft.version += 1 if draft.needs_approval else 2
        draft.state = "submitted" if draft.needs_approval else "approved"
        return draft.state

    def decide(self, name: str, *, approve: bool, maker: bool) -> str:
        """By somebody else than who made it."""
        draft = self.all[name]
        if draft.state != "submitted":
            return self._gone(draft) or "draft_settled"
        if maker:
            return "self_approval"
        draft.state, draft.version = "approved" if approve else "rejected", draft.version + 1
        return draft.state

    def withdraw(self, name: str) -> str:
        """Back on the desk, whatever was decided."""
        draft = self.all[name]
        if draft.state not in ("submitted", "approved", "rejected"):
            return self._gone(draft) or "draft_settled"
        draft.state, draft.version = "draft", draft.version + 1
        return "draft"

    def post(self, name: str) -> str:
        """Once; what needs nobody's approval is submitted on the way. A refusal leaves the draft as it was."""
        draft = self.all[name]
        if draft.state == "deleted":
            return "not_found"
        if draft.state == "posted":
            return "replayed"
        if (
            draft.state == "draft"
            and not self.books.state_refuses(draft.date, draft.lines)
            and not draft.needs_approval
        ):
            draft.version += 2
        elif draft.state != "approved":
            refused = self.books.state_refuses(draft.date, draft.lines) if draft.state == "draft" else ""
            return refused or "approval_needed"
        elif refused := self.books.state_refuses(draft.date, draft.lines):
            return refused
        self.books.add(f"draft {name}", Entry(draft.date, dict(draft.lines)))
        draft.state, draft.version = "posted", draft.version + 1
        return "posted"

    def _refuses_change(self, draft: Draft, version: int) -> str:
        if gone := self._gone(draft):
            return gone
        if version != draft.version:
            return "conflict"
        return "" if draft.state in ("draft", "rejected") else "draft_settled"

    def _gone(self, draft: Draft) -> str:
        return "not_found" if draft.state == "deleted" else ""
