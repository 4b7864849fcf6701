"""Documents of sales and purchases, payments, the tax ledger, and how a company makes them."""

from invoicing.models.documents import (
    BOOKED,
    CREDITS,
    SALES,
    Document,
    DocumentLine,
    DocumentTax,
    Instalment,
)
from invoicing.models.dunning import DunnedDocument, DunningBlock, DunningLevel, DunningNotice
from invoicing.models.payments import Payment, PaymentPart
from invoicing.models.receipts import Receipt, ReceiptLine
from invoicing.models.recurring import REPEATED, DocumentOccurrence, RecurringDocument
from invoicing.models.sending import DocumentLink, MailTemplate
from invoicing.models.settings import InvoicingSettings
from invoicing.models.tax_rows import TaxRow

__all__ = [
    "BOOKED",
    "CREDITS",
    "REPEATED",
    "SALES",
    "Document",
    "DocumentLine",
    "DocumentLink",
    "DocumentOccurrence",
    "DocumentTax",
    "DunnedDocument",
    "DunningBlock",
    "DunningLevel",
    "DunningNotice",
    "Instalment",
    "InvoicingSettings",
    "MailTemplate",
    "Payment",
    "PaymentPart",
    "Receipt",
    "ReceiptLine",
    "RecurringDocument",
    "TaxRow",
]
