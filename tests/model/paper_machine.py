"""Every act on documents and payments beside the model's: each answer, number, open amount and status is the same."""

import datetime
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounting.models import Account, PaymentTerms, TermsInstalment
from invoicing.applying import apply_credit
from invoicing.crediting import credit_document
from invoicing.document_listing import documents_of, status_of
from invoicing.document_posting import post_document, post_documents
from invoicing.models import DocumentLine, Payment, TaxRow
from invoicing.payment_posting import post_payment
from invoicing.payment_reversal import reverse_payment
from invoicing.payments import PartContent, PaymentContent, save_payment
from ledger.allocation_undo import undo_settlement
from ledger.models import Settlement
from ledger.open_items import open_items, tie_outs
from ledger.verification import verify_company
from tenants.refusal import Refused
from tests.constitution.raw import seal_everything, system_scope
from tests.invoicing.papers import add_tax, customer, draft, line, supplier
from tests.model.papers import SIDES, Paid, Paper, Papers

DAYS = st.builds(lambda month, day: datetime.date(2026, month, day), st.sampled_from([1, 2, 3]), st.integers(1, 28))
LATER = st.sampled_from([datetime.date(2026, 3, 20), datetime.date(2026, 4, 10), datetime.date(2026, 4, 20)])
DATES = (datetime.date(2026, 2, 14), datetime.date(2026, 4, 15), datetime.date(2026, 12, 31))
TODAY = datetime.date(2026, 3, 1)
LINES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 4000).map(lambda cents: 5 * cents)), min_size=1, max_size=3
)
# Which of those there are by then, counted from the latest.
PICK = st.integers(0, 20)
WRITTEN_OFF = st.sampled_from([0, 0, 0, 150, 400])


