"""Why a document or payment is refused, with the stable codes that API and pages show."""

from tenants.refusal import Conflict, NotFound, Refused


class DocumentRefused(Refused):
    """The document cannot be kept or posted like this."""

    code = "invalid_document"


class DocumentNotFound(NotFound):
    """No such document."""


class DocumentSettled(Conflict):
    """The document is submitted, approved or posted, and does not change."""

    code = "document_settled"


class DocumentRepeated(Conflict):
    """Recurring documents are made like it: it stays."""

    code = "document_repeated"


class WrongContact(DocumentRefused):
    """Invoices go to customers, bills come from suppliers."""

    code = "wrong_contact"


class DuplicateBill(DocumentRefused):
    """A bill of this supplier with this number is there already."""

    code = "duplicate_bill"


class CreditLimitPassed(DocumentRefused):
    """The customer would owe more than their credit limit."""

    code = "credit_limit_passed"


class OverCredited(DocumentRefused):
    """More than what is left of the document would be credited."""

    code = "over_credited"


class OrderInUse(Conflict):
    """Something of the purchase order arrived or is charged for: it does not change."""

    code = "order_in_use"


class ReceiptRefused(Refused):
    """It cannot have arrived like this."""

    code = "invalid_receipt"


class BillDiffers(DocumentRefused):
    """The bill asks for more than was ordered or received, beyond the tolerance."""

    code = "bill_differs"


class PaymentRefused(Refused):
    """The payment cannot be kept or posted like this."""

    code = "invalid_payment"


class PaymentNotFound(NotFound):
    """No such payment."""


class PaymentSettled(Conflict):
    """The payment is submitted, approved or posted, and does not change."""

    code = "payment_settled"


class WriteOffTooLarge(PaymentRefused):
    """More is written off than the company allows with a payment."""

    code = "write_off_too_large"


class ApprovalNeeded(Refused):
    """Somebody else has to approve it first: submit it."""

    code = "approval_needed"
