"""Every act of the ledger beside the model's: each answer, each refusal and each balance is the same."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from accounting.models import Period
from accounting.periods import close_period, reopen_period
from ledger.balances import balances
from ledger.holds import reserve, void_hold
from ledger.limits import set_limit
from ledger.models import Entry, Hold
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.sealing import seal
from ledger.verification import verify_company
from tenants.refusal import Refused
from tests.constitution.raw import ids_of, system_scope
from tests.model.books import ACCOUNTS, LIMITED, MONTHS, Model

KEYS = st.sampled_from([f"key {n}" for n in range(12)])
CENTS = st.integers(-5000, 5000).filter(bool)
DAYS = st.builds(lambda month, day: datetime.date(2026, month, day), st.sampled_from(MONTHS), st.integers(1, 28))


class LedgerMachine(RuleBasedStateMachine):
    """The public acts in any order, on a committed company of its own; `new_company` and `alias` are set by the test."""

    new_company: Callable[[], Any]
    alias: str
    posted = Bundle("posted")
    holds = Bundle("holds")

    @initialize()
    def begin(self) -> None:
        self.company = type(self).new_company()
        self.model = Model()
        with system_scope(self.company):
            for period in Period.objects.for_company(self.company).filter(end__year=2025).order_by("start"):
                close_period(period)

    @rule(target=posted, key=KEYS, date=DAYS, debit=st.sampled_from(ACCOUNTS), credit=st.sampled_from(ACCOUNTS), cents=CENTS,
          off=st.sampled_from([0, 0, 0, 0, 1]))  # fmt: skip
    def post(self, key: str, date: datetime.date, debit: str, credit: str, cents: int, off: int) -> Any:
        if debit == credit:
            return multiple()
        lines = {debit: cents, credit: -cents + off}
        if not all(lines.values()):
            return multiple()
        entry = NewEntry(
            key, date, tuple(NewLine(code, Decimal(amount) / 100) for code, amount in sorted(lines.items()))
        )
        said = self.act(lambda: "replayed" if post(entry).replayed else "posted")
        assert said == self.model.post(key, date, lines)
        return key if said in ("posted", "replayed") else multiple()

    @rule(target=posted, key=posted, date=DAYS)
    def reverse(self, key: str, date: datetime.date) -> Any:
        pk = self.entry(key).pk
        name = f"reverse:{key}"
        given = {"date": date, "reason": "Wrong", "key": name}
        said = self.act(lambda: "replayed" if reverse(pk, **given).replayed else "posted")
        assert said == self.model.reverse(key, date)
        return name if said in ("posted", "replayed") else multiple()

    @rule(month=st.sampled_from(MONTHS))
    def close(self, month: int) -> None:
        assert self.act(lambda: str(close_period(self.period(month)).status)) == self.model.close(month)

    @rule(month=st.sampled_from(MONTHS))
    def reopen(self, month: int) -> None:
        said = self.act(lambda: str(reopen_period(self.period(month), reason="Late").status))
        assert said == self.model.reopen(month)

    @rule(floor=st.integers(-20000, 3000))
    def floor(self, floor: int) -> None:
        def act() -> str:
            self.limit = set_limit(ids_of(self.company).accounts[LIMITED], floor=Decimal(floor) / 100)
            return "set"

        assert self.act(act) == self.model.set_floor(floor)

    @rule(target=holds, key=KEYS, amount=st.integers(-4000, -1))
    def hold(self, key: str, amount: int) -> Any:
        if self.model.floor is None:
            return multiple()
        said = self.act(lambda: reserve(self.limit.pk, Decimal(amount) / 100, key=key) and "held")
        assert said == self.model.hold(key, amount)
        return key if said == "held" else multiple()

    @rule(key=holds)
    def void(self, key: str) -> None:
        with system_scope(self.company):
            pk = Hold.objects.for_company(self.company).get(key=f"hold:{key}").pk
        assert self.act(lambda: str(void_hold(pk).outcome)) == self.model.void(key)

    @rule()
    def seal(self) -> None:
        seal(self.company)

    @invariant()
    def every_balance_is_the_models(self) -> None:
        for date in (datetime.date(2026, 1, 31), datetime.date(2026, 2, 14), datetime.date(2026, 12, 31)):
            with system_scope(self.company):
                found = {one.account_id: int(one.amount * 100) for one in balances(self.company, date)}
            accounts = ids_of(self.company).accounts
            assert {code: found.get(accounts[code], 0) for code in ACCOUNTS} == {
                code: self.model.balance(code, date) for code in ACCOUNTS
            }

    def teardown(self) -> None:
        if hasattr(self, "company"):
            assert list(verify_company(self.company, {}, using=type(self).alias)) == []

    def act(self, work: Callable[[], str]) -> str:
        """What the ledger says: the answer, or the code of its refusal; which stays, as it does for every caller."""
        with system_scope(self.company):
            try:
                return work()
            except Refused as refusal:
                return refusal.code

    def entry(self, key: str) -> Entry:
        with system_scope(self.company):
            found: Entry = Entry.objects.for_company(self.company).get(key=key)
            return found

    def period(self, month: int) -> Period:
        found: Period = Period.objects.for_company(self.company).get(start=datetime.date(2026, month, 1))
        return found
