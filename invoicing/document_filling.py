"""From what is written to rows: contact, accounts, taxes and terms looked up, what was left out filled in."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounting.chart import Chart, chart_of
from accounting.models import Contact, Item, PaymentTerms
from accounting.named_rows import terms_named
from accounting.tax_lookup import Position, Tax, Taxes, taxes_of
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.models import SALES, Document, DocumentLine, InvoicingSettings
from invoicing.refusals import DocumentRefused, WrongContact
from ledger.resolving import EXACT, check_rate, check_text
from tenants.models import Company

MOST_LINES = 1000
MOST = Decimal(10) ** 18


@dataclass(slots=True)
class Filled:
    """The rows of a document before they are reckoned, and the tax of each line."""

    document: Document
    lines: list[DocumentLine]
    taxes: list[Tax | None]
    terms: PaymentTerms | None


@dataclass(frozen=True, slots=True)
class _Defaults:
    """Where what is left out comes from."""

    company: Company
    chart: Chart
    taxes: Taxes
    contact: Contact
    position: Position | None
    items: dict[str, Item]
    is_sale: bool


def fill(company: Company, content: DocumentContent) -> Filled:
    """The document and its lines. Refused with the place: unknown contact, item, account, tax, currency or terms."""
    contact = named_contact(company, content.contact, customer=content.kind in SALES)
    settings = InvoicingSettings.objects.for_company(company).first() or InvoicingSettings(company=company)
    taxes, chart = taxes_of(company), chart_of(company)
    position = _position(company, content, contact, taxes)
    terms = _terms(content, contact, settings)
    currency = content.currency or contact.currency or company.base_currency
    _check_head(chart, content, currency)
    in_base = currency == company.base_currency
    rounding = content.tax_rounding or settings.tax_rounding
    inclusive = settings.prices_include_tax if content.prices_include_tax is None else content.prices_include_tax
    document = Document(
        company=company, kind=content.kind, contact=contact, date=content.date, reference=content.reference.strip(),
        tax_date=content.tax_date or content.date, currency=currency, rate=content.rate, terms=terms,
        rate_source="rate given" if content.rate else "", position_id=position.id if position else None,
        prices_include_tax=inclusive, tax_rounding=rounding, memo=content.memo, notes=content.notes,
        reason=content.reason, cash_step=content.cash_step or (settings.cash_step if in_base else None),
        stated_taxes={code: f"{amount:f}" for code, amount in content.stated_taxes.items()},
        credits_id=content.credits, made_from_id=content.made_from, due_date=content.due_date or content.date,
    )  # fmt: skip
    items = _items(company, content.lines)
    _check_order_lines(company, content)
    defaults = _Defaults(company, chart, taxes, contact, position, items, content.kind in SALES)
    pairs = [_line(defaults, document, number, line) for number, line in enumerate(content.lines)]
    return Filled(document, [line for line, _tax in pairs], [tax for _line, tax in pairs], terms)


def named_contact(company: Company, named: str | UUID, *, customer: bool) -> Contact:
    """The contact with this number or id. Refused: `wrong_contact` (neither customer nor supplier, merged, retired)."""
    rows = Contact.objects.for_company(company).select_related("customer_terms", "supplier_terms")
    found: Contact | None = _named(rows, named, "code")
    if found is None:
        raise WrongContact(_("There is no contact “%s”.") % named, place="contact")
    if found.merged_into_id:
        raise WrongContact(_("%s was merged into another contact.") % found, place="contact")
    if not (found.is_customer if customer else found.is_supplier):
        message = _("%s is no customer.") if customer else _("%s is no supplier.")
        raise WrongContact(message % found, place="contact")
    if not found.is_active:
        raise WrongContact(_("%s is no longer in use.") % found, place="contact")
    return found


def _named(rows: Any, named: str | UUID, field: str) -> Any:
    """The row with this code (or name), or this id."""
    wanted = Q(**{field: str(named)})
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=UUID(str(named)))
    return rows.filter(wanted).first()


def _position(company: Company, content: DocumentContent, contact: Contact, taxes: Taxes) -> Position | None:
    if content.position is not None:
        if (found := taxes.position(content.position)) is None:
            raise DocumentRefused(_("There is no such fiscal position."), place="position")
        return found
    if contact.fiscal_position_id:
        return taxes.position(contact.fiscal_position_id)
    return taxes.position_of(contact.country, company.country, has_tax_number=bool(contact.tax_number))


def _terms(content: DocumentContent, contact: Contact, settings: InvoicingSettings) -> PaymentTerms | None:
    if content.terms == "" or content.due_date is not None:
        return None
    if content.terms is not None:
        return terms_named(str(content.terms), "terms")
    if content.kind in SALES:
        return contact.customer_terms or settings.customer_terms
    return contact.supplier_terms or settings.supplier_terms


def _check_head(chart: Chart, content: DocumentContent, currency: str) -> None:
    if content.kind not in Document.Kind.values:
        raise DocumentRefused(_("There is no such kind of document."), place="kind")
    if currency not in chart.units:
        raise DocumentRefused(_("The currency “%s” is not in use.") % currency, place="currency")
    if len(content.lines) > MOST_LINES:
        raise DocumentRefused(_("A document has at most %d lines.") % MOST_LINES, place="lines")
    if content.due_date is not None and content.due_date < content.date:
        raise DocumentRefused(_("It is due before its own date."), place="due_date")
    if content.rate is not None:
        check_rate(content.rate, "rate")
    for name, limit in (("reference", 200), ("memo", 10_000), ("notes", 10_000), ("reason", 2_000)):
        check_text(getattr(content, name), name, limit)
    if content.tax_rounding and content.tax_rounding not in Document.TaxRounding.values:
        raise DocumentRefused(_("Taxes are rounded by document or by line."), place="tax_rounding")
    step = content.cash_step
    if step is not None and not (step.is_finite() and 0 < step < 1000 and step == round(step, 4)):
        raise DocumentRefused(_("Coins are above 0, with at most 4 decimals."), place="cash_step")


def _items(company: Company, lines: Sequence[ContentLine]) -> dict[str, Item]:
    named = {str(line.item) for line in lines if line.item}
    if not named:
        return {}
    ids = [name for name in named if _is_id(name)]
    rows = Item.objects.for_company(company).filter(Q(code__in=named) | Q(pk__in=ids))
    return {key: row for row in rows for key in (row.code, str(row.pk))}


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _line(
    defaults: _Defaults, document: Document, number: int, line: ContentLine
) -> tuple[DocumentLine, Tax | None]:  # fmt: skip
    place = f"lines[{number}]"
    item = defaults.items.get(str(line.item)) if line.item else None
    if line.item and item is None:
        raise DocumentRefused(_("There is no item “%s”.") % line.item, place=f"{place}.item")
    _check_line(line, place)
    price = line.unit_price if line.unit_price is not None else _price(defaults, document, item)
    tax = _tax(defaults, line, item, place)
    row = DocumentLine(
        company=defaults.company, document=document, number=number + 1, item=item, quantity=line.quantity,
        description=line.description or (item.description or item.name if item else ""),
        unit=line.unit if line.unit is not None else (item.unit if item else ""), unit_price=price,
        discount_percent=line.discount_percent, account_id=_account(defaults, line, item, place),
        tax_code_id=tax.id if tax else None, dimensions=dict(line.dimensions), credits_id=line.credits,
        order_line_id=line.order_line,
    )  # fmt: skip
    return row, tax


def _check_order_lines(company: Company, content: DocumentContent) -> None:
    """Only bills, and what credits them, charge for lines of purchase orders."""
    named = {line.order_line: number for number, line in enumerate(content.lines) if line.order_line}
    if not named:
        return
    rows = DocumentLine.objects.for_company(company).filter(document__kind=Document.Kind.PURCHASE_ORDER, pk__in=named)
    known = set(rows.values_list("pk", flat=True))
    charging = content.kind in (Document.Kind.BILL, Document.Kind.SUPPLIER_CREDIT)
    for line, number in named.items():
        if not charging or line not in known:
            message = _("There is no such line of a purchase order.") if charging else _(
                "Only bills charge for a purchase order.")  # fmt: skip
            raise DocumentRefused(message, place=f"lines[{number}].order_line")


def _check_line(line: ContentLine, place: str) -> None:
    check_text(line.description, f"{place}.description", 2000)
    if line.unit and len(line.unit) > 3:
        raise DocumentRefused(_("A unit has up to 3 characters (UN/ECE 20)."), place=f"{place}.unit")
    for name, value, decimals in (
        ("quantity", line.quantity, 6), ("unit_price", line.unit_price, 12),
        ("discount_percent", line.discount_percent, 6),
    ):  # fmt: skip
        if value is None:
            continue
        if not is_kept(value, decimals):
            message = _("A number below 10^18 with at most %d decimals.") % decimals
            raise DocumentRefused(message, place=f"{place}.{name}")
    if not 0 <= line.discount_percent <= 100:
        raise DocumentRefused(_("A discount is between 0 and 100 percent."), place=f"{place}.discount_percent")


def is_kept(value: Decimal, decimals: int) -> bool:
    """Whether the column keeps the number as it is."""
    with localcontext(prec=EXACT):
        return value.is_finite() and abs(value) < MOST and value == round(value, decimals)


def _price(defaults: _Defaults, document: Document, item: Item | None) -> Decimal:
    """The item's, where it is in the currency of the document."""
    if item is None or (item.currency or defaults.company.base_currency) != document.currency:
        return Decimal(0)
    return (item.sale_price if defaults.is_sale else item.purchase_price) or Decimal(0)


