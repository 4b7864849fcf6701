"""What a document shows, as text: every amount, date and label in the language of the document."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from invoicing.pdf.formats import Formats, breakable, formats_of
from invoicing.pdf.labels import labels, title, unit
from invoicing.pdf.payment_qr import qr_svg, transfer_payload
from invoicing.printed import Party, PrintedDocument, PrintedLine, PrintedTax
from invoicing.totals import rounded

if TYPE_CHECKING:
    from invoicing.letters import Letter

LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "PH", "CO", "CL"})
# An article number longer than this breaks.
LONGEST_CODE = 17
OWED = frozenset({"invoice", "debit_note", "bill"})


def shown(document: PrintedDocument) -> dict[str, Any]:
    """All that the layouts read. What is not on this document is empty."""
    formats = formats_of(document.language, document.decimals)
    with override(document.language):
        sender, recipient = _sides(document)
        abroad = sender.country != recipient.country
        payload = transfer_payload(document)
        return {
            "title": title(document), "number": document.number, "labels": labels(document),
            "language": formats.locale.language, "region": formats.locale.territory or "",
            "year": document.date.year, "month": document.date.month, "day": document.date.day,
            "paper": paper_of(sender),
            "sender": party_shown(sender, formats, abroad), "recipient": party_shown(recipient, formats, abroad),
            "facts": _facts(document, formats), "columns": _columns(document),
            "lines": [_line(document, formats, line) for line in document.lines],
            "taxes": [_tax(formats, row) for row in document.taxes], "totals": _totals(document, formats),
            "total": _total(document, formats), "exemptions": _exemptions(document),
            "payment": _payment(document, formats), "logo": "", "attached": "",
            "notes": [breakable(text) for text in notes_to_reader(document)],
            "footer": document.footer.strip(), "qr": qr_svg(payload) if payload else "",
        }  # fmt: skip


def letter_shown(letter: "Letter", sender: Party, recipient: Party, language: str) -> dict[str, Any]:
    """All that a letter's page reads."""
    formats = formats_of(language, 2)
    with override(language):
        abroad = sender.country != recipient.country
        return {
            "title": letter.title, "date": formats.day(letter.date), "year": letter.date.year,
            "month": letter.date.month, "day": letter.date.day, "language": formats.locale.language,
            "paper": paper_of(sender), "sender": party_shown(sender, formats, abroad),
            "recipient": party_shown(recipient, formats, abroad),
            "text": [breakable(part) for part in letter.text.split("\n\n") if part.strip()],
            "columns": [
                {"label": one.label, "number": one.is_number, "wide": place == 0}
                for place, one in enumerate(letter.columns)
            ],
            "rows": [[breakable(cell) for cell in row] for row in letter.rows],
            "totals": [list(row) for row in letter.totals], "page": _("Page %(page)s of %(pages)s"),
        }  # fmt: skip


def paper_of(sender: Party) -> str:
    """The size of paper where the sender is at home."""
    return "us-letter" if sender.country in LETTER_COUNTRIES else "a4"


def notes_to_reader(document: PrintedDocument) -> list[str]:
    """What is written to the reader. The reason of a credit note is theirs to know; any other is for the books."""
    reason = document.reason if document.kind in ("credit_note", "supplier_credit") else ""
    return [text.strip() for text in (reason, document.notes, document.position_note) if text.strip()]


def _sides(document: PrintedDocument) -> tuple[Party, Party]:
    """Whose paper it is, and whom it is addressed to: an order goes from the buyer to the seller."""
    if document.kind == "purchase_order":
        return document.buyer, document.seller
    return document.seller, document.buyer


def party_shown(party: Party, formats: Formats, abroad: bool) -> dict[str, Any]:
    """Name and address, with the country where the other one is in another."""
    country = formats.country(party.country) if abroad else ""
    place = " ".join(part for part in (party.postal_code, party.city) if part)
    lines = [*party.street.splitlines(), party.supplement, place, party.region, country]
    legal = [(_("VAT no."), party.tax_number), (_("Reg. no."), party.registration)]
    return {
        "name": breakable(party.name), "address": [breakable(line) for line in lines if line.strip()],
        "legal": [f"{label} {text}" for label, text in legal if text],
        "reach": [text for text in (party.phone, party.email) if text],
    }  # fmt: skip


def _facts(document: PrintedDocument, formats: Formats) -> list[list[str]]:
    """The small table beside the address: label and value."""
    own = labels(document)
    credited = document.credited_number
    if credited and document.credited_date:
        credited = _("%(number)s of %(date)s") % {"number": credited, "date": formats.day(document.credited_date)}
    facts = [
        (own["number"], document.number or own["draft"]), (own["date"], formats.day(document.date)),
        (own["tax_date"], formats.day(document.tax_date) if document.tax_date != document.date else ""),
        (own["due"], "" if document.kind in ("credit_note", "supplier_credit") else formats.day(document.due_date)),
        (own["reference"], document.reference), (own["credits"], credited),
        (own["contact"], document.buyer.code if document.kind != "purchase_order" else ""),
    ]  # fmt: skip
    return [[label, breakable(text)] for label, text in facts if text]


