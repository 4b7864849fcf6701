"""Every act of the ledger beside the model's: each answer, each refusal and each balance is the same."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from accounting.accounts import open_sub_account
from accounting.models import Account, FiscalYear, Period
from accounting.periods import close_period, reopen_period
from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.allocation_undo import undo_settlement
from ledger.balances import balances
from ledger.holds import reserve, void_hold
from ledger.limits import set_limit
from ledger.models import Entry, Hold, Line, Settlement
from ledger.open_items import open_items
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.sealing import seal
from ledger.verification import verify_company
from ledger.year_closing import close_year, reopen_year
from tenants.refusal import Refused
from tests.constitution.raw import ids_of, system_scope
from tests.model.books import ACCOUNTS, LIMITED, MONTHS, POSTED_TO, YEAR_END, Model
from tests.model.items import RECEIVABLE

KEYS = st.sampled_from([f"key {n}" for n in range(12)])
CENTS = st.integers(-5000, 5000).filter(bool)
DAYS = st.builds(lambda month, day: datetime.date(2026, month, day), st.sampled_from(MONTHS), st.integers(1, 28))


class LedgerMachine(RuleBasedStateMachine):
    """The public acts in any order, on a committed company of its own; `new_company` and `alias` are set by the test."""

    new_company: Callable[[], Any]
    alias: str
    posted = Bundle("posted")
    items = Bundle("items")
    settled = Bundle("settled")
    holds = Bundle("holds")

    @initialize(target=items)
    def begin(self) -> Any:
        """The year before is closed; a customer has two invoices and has paid twice."""
        self.company = type(self).new_company()
        self.model = Model()
        with system_scope(self.company):
            for period in Period.objects.for_company(self.company).filter(end__year=2025).order_by("start"):
                close_period(period)
            receivable = Account.objects.for_company(self.company).get(code=RECEIVABLE)
            open_sub_account(receivable, code="C1", name="Customer One")
        begun = {"invoice 1": 2500, "invoice 2": 1200, "payment 1": -2000, "payment 2": -1500}
        for month, (key, cents) in enumerate(begun.items(), 1):
            lines, date = {RECEIVABLE: cents, "4000": -cents}, datetime.date(2026, month, 10)
            assert self.post_lines(key, date, lines) == self.model.post(key, date, lines)
        return multiple(*begun)

    @rule(target=posted, key=KEYS, date=DAYS, debit=st.sampled_from(POSTED_TO), credit=st.sampled_from(POSTED_TO), cents=CENTS,
          off=st.sampled_from([0, 0, 0, 0, 1]))  # fmt: skip
    def post(self, key: str, date: datetime.date, debit: str, credit: str, cents: int, off: int) -> Any:
        if debit == credit:
            return multiple()
        lines = {debit: cents, credit: -cents + off}
        if not all(lines.values()):
            return multiple()
        said = self.post_lines(key, date, lines)
        assert said == self.model.post(key, date, lines)
        return key if said in ("posted", "replayed") else multiple()

    @rule(target=posted, key=posted | items, date=DAYS)
    def reverse(self, key: str, date: datetime.date) -> Any:
        pk = self.entry(key).pk
        name = f"reverse:{key}"
        given = {"date": date, "reason": "Wrong", "key": name}
        said = self.act(lambda: "replayed" if reverse(pk, **given).replayed else "posted")
        assert said == self.model.reverse(key, date)
        return name if said in ("posted", "replayed") else multiple()

    @rule(target=settled, key=KEYS, debit=items | posted, credit=items | posted, cents=st.integers(1, 3000))
    def settle(self, key: str, debit: str, credit: str, cents: int) -> Any:
        if debit == credit or not {debit, credit} <= self.model.items.lines.keys():
            return multiple()
        pair = Pair(self.item(debit), self.item(credit), Decimal(cents) / 100)
        said = self.act(lambda: "replayed" if allocate([pair], key=key).replayed else "settled")
        assert said == self.model.settle(key, debit, credit, cents)
        return key if said in ("settled", "replayed") else multiple()

    @rule(key=settled, date=DAYS)
    def undo_settlement(self, key: str, date: datetime.date) -> None:
        with system_scope(self.company):
            pk = Settlement.objects.for_company(self.company).get(key=f"settle:{key}").pk
        said = self.act(lambda: "undone" if undo_settlement(pk, date=date, reason="Wrong") else "")
        assert said == self.model.undo(key, date)

    @rule(close=st.booleans())
    def turn_year(self, close: bool) -> None:
        if close:
            assert self.act(lambda: "closed" if close_year(self.year()) else "") == self.model.close_year()
        else:
            said = self.act(lambda: "open" if reopen_year(self.year(), reason="Late") else "")
            assert said == self.model.reopen_year()

    @rule(month=st.sampled_from(MONTHS), close=st.booleans())
    def turn_month(self, month: int, close: bool) -> None:
        if close:
            said = self.act(lambda: str(close_period(self.period(month)).status))
            assert said == self.model.close(month, self.waiting())
        else:
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

    @invariant()
    def every_open_item_is_the_models(self) -> None:
        for date in (datetime.date(2026, 2, 14), YEAR_END):
            with system_scope(self.company):
                found = [
                    (one.date, int(one.amount * 100), int(one.residual * 100)) for one in open_items(self.company, date)
                ]
            model = self.model.items
            assert sorted(found) == sorted((*model.lines[key], left) for key, left in model.open_at(date).items())
            assert sum(left for *_line, left in found) == self.model.balance(RECEIVABLE, date)

    def teardown(self) -> None:
        if hasattr(self, "company"):
            assert list(verify_company(self.company, {}, using=type(self).alias)) == []

    def waiting(self) -> list[datetime.date]:
        """The days of entries that somebody still works on."""
        return []

    def post_lines(self, key: str, date: datetime.date, lines: dict[str, int]) -> str:
        """Post cents by account."""
        entry = NewEntry(key, date, tuple(line(code, amount) for code, amount in sorted(lines.items())))
        return self.act(lambda: "replayed" if post(entry).replayed else "posted")

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

    def item(self, key: str) -> Any:
        entry = self.entry(key).pk
        with system_scope(self.company):
            return Line.objects.for_company(self.company).get(entry_id=entry, account__code=RECEIVABLE).pk

    def year(self) -> Any:
        return FiscalYear.objects.for_company(self.company).get(end=YEAR_END).pk

    def period(self, month: int) -> Period:
        found: Period = Period.objects.for_company(self.company).get(start=datetime.date(2026, month, 1))
        return found


def line(code: str, cents: int) -> NewLine:
    """On the receivables, it is the customer's."""
    return NewLine(code, Decimal(cents) / 100, sub_account="C1" if code == RECEIVABLE else "")