def _tax(defaults: _Defaults, line: ContentLine, item: Item | None, place: str) -> Tax | None:
    if line.tax == "":
        return None
    if line.tax is not None:
        found = defaults.taxes.tax(line.tax, f"{place}.tax")
    else:
        own = (item.sales_tax_id if defaults.is_sale else item.purchase_tax_id) if item else None
        theirs = defaults.contact.sales_tax_id if defaults.is_sale else defaults.contact.purchase_tax_id
        usual = own or theirs
        if usual and defaults.position and usual in defaults.position.taxes:
            usual = defaults.position.taxes[usual]
        if usual is None:
            return None
        found = defaults.taxes.by_id[usual]
    if found.use != ("sales" if defaults.is_sale else "purchases"):
        message = _("%s is a tax on purchases.") if defaults.is_sale else _("%s is a tax on sales.")
        raise DocumentRefused(message % found.code, place=f"{place}.tax")
    return found


def _account(defaults: _Defaults, line: ContentLine, item: Item | None, place: str) -> UUID | None:
    if line.account:
        account = defaults.chart.account(line.account, f"{place}.account")
        if account.is_heading or account.control:
            raise DocumentRefused(_("%s takes no lines of documents.") % account.code, place=f"{place}.account")
        return account.id
    if line.account == "":
        return None
    own = (item.income_account_id if defaults.is_sale else item.expense_account_id) if item else None
    theirs = defaults.contact.income_account_id if defaults.is_sale else defaults.contact.expense_account_id
    role = defaults.chart.by_role.get("sales" if defaults.is_sale else "purchases")
    usual = own or theirs or (role.id if role else None)
    return defaults.position.accounts.get(usual, usual) if defaults.position and usual else usual
