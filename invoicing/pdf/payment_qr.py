"""The payment QR of an invoice: EPC069-12, which banking apps turn into a SEPA credit transfer."""

import io
from decimal import Decimal

import segno
from stdnum import iban as iban_rules
from stdnum.exceptions import ValidationError

from invoicing.printed import PrintedDocument

LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
NAME, REMITTANCE = 70, 140


def transfer_payload(document: PrintedDocument) -> str:
    """The text of the QR; empty where there is nothing to transfer: no invoice, not in euro, no IBAN, no amount."""
    if document.kind != "invoice" or document.currency != "EUR" or not document.number:
        return ""
    if not LEAST <= document.total <= MOST:
        return ""
    try:
        iban = iban_rules.validate(document.iban)
    except ValidationError:
        return ""
    amount = document.total.quantize(LEAST).normalize()
    lines = (
        "BCD", "002", "1", "SCT", document.bic.replace(" ", ""), _plain(document.account_holder)[:NAME], iban,
        f"EUR{amount:f}", "", "", _plain(document.number)[:REMITTANCE],
    )  # fmt: skip
    return "\n".join(lines)


def qr_svg(payload: str) -> str:
    """The QR as a drawing, black on nothing."""
    drawn = io.BytesIO()
    # The guideline wants error correction M and no larger one.
    segno.make(payload, error="m", boost_error=False, micro=False).save(
        drawn, kind="svg", border=0, xmldecl=False, svgns=True, nl=False
    )
    return drawn.getvalue().decode()


def _plain(text: str) -> str:
    return " ".join(text.split())
