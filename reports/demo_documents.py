"""The documents of a demo company: invoices in every state, a quote, bills, payments, and what comes again."""

import datetime
from decimal import Decimal

from accounting.models import Contact, Item, TaxCode
from accounting.tax_lookup import taxes_of
from invoicing.approving import submit_document
from invoicing.crediting import credit_document
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.document_posting import post_document
from invoicing.documents import save_document
from invoicing.dunning_levels import add_usual_levels
from invoicing.invoicing_settings import change_settings
from invoicing.models import Document
from invoicing.payment_posting import post_payment
from invoicing.payments import PartContent, PaymentContent, save_payment
from invoicing.recurring_documents import start_recurring_document
from reports.demo_books import DemoBooks
from tenants.approvals import set_rule
from tenants.scope import Actor, acting_as

# Days ago, quantity, and how much of the invoice was paid, in percent.
INVOICES = ((58, 12, 100), (51, 30, 100), (44, 8, 0), (37, 24, 50), (30, 16, 100), (16, 40, 0), (9, 6, 40), (2, 20, 0))
BILLS = ((40, 25, True), (21, 60, True), (6, 35, False))
APPROVED_FROM = Decimal("5000.00")


def add_documents(books: DemoBooks, today: datetime.date, clerk: Actor) -> None:
    """Write, post and pay what a small company has in two months, and leave something to do; in the current scope."""
    change_settings(
        street="12 Harbour Street", postal_code="20457", city="Port", email=f"office@{books.company.slug}.example",
        iban="GB33BUKB20201555555555" if books.company.country == "GB" else "DE89370400440532013000",
    )  # fmt: skip
    add_usual_levels()
    set_rule("bill", minimum=APPROVED_FROM)
    desk = _Desk(books)
    posted = [desk.invoice(place, today - datetime.timedelta(days=days), quantity)
              for place, (days, quantity, _paid) in enumerate(INVOICES)]  # fmt: skip
    for invoice, (_days, _quantity, percent) in zip(posted, INVOICES, strict=True):
        _receive(invoice, percent, today)
    returned = today - datetime.timedelta(days=20)
    post_document(credit_document(posted[2].pk, date=returned, reason="Returned unopened").pk)
    for place, (days, quantity, is_paid) in enumerate(BILLS):
        bill = desk.bill(place, today - datetime.timedelta(days=days), quantity)
        if is_paid:
            _pay(bill, today)
    start = (today.replace(day=1) + datetime.timedelta(days=31)).replace(day=1)
    start_recurring_document(posted[-1].pk, start=start, frequency="month", interval=1)
    with acting_as(clerk):
        desk.leave_something_to_do(today)


class _Desk:
    """Who the company deals with, in what, and the documents about it."""

    def __init__(self, books: DemoBooks) -> None:
        self.company = books.company
        items = Item.objects.for_company(self.company).order_by("code")
        self.sold, self.bought = (list(items.exclude(**{f"{kind}_account": None})) for kind in ("income", "expense"))
        contacts = Contact.objects.for_company(self.company).order_by("code")
        self.customers, self.suppliers = (
            list(contacts.filter(is_customer=True)),
            list(contacts.filter(is_supplier=True)),
        )

    def invoice(self, place: int, day: datetime.date, quantity: int) -> Document:
        contact, item = self.customers[place % len(self.customers)], self.sold[place % len(self.sold)]
        return post_document(self.save("invoice", contact, item, day, quantity).pk)

    def bill(self, place: int, day: datetime.date, quantity: int) -> Document:
        contact, item = self.suppliers[place % len(self.suppliers)], self.bought[place % len(self.bought)]
        return post_document(self.save("bill", contact, item, day, quantity).pk)

    def leave_something_to_do(self, today: datetime.date) -> None:
        """A quote, an invoice that is half written, and a bill that somebody has to approve."""
        self.save("quote", self.customers[0], self.sold[1], today, 50)
        self.save("invoice", self.customers[1], self.sold[2], today, 5)
        dear = max(self.bought, key=lambda item: item.purchase_price or 0)
        quantity = int(APPROVED_FROM / (dear.purchase_price or Decimal(1))) + 10
        submit_document(self.save("bill", self.suppliers[0], dear, today, quantity).pk)

    def save(self, kind: str, contact: Contact, item: Item, day: datetime.date, quantity: int) -> Document:
        tax = self.usual_tax("purchases" if kind == "bill" else "sales", day)
        line = ContentLine(description=item.name, item=item.pk, quantity=Decimal(quantity), tax=tax)
        reference = f"R-{day:%m%d}-{quantity}" if kind == "bill" else ""
        return save_document(
            DocumentContent(kind=kind, contact=contact.pk, date=day, lines=[line], reference=reference)
        )

    def usual_tax(self, use: str, day: datetime.date) -> str:
        """The charged tax with the highest rate on the day; none where the country has none."""
        taxes = [tax for tax in taxes_of(self.company).by_id.values() if tax.use == use and tax.is_active]
        charged = [tax for tax in taxes if tax.kind == TaxCode.Kind.CHARGED]
        return max(charged, key=lambda tax: (tax.percent_on(day), tax.code)).code if charged else ""


def _receive(invoice: Document, percent: int, today: datetime.date) -> None:
    if percent:
        day = min(invoice.date + datetime.timedelta(days=12), today)
        _settle("in", "customer", invoice, (invoice.total * percent / 100).quantize(Decimal("0.01")), day)


def _pay(bill: Document, today: datetime.date) -> None:
    _settle("out", "supplier", bill, bill.total, min(bill.date + datetime.timedelta(days=10), today))


def _settle(direction: str, role: str, document: Document, amount: Decimal, day: datetime.date) -> None:
    content = PaymentContent(
        direction, role, document.contact_id, day, amount, reference=document.number,
        parts=[PartContent(document=document.pk, amount=amount)],
    )  # fmt: skip
    post_payment(save_payment(content).pk)
