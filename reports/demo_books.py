"""A believable year of business for a demo company: the same every time for the same days.

Sales on account and at the till, purchases, payroll, rent, the usual running costs, depreciation, foreign customers,
VAT settled each quarter, one mistake and its reversal.
"""

import calendar
import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from accounting.chart import Chart, ChartAccount, chart_of
from accounting.contacts import add_contact
from accounting.models import Contact, PaymentTerms
from accounting.rates import set_rate
from accounting.units import use_currency
from ledger.posting import post_batch
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from tenants.models import Company

CENT = Decimal("0.01")
# What is spent every month: words that the account's name holds (English, German), the memo, amount, day.
RUNNING_COSTS = (
    (("rent", "miete"), "Office rent", 2400, 1),
    (("business insurance", "versicherungen"), "Business insurance", 310, 3),
    (("software", "edv", "it "), "Software subscriptions", 640, 5),
    (("electric", "energy", "utilities", "strom", "energie"), "Electricity and heating", 420, 12),
    (("telephone", "telefon", "internet"), "Telephone and internet", 135, 14),
    (("advert", "marketing", "werbe"), "Advertising", 900, 18),
    (("travel", "reise"), "Travel", 380, 22),
)
EQUIPMENT = ("computer equipment", "büroeinrichtung")
# What was agreed with one contact after the other; with some nothing is.
TERMS = ("", "NET30", "NET14", "NET30EOM")
WORN_EQUIPMENT = ("computer equipment depreciation", "wertberichtigung büroeinrichtung")


@dataclass(frozen=True, slots=True)
class Story:
    """What kind of business the demo company is."""

    customers: tuple[str, ...]
    suppliers: tuple[str, ...]
    foreign: str
    foreign_rate: str
    vat: Decimal
    sales_a_month: int


STORIES = {
    "harbour": Story(
        ("Northwind Foods", "Contoso Retail", "Tailspin Toys", "Adatum Logistics", "Fabrikam"),
        ("Blue Yonder Supplies", "Wide World Importers", "Proseware Print"),
        "EUR", "0.8612", Decimal("0.20"), 14,
    ),
    "nordlicht": Story(
        ("Lamna Healthcare", "Margie's Travel", "Trey Research", "Coho Winery"),
        ("Litware", "Graphic Design Institute", "Relecloud Hosting"),
        "USD", "0.9134", Decimal("0.19"), 9,
    ),
}  # fmt: skip


