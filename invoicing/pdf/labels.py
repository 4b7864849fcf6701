"""The words of a document on paper, in its language."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from invoicing.printed import PrintedDocument

# Those of the words for units (UN/ECE 20) that are read more often than their codes.
HOUR, DAY, MONTH, PIECE = "HUR", "DAY", "MON", ("C62", "H87", "EA", "PCE")


def title(document: PrintedDocument) -> str:
    """What the document is called."""
    titles = {
        "invoice": _("Invoice"), "credit_note": _("Credit note"), "debit_note": _("Debit note"), "bill": _("Bill"),
        "supplier_credit": _("Supplier credit note"), "quote": _("Quote"), "purchase_order": _("Purchase order"),
    }  # fmt: skip
    return titles[document.kind]


def unit(code: str, quantity: Decimal) -> str:
    """The unit as people write it; the code where there is no word for it."""
    count = 1 if quantity == 1 else 2
    if code in PIECE:
        return ngettext("pc", "pcs", count)
    words = {
        HOUR: pgettext("hours", "h"), DAY: ngettext("day", "days", count), MONTH: ngettext("month", "months", count),
        "KGM": "kg", "GRM": "g", "TNE": "t", "MTR": "m", "KMT": "km", "CMT": "cm", "MTK": "m²", "MTQ": "m³",
        "LTR": "l", "MIN": "min", "WEE": ngettext("week", "weeks", count), "ANN": ngettext("year", "years", count),
        "KWH": "kWh", "P1": "%",
    }  # fmt: skip
    return words.get(code, code)


def due_label(document: PrintedDocument) -> str:
    """What the due date of this kind of document is."""
    return {"quote": _("Valid until"), "purchase_order": _("Wanted by")}.get(document.kind, _("Due"))


def reference_label(document: PrintedDocument) -> str:
    """Whose reference it is."""
    theirs = document.kind in ("bill", "supplier_credit", "purchase_order")
    return _("Supplier reference") if theirs else _("Your reference")


def to_label(document: PrintedDocument) -> str:
    """To whom it goes."""
    if document.kind in ("invoice", "debit_note"):
        return _("Bill to")
    return _("Supplier") if document.kind == "purchase_order" else _("To")


def labels(document: PrintedDocument) -> dict[str, str]:
    """The fixed words."""
    inclusive = document.prices_include_tax
    credit = document.kind in ("credit_note", "supplier_credit")
    return {
        "number": _("Number"), "date": _("Date"), "tax_date": _("Supplied"), "due": due_label(document),
        "reference": reference_label(document), "contact": _("Customer no."), "credits": _("Credit for"),
        "position": _("No."), "item": _("Item"), "description": _("Description"), "quantity": _("Quantity"),
        "unit_price": _("Unit price incl. tax") if inclusive else _("Unit price"), "discount": _("Discount"),
        "tax": _("Tax"), "amount": _("Amount incl. tax") if inclusive else _("Amount"), "net": _("Net"),
        "taxes": _("Tax"), "withheld": _("Withheld tax"), "rounding": _("Rounding"),
        "total": _("Total credit") if credit else _("Total"), "base": _("Taxable"), "rate": _("Rate"),
        "tax_number": _("VAT no."), "registration": _("Reg. no."), "payment": _("Payment"), "terms": _("Terms"),
        "holder": _("Account holder"), "bank": _("Bank"), "scan": _("Scan to pay"), "draft": _("Draft"),
        "continued": _("continued"), "to": to_label(document), "page": _("Page %(page)s of %(pages)s"),
    }  # fmt: skip
