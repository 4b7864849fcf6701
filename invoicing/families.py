"""The five lists that documents are kept in: their addresses, kinds and names, the same on pages and in the API."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Family:
    """Documents under one address."""

    address: str
    kinds: tuple[str, ...]
    name: Promise
    new: Promise
    empty: Promise
    symbol: str

    @property
    def is_sale(self) -> bool:
        return self.kinds[0] in ("invoice", "quote")


FAMILIES = {
    one.address: one
    for one in (
        Family("invoices", ("invoice", "debit_note"), _("Invoices"), _("New invoice"),
               _("There are no invoices yet. What customers owe you starts here."), "request_quote"),
        Family("bills", ("bill",), _("Bills"), _("New bill"),
               _("There are no bills yet. What you owe suppliers starts here."), "receipt"),
        Family("credit-notes", ("credit_note", "supplier_credit"), _("Credit notes"), _("New credit note"),
               _("There are no credit notes yet. They are made from the invoice or bill that they credit."),
               "assignment_return"),
        Family("quotes", ("quote",), _("Quotes"), _("New quote"), _("There are no quotes yet."), "request_page"),
        Family("purchase-orders", ("purchase_order",), _("Purchase orders"), _("New purchase order"),
               _("There are no purchase orders yet."), "shopping_cart"),
    )
}  # fmt: skip


def family_of(kind: str) -> Family:
    """The family that a kind of document belongs to."""
    return next(one for one in FAMILIES.values() if kind in one.kinds)