class DemoBooks:
    """Writes the story of one company into its ledger, month by month, in the current scope."""

    def __init__(self, company: Company, story: Story) -> None:
        self.company = company
        self.story = story
        self.chance = random.Random(company.slug)
        self.vat_charged = self.vat_paid = Decimal(0)
        use_currency(story.foreign)
        self._add_contacts()
        self.chart: Chart = chart_of(company)

    def write(self, first: datetime.date, today: datetime.date) -> int:
        """Post from the first day up to today; returns how many entries were made."""
        entries, month = [self._opening(first)], first
        while month <= today:
            entries += [entry for entry in self._month(month) if entry.date <= today]
            month = (month + datetime.timedelta(days=31)).replace(day=1)
        return len(post_batch("demo", entries)) + self._mistake(first)

    def _add_contacts(self) -> None:
        known = set(Contact.objects.for_company(self.company).values_list("name", flat=True))
        terms = {one.code: one for one in PaymentTerms.objects.for_company(self.company)}
        for kind, prefix, names in (("customer", "C", self.story.customers), ("supplier", "S", self.story.suppliers)):
            for number, name in enumerate(names, 1):
                if name not in known:
                    agreed = terms.get(TERMS[number % len(TERMS)])
                    word = name.split()[0].lower().replace("'", "")
                    add_contact(
                        name=name, code=f"{prefix}{number:03}", email=f"accounts@{word}.example",
                        country=self.company.country, addresses=[{"street": f"{number} Market Street"}],
                        **{f"is_{kind}": True, f"{kind}_terms": agreed},
                    )  # fmt: skip

    def _opening(self, day: datetime.date) -> NewEntry:
        equipment = self.named(EQUIPMENT, "asset")
        return self._entry(
            "opening", day, "Opening balances", "OPN",
            self._line("bank", Decimal("48500.00")),
            NewLine(equipment.code, Decimal("36000.00")),
            NewLine(self.of_subtype("share_capital").code, Decimal("-84500.00")),
        )  # fmt: skip

    def _month(self, month: datetime.date) -> Iterator[NewEntry]:
        if month.month % 3 == 1 and self.vat_charged:
            yield self._vat_payment(month)
        set_rate(self.story.foreign, month, self._rate(), source="Demo")
        yield from self._sales(month)
        yield from self._purchases(month)
        yield from self._running_costs(month)
        yield self._payroll(month)
        yield self._depreciation(month)

    def _rate(self) -> Decimal:
        return (Decimal(self.story.foreign_rate) * Decimal(str(self.chance.uniform(0.98, 1.02)))).quantize(
            Decimal("0.0001")
        )

    def _sales(self, month: datetime.date) -> Iterator[NewEntry]:
        for number in range(1, self.story.sales_a_month + 1):
            day = self._day(month)
            net = self._amount(900, 7200)
            tax = (net * self.story.vat).quantize(CENT, ROUND_HALF_UP)
            self.vat_charged += tax
            customer = self.chance.randrange(len(self.story.customers))
            name, code = self.story.customers[customer], f"C{customer + 1:03}"
            reference = f"S{month:%y%m}-{number:02}"
            yield self._entry(
                f"sale:{reference}", day, f"Sale to {name}", "SAL",
                self._line("receivable", net + tax, sub_account=code),
                self._line("sales", -net), self._line("tax_payable", -tax), reference=reference,
            )  # fmt: skip
            if self.chance.random() < 0.9:
                paid = day + datetime.timedelta(days=self.chance.randrange(10, 45))
                yield self._entry(
                    f"receipt:{reference}", paid, f"Receipt from {name}", "BNK",
                    self._line("bank", net + tax), self._line("receivable", -(net + tax), sub_account=code),
                    reference=reference,
                )  # fmt: skip
        yield self._foreign_sale(month)

    def _foreign_sale(self, month: datetime.date) -> NewEntry:
        day, amount = self._day(month), self._amount(1200, 4800)
        return self._entry(
            f"export:{month:%Y-%m}", day, f"Export sale, paid in {self.story.foreign}", "BNK",
            NewLine(self.chart.in_role("bank").code, amount, currency=self.story.foreign),
            NewLine(self.chart.in_role("sales").code, -amount, currency=self.story.foreign),
        )  # fmt: skip

    def _purchases(self, month: datetime.date) -> Iterator[NewEntry]:
        for number in range(1, self.story.sales_a_month // 2 + 1):
            day, net = self._day(month), self._amount(500, 4200)
            tax = (net * self.story.vat).quantize(CENT, ROUND_HALF_UP)
            self.vat_paid += tax
            supplier = self.chance.randrange(len(self.story.suppliers))
            name, code = self.story.suppliers[supplier], f"S{supplier + 1:03}"
            reference = f"P{month:%y%m}-{number:02}"
            yield self._entry(
                f"purchase:{reference}", day, f"Goods from {name}", "PUR",
                self._line("purchases", net), self._line("tax_receivable", tax),
                self._line("payable", -(net + tax), sub_account=code), reference=reference,
            )  # fmt: skip
            paid = day + datetime.timedelta(days=30)
            yield self._entry(
                f"payment:{reference}", paid, f"Payment to {name}", "BNK",
                self._line("payable", net + tax, sub_account=code), self._line("bank", -(net + tax)),
                reference=reference,
            )  # fmt: skip

    def _running_costs(self, month: datetime.date) -> Iterator[NewEntry]:
        for words, memo, about, day in RUNNING_COSTS:
            amount = Decimal(about) if day == 1 else self._amount(int(about * 0.85), int(about * 1.15))
            yield self._entry(
                f"{memo}:{month:%Y-%m}", month.replace(day=day), memo, "BNK",
                NewLine(self.named(words).code, amount), self._line("bank", -amount),
            )  # fmt: skip
        yield self._entry(
            f"charges:{month:%Y-%m}", self._last(month), "Bank charges", "BNK",
            self._line("bank_charges", Decimal("24.50")), self._line("bank", Decimal("-24.50")),
        )  # fmt: skip

    def _payroll(self, month: datetime.date) -> NewEntry:
        gross = self._amount(10800, 11400)
        return self._entry(
            f"payroll:{month:%Y-%m}", month.replace(day=28), "Salaries", "GEN",
            NewLine(self.of_subtype("payroll").code, gross), self._line("bank", -gross),
        )  # fmt: skip

    def _depreciation(self, month: datetime.date) -> NewEntry:
        return self._entry(
            f"depreciation:{month:%Y-%m}", self._last(month), "Depreciation of equipment", "GEN",
            self._line("depreciation", Decimal("600.00")),
            NewLine(self.named(WORN_EQUIPMENT, "asset").code, Decimal("-600.00")),
        )  # fmt: skip

    def _vat_payment(self, month: datetime.date) -> NewEntry:
        """What was charged to customers, less what suppliers charged, goes to the tax office."""
        charged, paid = self.vat_charged, self.vat_paid
        self.vat_charged = self.vat_paid = Decimal(0)
        return self._entry(
            f"vat:{month:%Y-%m}", month.replace(day=10), "VAT return of the last quarter", "BNK",
            self._line("tax_payable", charged), self._line("tax_receivable", -paid),
            self._line("bank", paid - charged),
        )  # fmt: skip

    def _mistake(self, first: datetime.date) -> int:
        """Rent entered twice in the second month, and reversed when it was noticed."""
        day = (first + datetime.timedelta(days=31)).replace(day=1)
        rent = self.named(RUNNING_COSTS[0][0]).code
        amount = Decimal("2400.00")
        twice = self._entry("mistake", day, "Office rent", "BNK", NewLine(rent, amount), self._line("bank", -amount))
        (posted,) = post_batch("demo:mistake", [twice])
        reverse(posted.id, date=day + datetime.timedelta(days=9), reason="Entered twice", key="demo:mistake:reversal")
        return 2

    def _entry(
        self, key: str, date: datetime.date, memo: str, journal: str, *lines: NewLine, reference: str = ""
    ) -> NewEntry:
        return NewEntry(key=key, date=date, lines=lines, memo=memo, journal=journal, reference=reference, source="demo")

    def _line(self, role: str, amount: Decimal, sub_account: str = "") -> NewLine:
        return NewLine(self.chart.in_role(role).code, amount, sub_account=sub_account)

    def of_subtype(self, *subtypes: str) -> ChartAccount:
        """The first account of the first of these subtypes that the chart has."""
        for subtype in subtypes:
            for account in self.chart.by_code.values():
                if account.subtype == subtype and not account.control:
                    return account
        raise LookupError(f"the chart has no account of subtype {subtypes}")

    def named(self, words: tuple[str, ...], kind: str = "expense") -> ChartAccount:
        """The account whose name holds the first of these words that any name holds."""
        accounts = [a for a in self.chart.by_code.values() if a.type == kind and not a.is_heading and not a.control]
        for word in words:
            for account in accounts:
                if word in f"{account.name.lower()} ":
                    return account
        return self.of_subtype("operating" if kind == "expense" else "fixed_asset")

    def _day(self, month: datetime.date) -> datetime.date:
        return month.replace(day=self.chance.randrange(1, calendar.monthrange(month.year, month.month)[1] + 1))

    def _last(self, month: datetime.date) -> datetime.date:
        return month.replace(day=calendar.monthrange(month.year, month.month)[1])

    def _amount(self, low: int, high: int) -> Decimal:
        return Decimal(self.chance.randrange(low * 100, high * 100)).scaleb(-2)
