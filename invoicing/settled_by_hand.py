"""What follows when somebody settles open items by hand, or takes that back: taxes that are due with the payment move,
and documents that are paid now are told of."""

from uuid import UUID

from invoicing.cash_basis import tax_of_settled
from invoicing.lookups import posted_with
from invoicing.models import Instalment
from invoicing.telling import tell_paid
from ledger.models import Allocation, Settlement
from tenants.scope import current_scope


def on_settled(settlement_id: UUID) -> None:
    """Look at the documents whose open items the settlement touched."""
    company = current_scope().company
    settlement = Settlement.objects.for_company(company).get(pk=settlement_id)
    rows = Allocation.objects.for_company(company).filter(settlement=settlement)
    lines = {pk for pair in rows.values_list("debit_line", "credit_line") for pk in pair}
    touched = Instalment.objects.for_company(company).filter(line__in=lines).values_list("document", flat=True)
    documents = sorted(set(touched))
    if not documents:
        return
    posted_with(company, lambda lookups: tax_of_settled(lookups, documents, settlement.date, settlement.pk))
    if settlement.undoes_id is None:
        tell_paid(company, documents, settlement.pk)
