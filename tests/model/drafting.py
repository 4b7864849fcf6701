"""Drafts on their way into the ledger, beside everything that `machine` does."""

import datetime
import functools
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from ledger.draft_approval import approve_draft, post_draft, reject_draft, submit_draft, withdraw_draft
from ledger.draft_content import DraftContent, DraftedLine
from ledger.drafts import change_draft, delete_draft, save_draft
from ledger.models import Draft as StoredDraft
from tenants.approvals import set_rule
from tenants.permissions import permissions_of_role
from tenants.scope import Actor, acting_as
from tests.constitution.raw import system_scope
from tests.model.drafts import MINIMUM, Draft, Drafts
from tests.model.machine import DAYS, LedgerMachine

MAKER, APPROVER = (
    Actor(type="user", name=name, id=uuid.uuid4(), permissions=permissions_of_role("controller"))
    for name in ("Mara", "Ada")
)
# What a person may type into: no control account.
TYPED = st.sampled_from(["1000", "3000", "4000", "5000"])
CENTS = st.integers(1, 6000)


class DraftingMachine(LedgerMachine):
    """Everything, and drafts."""

    drafts = Bundle("drafts")

    @initialize()
    def begin_drafting(self) -> None:
        self.desk: Drafts | None = None

    @rule(target=drafts, date=DAYS, debit=TYPED, credit=TYPED, cents=CENTS)
    def save(self, date: datetime.date, debit: str, credit: str, cents: int) -> Any:
        if debit == credit:
            return multiple()
        lines = {debit: cents, credit: -cents}
        made = self.by(MAKER, lambda: str(save_draft(content(date, lines)).pk))
        self.known().all[made] = Draft(date, lines)
        return made

    @rule(name=drafts, cents=CENTS, stale=st.sampled_from([0, 0, 0, 1]))
    def change(self, name: str, cents: int, stale: int) -> None:
        draft = self.known().all[name]
        debit, credit = draft.lines
        version, new = draft.version - stale, content(draft.date, {debit: cents, credit: -cents})
        said = self.by(MAKER, lambda: change_draft(uuid.UUID(name), new, version=version).state)
        assert said == self.known().change(name, cents, version)

    @rule(name=drafts, stale=st.sampled_from([0, 1]))
    def delete(self, name: str, stale: int) -> None:
        version = self.known().all[name].version - stale
        said = self.by(MAKER, lambda: delete_draft(uuid.UUID(name), version=version) or "deleted")
        assert said == self.known().delete(name, version)

    @rule(name=drafts, act=st.sampled_from(["submit", "submit", "approve", "reject", "withdraw", "post", "post"]),
          maker=st.sampled_from([False, False, True]))  # fmt: skip
    def move(self, name: str, act: str, maker: bool) -> None:
        pk, desk = uuid.UUID(name), self.known()
        if act == "submit":
            assert self.by(MAKER, lambda: submit_draft(pk).state) == desk.submit(name)
        elif act == "withdraw":
            assert self.by(MAKER, lambda: withdraw_draft(pk).state) == desk.withdraw(name)
        elif act == "post":
            said = self.by(APPROVER, lambda: "replayed" if post_draft(pk).replayed else "posted")
            assert said == desk.post(name)
        else:
            actor, approve = MAKER if maker else APPROVER, act == "approve"
            decide = approve_draft if approve else functools.partial(reject_draft, reason="Wrong account")
            assert self.by(actor, lambda: decide(pk).state) == desk.decide(name, approve=approve, maker=maker)

    def waiting(self) -> list[datetime.date]:
        drafts = self.desk.all.values() if self.desk else ()
        return [draft.date for draft in drafts if draft.state not in ("posted", "deleted")]

    @invariant()
    def every_draft_is_the_models(self) -> None:
        if self.desk is not None:
            with system_scope(self.company):
                rows = StoredDraft.objects.for_company(self.company).values_list("id", "state", "version")
                found = {str(pk): (state, version) for pk, state, version in rows}
            known = {name: draft for name, draft in self.desk.all.items() if draft.state != "deleted"}
            assert found == {name: (draft.state, draft.version) for name, draft in known.items()}

    def by(self, actor: Actor, work: Callable[[], str]) -> str:
        """What the ledger says to a person."""

        def act() -> str:
            with acting_as(actor):
                return work()

        self.known()
        return self.act(act)

    def known(self) -> Drafts:
        """The model's drafts; with the first comes the rule that asks for approvals."""
        if self.desk is None:
            self.desk = Drafts(self.model)
            with system_scope(self.company):
                set_rule("entry", minimum=Decimal(MINIMUM) / 100, approvals=1)
        return self.desk


def content(date: datetime.date, lines: dict[str, int]) -> DraftContent:
    """A draft of these cents."""
    return DraftContent(date, [DraftedLine(code, Decimal(cents) / 100) for code, cents in lines.items()], memo="Draft")