def _columns(document: PrintedDocument) -> list[str]:
    """The columns that this document needs."""
    optional = {
        "item": any(line.item_code for line in document.lines),
        "discount": any(line.discount_percent for line in document.lines),
        "tax": any(line.tax_code for line in document.lines),
    }
    every = ("position", "item", "description", "quantity", "unit_price", "discount", "tax", "amount")
    return [name for name in every if optional.get(name, True)]


def _line(document: PrintedDocument, formats: Formats, line: PrintedLine) -> dict[str, str]:
    quantity, measure = formats.quantity(line.quantity), unit(line.unit, line.quantity)
    return {
        "position": str(line.number), "item": breakable(line.item_code, LONGEST_CODE),
        "description": breakable(line.description),
        "quantity": f"{quantity}\u00a0{measure}" if measure else quantity, "unit_price": formats.price(line.unit_price),
        "discount": formats.percent(line.discount_percent) if line.discount_percent else "",
        "tax": formats.percent(line.percent) if line.tax_code else "",
        "amount": formats.money(line.gross if document.prices_include_tax else line.net),
    }  # fmt: skip


def _tax(formats: Formats, row: PrintedTax) -> dict[str, str]:
    sign = -1 if row.kind == "withheld" else 1
    amount = "" if row.kind == "reverse_charge" else formats.money(sign * row.amount)
    return {
        "name": row.name, "rate": formats.percent(row.percent), "base": formats.money(row.base), "amount": amount,
    }  # fmt: skip


def _totals(document: PrintedDocument, formats: Formats) -> list[list[str]]:
    own = labels(document)
    rows = [[own["net"], formats.money(document.net)]]
    if document.tax or document.taxes:
        rows.append([own["taxes"], formats.money(document.tax)])
    if document.withheld:
        rows.append([own["withheld"], formats.money(-document.withheld)])
    if document.rounding:
        rows.append([own["rounding"], formats.money(document.rounding)])
    return rows


def _total(document: PrintedDocument, formats: Formats) -> dict[str, str]:
    """The last line, and the tax in base currency where the document is in another one."""
    in_base = ""
    if document.currency != document.base_currency and document.tax:
        amount = formats.money(document.base_tax, document.base_decimals)
        in_base = _("Tax in %(currency)s: %(amount)s") % {"currency": document.base_currency, "amount": amount}
    label = f"{labels(document)['total']} {document.currency}"
    return {"label": label, "amount": formats.money(document.total), "in_base": in_base}


def _exemptions(document: PrintedDocument) -> list[str]:
    """Why tax is not charged, once for each reason."""
    reasons = [
        f"{row.name}: {row.exemption_reason}" if row.exemption_reason else f"{row.name}: {row.exemption_code}"
        for row in document.taxes
        if row.exemption_reason or row.exemption_code
    ]
    return list(dict.fromkeys(reasons))


def _payment(document: PrintedDocument, formats: Formats) -> dict[str, Any]:
    """How and when it is paid; nothing of it on what nobody has to pay."""
    if document.kind not in OWED:
        return {"terms": document.terms if document.kind == "quote" else "", "due": [], "early": "", "bank": []}
    due = [[formats.day(one.due_date), f"{formats.money(one.amount)} {document.currency}"]
           for one in document.instalments] if len(document.instalments) > 1 else []  # fmt: skip
    return {
        "terms": document.terms, "due": due, "early": early_payment(document, formats), "bank": _bank(document),
    }  # fmt: skip


def early_payment(document: PrintedDocument, formats: Formats) -> str:
    """What is paid by those who pay early; empty where that saves nothing."""
    if not document.discount_percent or document.discount_until is None or document.kind not in OWED:
        return ""
    exact = Fraction(document.total) * (1 - Fraction(document.discount_percent) / 100)
    return _("If paid by %(date)s you pay %(amount)s %(currency)s (%(percent)s discount).") % {
        "date": formats.day(document.discount_until), "amount": formats.money(rounded(exact, document.decimals)),
        "currency": document.currency, "percent": formats.percent(document.discount_percent),
    }  # fmt: skip


def _bank(document: PrintedDocument) -> Sequence[Sequence[str]]:
    own = labels(document)
    iban = document.iban.replace(" ", "")
    grouped = "\u00a0".join(iban[place : place + 4] for place in range(0, len(iban), 4))
    if not grouped:
        return []
    rows = [
        (own["holder"], document.account_holder), ("IBAN", grouped), ("BIC", document.bic),
        (own["bank"], document.bank_name),
    ]  # fmt: skip
    return [[label, text] for label, text in rows if text]
