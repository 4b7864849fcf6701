"""The business rules of EN 16931, asked of the XML itself: what was meant does not count, what was written does."""

from collections.abc import Callable, Iterable

from invoicing.einvoice.findings import Finding
from invoicing.einvoice.reading import read_einvoice
from invoicing.einvoice.rules_amounts import amount_rules
from invoicing.einvoice.rules_contents import content_rules
from invoicing.einvoice.rules_decimals import decimal_rules
from invoicing.einvoice.rules_taxes import tax_rules
from invoicing.einvoice.semantic import EInvoice

RULES: tuple[Callable[[EInvoice], Iterable[Finding]], ...] = (content_rules, amount_rules, decimal_rules, tax_rules)


def findings_of(data: bytes) -> list[Finding]:
    """What is wrong with an electronic invoice (UBL, CII or a PDF that carries one): rule, place and message.

    Refused: `unreadable_einvoice` where it cannot even be read.
    """
    invoice = read_einvoice(data)
    return [finding for rules in RULES for finding in rules(invoice)]
