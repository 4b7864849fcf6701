"""Why an electronic invoice cannot be written or read, with the stable codes that API and pages show."""

from tenants.refusal import Refused


class EInvoiceNotPossible(Refused):
    """EN 16931 has no place for this document as it is."""

    code = "einvoice_not_possible"


class UnreadableEInvoice(Refused):
    """The file is no electronic invoice that can be read, or not a safe one."""

    code = "unreadable_einvoice"


class UnknownSupplier(Refused):
    """Nobody among the suppliers has the tax number, the bank account or the name of the file."""

    code = "unknown_supplier"


class TotalsDiffer(Refused):
    """What the lines come to is not what the file says is to be paid."""

    code = "totals_differ"
