"""Books with one of everything that the API can name, and its description with their names written in.

Texts made up at random never name an account: with the names of the books in the description, many calls succeed.
"""

import copy
import datetime
from typing import Any

from tests.books import sale
from tests.conftest import make_company, make_member

TEXTS = {"type": "string", "enum": ["", "Ünï", "x" * 40]}
AMOUNTS = {"enum": ["10.00", "0", "-10", 10, "0.001"]}
DAYS = {"type": "string", "format": "date", "enum": ["2026-03-15", "2026-12-31", "2030-01-01"]}
SALE = [{"account": "1000", "debit": "10.00"}, {"account": "4000", "credit": "10.00"}]
SPLIT = [
    {"account": "5000", "amount": "10", "dimensions": {"region": {"north": "100"}}, "memo": "Ünï"},
    {"account": "1000", "amount": "-10"},
]
FOREIGN = [
    {"account": "1010", "debit": "10", "currency": "USD", "rate": "0.5"},
    {"account": "4000", "credit": "5", "dimensions": {"region": "north"}},
]
# Component -> property -> what stands in the books.
NAMES: dict[str, dict[str, Any]] = {
    "LineInRequest": {
        "account": {"type": "string", "enum": ["1000", "4000", "1010", "1100", "9000"]},
        "amount": AMOUNTS, "debit": AMOUNTS, "credit": AMOUNTS, "rate": AMOUNTS, "base_amount": AMOUNTS,
        "currency": {"type": "string", "enum": ["EUR", "USD", "DAY"]},
        "dimensions": {"enum": [{}, {"region": "north"}, {"region": {"north": "100"}}]},
        "sub_account": {"type": "string", "enum": ["C1"]}, "memo": TEXTS,
    },
    "EntryInRequest": {
        "date": DAYS, "journal": {"type": "string", "enum": ["GEN"]},
        "lines": {"anyOf": [
            {"enum": [SALE, SPLIT, FOREIGN]}, {"type": "array", "items": {"$ref": "#/components/schemas/LineInRequest"}},
        ]},
    },
    "ReverseInRequest": {"date": DAYS},
    "RateInRequest": {"currency": {"type": "string", "enum": ["USD", "EUR"]}, "date": DAYS},
    "FiscalYearInRequest": {"date": {**DAYS, "enum": ["2028-01-01", "2031-05-05", "1000-01-01", "9000-12-31"]}},
    "AccountInRequest": {"parent": {"type": ["string", "null"], "enum": [None, "1000"]}},
    "TradedItemInRequest": {
        "income_account": {"type": ["string", "null"], "enum": [None, "4000", "5000"]},
        "currency": {"type": "string", "enum": ["", "EUR", "USD"]}, "unit": {"type": "string", "enum": ["", "HUR"]},
        "sale_price": AMOUNTS,
    },
    "TaxInRequest": {
        "account": {"type": ["string", "null"], "enum": [None, "2100", "1100"]}, "tax_boxes": {"enum": [[], ["1"], ["9"]]},
        "base_boxes": {"enum": [[]]}, "counter_boxes": {"enum": [[]]}, "members": {"enum": [[], ["VAT"]]},
        "rates": {"enum": [[], [{"start": "2020-01-01", "percent": "20"}]]}, "counter_account": {"enum": [None, "2100"]},
        "pending_account": {"enum": [None]}, "category": {"enum": ["S", "Z"]}, "kind": {"enum": ["charged", "group"]},
    },
    "TaxBoxInRequest": {"formula": {"type": "string", "enum": ["", "1", "1 - 2"]}},
    "FiscalPositionInRequest": {
        "countries": {"enum": [[], ["DE"]]}, "taxes": {"enum": [[], [{"replaced": "VAT", "by": None}]]},
        "accounts": {"enum": [[], [{"replaced": "4000", "by": "5000"}]]},
    },
    "WebhookInRequest": {"url": {"type": "string", "enum": ["https://hooks.example.com/a", "http://10.0.0.1/", "x"]}},
    "UnitInRequest": {"code": {"type": "string", "enum": ["CHF", "JPY", "KG", "EUR"]}},
}  # fmt: skip


