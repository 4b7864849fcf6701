"""Reckon a document: its lines, its taxes and its instalments, from the rows as they are written."""

from collections.abc import Hashable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.chart import chart_of
from accounting.due_dates import Part, discount_until, due_parts
from accounting.models import PaymentTerms
from accounting.tax_lookup import Taxes, taxes_of
from invoicing.document_filling import MOST, Filled
from invoicing.models import Document, DocumentTax, Instalment
from invoicing.refusals import DocumentRefused
from invoicing.tax import cost_shares, levies_of
from invoicing.totals import PricedLine, Rules, TaxTotal, Totals, totals_of

# How far a stated tax may be from the one that is reckoned: a unit of the last decimal for each line, and a little.
STATED_UNITS = 10


def reckon(filled: Filled) -> tuple[list[DocumentTax], list[Instalment]]:
    """Fill in the amounts of the document and its lines; the taxes and instalments that follow.

    Refused: `invalid_document` (too large, a stated tax that cannot be), `no_tax_rate`.
    """
    document = filled.document
    taxes = taxes_of(document.company)
    decimals = chart_of(document.company).units[document.currency].decimals
    # A credit note gives back at the rates of what it credits, whatever they are by then.
    day = document.credits.tax_date if document.credits_id else document.tax_date
    priced = [
        PricedLine(
            line.quantity, line.unit_price, line.discount_percent,
            levies_of(taxes, tax, day, place=f"lines[{number}].tax"),
        )
        for number, (line, tax) in enumerate(zip(filled.lines, filled.taxes, strict=True))
    ]  # fmt: skip
    totals = totals_of(priced, _rules(document, taxes, priced, decimals))
    if max((abs(amount) for amount in (totals.net, totals.gross, totals.payable)), default=Decimal(0)) >= MOST:
        raise DocumentRefused(_("The document adds up to 10^18 or more."), place="lines")
    document.net, document.tax, document.withheld = totals.net, totals.tax, totals.withheld
    document.rounding, document.total = totals.rounding, totals.payable
    for line, total in zip(filled.lines, totals.lines, strict=True):
        line.net, line.gross = total.net, total.gross
    rows = _tax_rows(filled, taxes, priced, totals, decimals)
    return rows, _instalments(document, filled.terms, decimals)


def _rules(document: Document, taxes: Taxes, priced: Sequence[PricedLine], decimals: int) -> Rules:
    rules = Rules(
        decimals=decimals, inclusive=document.prices_include_tax,
        per_line=document.tax_rounding == Document.TaxRounding.LINE, cash_step=document.cash_step,
    )  # fmt: skip
    if not document.stated_taxes:
        return rules
    stated: dict[Hashable, Decimal] = {}
    reckoned = {one.levy.id: one.amount for one in totals_of(priced, rules).taxes}
    for code, text in document.stated_taxes.items():
        place = f"stated_taxes.{code}"
        tax, amount = taxes.tax(code, place), Decimal(text)
        if tax.id not in reckoned:
            raise DocumentRefused(_("No line carries the tax %s.") % code, place=place)
        most = Decimal(STATED_UNITS + len(priced)).scaleb(-decimals)
        if amount != round(amount, decimals) or abs(amount - reckoned[tax.id]) > most:
            message = _("%(amount)s is too far from %(reckoned)s, which the lines come to.")
            raise DocumentRefused(message % {"amount": text, "reckoned": reckoned[tax.id]}, place=place)
        stated[tax.id] = amount
    return Rules(decimals, rules.inclusive, rules.per_line, rules.cash_step, stated)


def _tax_rows(
    filled: Filled, taxes: Taxes, priced: Sequence[PricedLine], totals: Totals, decimals: int
) -> list[DocumentTax]:
    document = filled.document
    rows = []
    for number, total in enumerate(totals.taxes, 1):
        tax = taxes.by_id[total.levy.id]  # type: ignore[index]
        cost = _into_cost(filled, priced, totals, total, (tax.deductible_percent, decimals))
        rows.append(
            DocumentTax(
                company=document.company, document=document, number=number, tax_code_id=tax.id, name=tax.name,
                kind=tax.kind, category=tax.category, exemption_code=tax.exemption_code,
                exemption_reason=tax.exemption_reason, percent=total.levy.percent, base=total.base,
                amount=total.amount, deductible=total.amount - cost, pending=tax.pending_account_id is not None,
                base_in_base=total.base, amount_in_base=total.amount, deductible_in_base=total.amount - cost,
            )
        )  # fmt: skip
    return rows


def _into_cost(
    filled: Filled, priced: Sequence[PricedLine], totals: Totals, total: TaxTotal, share: tuple[Decimal, int]
) -> Decimal:
    """What of the tax is not deductible, added to the cost of the lines that carry it."""
    percent, decimals = share
    if percent == 100:
        return Decimal(0)
    places = [(number, position) for number, line in enumerate(priced)
              for position, levy in enumerate(line.levies) if levy == total.levy]  # fmt: skip
    parts = [totals.lines[number].taxes[position] for number, position in places]
    shares = cost_shares(total.amount, parts, percent, decimals)
    for (number, _position), cost in zip(places, shares, strict=True):
        filled.lines[number].cost_tax += cost
    return sum(shares, Decimal(0))


def _instalments(document: Document, terms: PaymentTerms | None, decimals: int) -> list[Instalment]:
    """By the terms, or whole on the due date of the document, or at once."""
    rows = list(terms.instalments.order_by("number")) if terms else []
    parts = [Part(row.percent, row.months, row.days, row.day_of_month) for row in rows]
    if parts:
        found = due_parts(document.date, parts, document.total, decimals)
    else:
        found = [(document.due_date or document.date, document.total)]
    document.due_date = max(due for due, _amount in found)
    if terms and terms.discount_percent and not document.is_credit:
        document.discount_percent = terms.discount_percent
        document.discount_until = discount_until(document.date, terms.discount_days)
    return [
        Instalment(company=document.company, document=document, number=number, due_date=due, amount=amount)
        for number, (due, amount) in enumerate(found, 1)
    ]
