"""What customers owe, beside their credit limit."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from accounting.chart import chart_of
from accounting.models import Contact
from ledger.models import Line
from tenants.models import Company


def owed_by(company: Company, contacts: Collection[UUID]) -> dict[UUID, Decimal]:
    """What each of them owes in base currency, however old: the balance of their part of receivables."""
    account = chart_of(company).in_role("receivable").id
    rows = Line.objects.for_company(company).filter(account=account, sub_account__contact__in=contacts)
    return dict(rows.values_list("sub_account__contact").annotate(owed=Sum("amount")))


def hold_contacts(company: Company, contacts: Collection[UUID]) -> None:
    """Let nobody else post for these contacts until the transaction ends: their limits and bills are looked at."""
    rows = Contact.objects.for_company(company).select_for_update(no_key=True).filter(pk__in=contacts)
    list(rows.order_by("pk").values_list("pk", flat=True))