def described_books() -> tuple[Any, dict[str, dict[str, str]]]:
    """A committed company with one of everything, and for each address the values that lead to it."""
    from accounting.accounts import open_sub_account
    from accounting.contacts import add_contact
    from accounting.dimensions import open_dimension, open_dimension_value
    from accounting.fiscal_positions import add_position
    from accounting.items import add_item
    from accounting.models import Account, PaymentTerms, Period
    from accounting.tax_boxes import add_box
    from accounting.taxes import add_tax
    from jobs.enqueue import enqueue
    from jobs.files import NewFile
    from jobs.mail import send_mail_later
    from jobs.webhook_endpoints import add_endpoint
    from jobs.webhook_replaying import ping
    from ledger.posting import post
    from tenants.api_credentials import create_api_credential
    from tenants.models import Membership
    from tenants.scope import Actor, company_scope

    company = make_company()
    make_member(company, "clerk")
    with company_scope(company, actor=Actor.system("test")):
        dimension = open_dimension(code="region", name="Region")
        open_dimension_value(dimension, code="north", name="North")
        open_sub_account(Account.objects.for_company(company).get(code="1100"), code="C1", name="Customer")
        entry = post(sale("12.34"))
        contact = add_contact(name="Adatum", is_customer=True)
        item = add_item(code="HOUR", name="Consulting")
        box = add_box(code="1", name="Output VAT")
        vat = Account.objects.for_company(company).get(code="2100")
        rates = [(datetime.date(2020, 1, 1), 20)]
        tax = add_tax(code="VAT", name="VAT", use="sales", account=vat, rates=rates, tax_boxes=["1"])
        position = add_position(name="Abroad", taxes=[(tax, None)])
        terms = PaymentTerms.objects.for_company(company).get(code="NET14")
        credential, _key = create_api_credential(name="other", scopes=["read"])
        file = NewFile("journal", b"2026-01-01 open Assets:Bank\n", "text/plain")
        job = enqueue("ledger.import_journal", {"format": "beancount", "dry_run": True, "name": "a"}, files=[file])
        webhook, _secret = add_endpoint("https://hooks.example.com/in")
        delivery = ping(webhook)
        mail = send_mail_later(key="m", to=["ann@example.com"], subject="Invoice", body_text="Please pay.")
        member = Membership.objects.for_company(company).get()
        period = Period.objects.for_company(company).order_by("start").first()
    return company, {
        "accounts/": {"code": "1100"},
        "journals/": {"code": "PUR"},
        "entries/": {"id": str(entry.id)},
        "members/": {"id": str(member.pk)},
        "credentials/": {"id": str(credential.pk)},
        "periods/": {"id": str(period.pk)},
        "jobs/": {"id": str(job.pk), "name": "journal"},
        "imports/": {"id": str(job.pk)},
        "webhooks/": {"id": str(webhook.pk)},
        "webhook-deliveries/": {"id": str(delivery.pk)},
        "mails/": {"id": str(mail.pk)},
        "contacts/": {"id": str(contact.pk)},
        "items/": {"id": str(item.pk)},
        "payment-terms/": {"id": str(terms.pk)},
        "taxes/": {"id": str(tax.pk)},
        "tax-boxes/": {"id": str(box.pk)},
        "fiscal-positions/": {"id": str(position.pk)},
        "dimensions/": {"dimension": "region", "value": "north"},
    }


def with_names(document: dict[str, Any]) -> dict[str, Any]:
    """The description, narrowed to what stands in the books; every write has a key of its own."""
    narrowed = copy.deepcopy(document)
    for name, properties in NAMES.items():
        narrowed["components"]["schemas"][name]["properties"].update(properties)
    for operations in narrowed["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "Idempotency-Key":
                    parameter.update(required=True, schema={"type": "string", "format": "uuid"})
    return narrowed