class PaperMachine(RuleBasedStateMachine):
    """The public acts in any order, on a committed company of its own; `new_company` and `alias` are set by the test.

    Hypothesis leaves some of the rules out of each run, so a few documents are there and paid from the beginning.
    """

    new_company: Callable[[], Any]
    alias: str

    @initialize()
    def begin(self) -> None:
        self.company, self.model, self.count = type(self).new_company(), Papers(), 0
        self.ids: dict[str, Any] = {}
        with system_scope(self.company):
            for code, role in (("5950", "write_off"), ("2190", "")):
                subtype = ("expense", "operating") if role else ("liability", "tax_payable")
                Account.objects.create(
                    company=self.company, code=code, name=code, type=subtype[0], subtype=subtype[1], role=role
                )
            for code, use, pending in (("V20", "sales", None), ("C20", "sales", "2190"), ("P20", "purchases", None)):
                add_tax(code, "20", use, pending_account=pending)
            terms = PaymentTerms.objects.create(company=self.company, code="2X", name="Two parts")
            for number in (1, 2):
                TermsInstalment.objects.create(
                    company=self.company, terms=terms, number=number, percent=50, months=number - 1
                )
            self.people = {"A": customer("Adatum"), "B": customer("Bendix"), "S": supplier("Contoso")}
        for number, (who, tax) in enumerate([("A", "C20"), ("A", "V20"), ("B", "C20"), ("S", "V20"), ("S", "")], 1):
            self.write(who, [(2, 5000 * number), (1, 1005)], datetime.date(2026, 1, 3 * number), number % 2 == 0, tax)
        self.post(list(range(5)))
        for number in (0, 2, 4):
            self.pay(number, number + 1, datetime.date(2026, 2, 3 + number), 2, 700 * (number == 4), 0)
        self.credit(1, datetime.date(2026, 2, 20), 0)

    @rule(who=st.sampled_from("AABSS"), lines=LINES, date=DAYS, halves=st.booleans(),
          tax=st.sampled_from(["V20", "C20", ""]))  # fmt: skip
    def write(self, who: str, lines: Any, date: datetime.date, halves: bool, tax: str) -> None:
        kind, tax = ("bill", "P20" if tax else "") if who == "S" else ("invoice", tax)
        name = self.name(kind)
        dues = [date, date.replace(month=date.month + 1)] if halves else [date]
        self.model.papers[name] = Paper(kind, who, date, tax, [[*one, 0] for one in lines], dues)
        wanted = [line(money(price), str(quantity), tax) for quantity, price in lines]
        with system_scope(self.company):
            terms = {"terms": "2X"} if halves else {"due_date": date}
            self.ids[name] = draft(self.people[who], *wanted, date=date, **terms).pk

    @rule(picks=st.lists(PICK, min_size=1, max_size=3))
    def post(self, picks: list[int]) -> None:
        """Several of those that are written, some of them posted already."""
        names = list(dict.fromkeys(pick(list(self.model.papers), one) for one in picks))
        pks = [self.ids[name] for name in names]
        same(self.act(lambda: "posted" if post_documents(pks) else ""), "posted")
        self.model.post(names)

    @rule(one=PICK, date=DAYS, number=st.sampled_from([None, 0, 0, 1]))
    def credit(self, one: int, date: datetime.date, number: int | None) -> None:
        name, note = pick(self.posted("invoice", "bill"), one), self.name("note")
        if number is not None and number >= len(self.model.papers[name].lines):
            return
        said = self.act(lambda: self.post_credit(name, note, date, number))
        same(said, self.model.credit(name, note, date, number))

    @rule(first=PICK, second=PICK, date=DAYS, part=st.sampled_from([1, 1, 2, 3]), more=st.sampled_from([0, 0, 1, 700]),
          let_go=WRITTEN_OFF)  # fmt: skip
    def pay(self, first: int, second: int, date: datetime.date, part: int, more: int, let_go: int) -> None:
        """What is open of one or two documents, a part of it, or more than that."""
        papers, model = self.model.papers, self.model
        name, another = (pick(self.posted(), one) for one in (first, second))
        alike = another != name and (papers[another].kind, papers[another].contact) == (
            papers[name].kind, papers[name].contact
        )  # fmt: skip
        settles = [
            (one, model.open_of(one) // part + more * (more == 1)) for one in ([name, another] if alike else [name])
        ]
        settles = [(one, cents) for one, cents in settles if cents]
        gone = [(settles[0][0], let_go)] if settles and settles[0][1] > let_go > 0 else []
        cents = sum(cents for _one, cents in settles) - sum(cents for _one, cents in gone) + more
        if cents:
            self.keep_and_post(papers[name].contact, Paid(date, -SIDES[papers[name].kind], cents, settles, gone))

    @rule(one=PICK, date=DAYS, more=st.sampled_from([0, 0, 1]))
    def give_back(self, one: int, date: datetime.date, more: int) -> None:
        paid = pick(list(self.model.paid), one)
        if cents := self.model.open_of(paid) + more:
            back = Paid(date, -self.model.paid[paid].side, cents, [(paid, cents)], [])
            self.keep_and_post(self.contact_of(paid), back)

    @rule(one=PICK, picks=st.lists(PICK, min_size=1, max_size=4))
    def set_off(self, one: int, picks: list[int]) -> None:
        """A credit note or payment for documents of the same contact on the other side."""
        papers, model = self.model.papers, self.model
        credit = pick([*self.posted("credit_note", "supplier_credit"), *model.paid], one)
        side = model.paid[credit].side if credit in model.paid else SIDES[papers[credit].kind]
        owed = [name for name in self.posted("invoice", "bill")
                if papers[name].contact == self.contact_of(credit) and SIDES[papers[name].kind] != side]  # fmt: skip
        owed = list(dict.fromkeys(pick(owed, number) for number in picks)) if owed else []
        key = self.name("key")
        if owed:
            said = self.act(
                lambda: str(apply_credit(self.ids[credit], [self.ids[one] for one in owed], key=key) and "settled")
            )
            same(said, model.set_off(key, credit, owed))

    @rule(one=PICK, date=LATER)
    def undo(self, one: int, date: datetime.date) -> None:
        name = pick(list(self.model.settled), one)
        with system_scope(self.company):
            pk = Settlement.objects.for_company(self.company).get(key=self.key_of(name)).pk
        said = self.act(lambda: "undone" if undo_settlement(pk, date=date, reason="Wrong") else "")
        same(said, self.model.undo(name, date))

    @rule(one=PICK, date=LATER)
    def take_back(self, one: int, date: datetime.date) -> None:
        name = pick(list(self.model.paid), one)
        pk = self.ids[name]
        said = self.act(lambda: "reversed" if reverse_payment(pk, date=date, reason="Returned").pk == pk else "")
        same(said, self.model.take_back(name, date))

    @invariant()
    def every_open_item_is_the_models(self) -> None:
        with system_scope(self.company):
            found = {day: sorted(int(one.residual * 100) for one in open_items(self.company, day)) for day in DATES}
            assert [one for day in DATES for one in tie_outs(self.company, day) if not one.is_equal] == []
        same(found, {day: sorted(self.model.items.open_at(day).values()) for day in DATES})

    @invariant()
    def every_document_is_the_models(self) -> None:
        with system_scope(self.company):
            kinds = ["invoice", "bill", "credit_note", "supplier_credit"]
            rows = {row.pk: row for row in documents_of(self.company, kinds, TODAY).filter(state="posted")}
            found = {pk: (row.number[-5:], int(row.open_amount * 100), status_of(row)) for pk, row in rows.items()}
        known = {self.ids[name]: name for name, paper in self.model.papers.items() if paper.number}
        model = self.model
        of_model = {
            pk: (f"{model.papers[name].number:05}", model.open_of(name), model.status(name, TODAY))
            for pk, name in known.items()
        }
        same(found, of_model)

    @invariant()
    def so_much_tax_is_due_as_is_settled(self) -> None:
        """Of tax on cash basis, in whole cents."""
        with system_scope(self.company):
            rows = TaxRow.objects.for_company(self.company).filter(tax_code__code="C20")
            found = dict(rows.values_list("document").annotate(due=Sum("amount")))
        for name, paper in self.model.papers.items():
            if paper.number and paper.tax == "C20":
                settled = Decimal(paper.total - self.model.open_of(name))
                due = (paper.charged * settled / paper.total).quantize(Decimal(1), ROUND_HALF_UP)
                sign = -1 if paper.kind == "credit_note" else 1
                same(found.get(self.ids[name], 0) * 100, sign * due)

    def teardown(self) -> None:
        if hasattr(self, "company"):
            seal_everything(self.company)
            assert list(verify_company(self.company, {}, using=type(self).alias)) == []

    def posted(self, *kinds: str) -> list[str]:
        """The documents of these kinds, or all, that are posted."""
        return [name for name, one in self.model.papers.items() if one.number and (not kinds or one.kind in kinds)]

    def keep_and_post(self, who: str, paid: Paid) -> None:
        name = self.name("payment")
        said = self.act(lambda: self.post_paid(name, who, paid))
        same(said, self.model.pay(name, paid))

    def post_paid(self, name: str, who: str, paid: Paid) -> str:
        gone = dict(paid.let_go)
        parts = [self.part(one, cents - gone.get(one, 0), gone.get(one, 0)) for one, cents in paid.settles]
        role = "supplier" if who == "S" else "customer"
        content = PaymentContent(
            "in" if paid.side < 0 else "out", role, self.people[who].pk, paid.date, Decimal(paid.cents) / 100,
            reason="Charges", parts=parts,
        )  # fmt: skip
        self.ids[name] = save_payment(content).pk
        return str(post_payment(self.ids[name]).state)

    def part(self, name: str, cents: int, gone: int) -> PartContent:
        of = "refunds" if name in self.model.paid else "document"
        return PartContent(**{of: self.ids[name]}, amount=Decimal(cents) / 100, write_off=Decimal(gone) / 100)

    def post_credit(self, name: str, note: str, date: datetime.date, number: int | None) -> str:
        chosen = None
        if number is not None:
            lines = DocumentLine.objects.for_company(self.company).filter(document=self.ids[name])
            chosen = {lines.get(number=number + 1).pk: Decimal(1)}
        made = credit_document(self.ids[name], date=date, reason="Returned", quantities=chosen)
        self.ids[note] = made.pk
        return str(post_document(made.pk).state)

    def act(self, work: Callable[[], str]) -> str:
        """What is said: the answer, or the code of the refusal, which leaves nothing behind."""
        with system_scope(self.company):
            try:
                with transaction.atomic():
                    return work()
            except Refused as refusal:
                return refusal.code

    def contact_of(self, name: str) -> str:
        if name in self.model.papers:
            return self.model.papers[name].contact
        with system_scope(self.company):
            contact = Payment.objects.for_company(self.company).get(pk=self.ids[name]).contact_id
        return next(key for key, one in self.people.items() if one.pk == contact)

    def key_of(self, settlement: str) -> str:
        act, _space, name = settlement.rpartition(" ")
        keys = {"payment": "payment:{}:settle", "credit": "document:{}:apply", "set off": "{}"}
        return "settle:" + keys[act].format(self.ids.get(name, name))

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"


def same(found: object, known: object) -> None:
    """The model is asked after the act, so that both have done it."""
    assert found == known, f"{found} is said, and the model says {known}"


def pick(names: list[str], number: int) -> str:
    """One of them, the latest first."""
    return names[-1 - number % len(names)]


def money(cents: int) -> str:
    """Cents as they are written."""
    return f"{cents // 100}.{cents % 100:02}"
