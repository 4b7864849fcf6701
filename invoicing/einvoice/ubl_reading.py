"""Read UBL 2.1 (Invoice, CreditNote) into the model of EN 16931."""

from typing import Any

from invoicing.einvoice.safe_xml import Reading
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice, Line, Payment, Sums, TaxBreakdown, Trader
from invoicing.einvoice.ubl import CREDIT_NOTE, INVOICE, PARTS

ROOTS = {f"{{{INVOICE}}}Invoice", f"{{{CREDIT_NOTE}}}CreditNote"}
read = Reading(PARTS)


def read_ubl(root: Any) -> EInvoice:
    """The invoice as it is written. Refused: `unreadable_einvoice` where a number or a date is none."""
    credit = root.tag.endswith("CreditNote")
    preceding = read.one(root, "cac:BillingReference/cac:InvoiceDocumentReference")
    delivery = read.one(root, "cac:Delivery")
    lines = read.every(root, "cac:CreditNoteLine" if credit else "cac:InvoiceLine")
    country = "cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode"
    due = read.day(root, "cbc:DueDate") or read.day(root, "cac:PaymentMeans/cbc:PaymentDueDate")
    return EInvoice(
        specification=read.text(root, "cbc:CustomizationID"), number=read.text(root, "cbc:ID"),
        date=read.day(root, "cbc:IssueDate"),
        type_code=read.text(root, "cbc:CreditNoteTypeCode" if credit else "cbc:InvoiceTypeCode"),
        currency=read.text(root, "cbc:DocumentCurrencyCode"), tax_currency=read.text(root, "cbc:TaxCurrencyCode"),
        due_date=due, order=read.text(root, "cac:OrderReference/cbc:ID"),
        terms=read.text(root, "cac:PaymentTerms/cbc:Note"),
        notes=[note.text.strip() for note in read.every(root, "cbc:Note") if note.text],
        preceding=read.text(preceding, "cbc:ID"), preceding_date=read.day(preceding, "cbc:IssueDate"),
        delivery_date=read.day(delivery, "cbc:ActualDeliveryDate"), delivery_country=read.text(delivery, country),
        period=read.one(root, "cac:InvoicePeriod") is not None,
        payee=read.text(root, "cac:PayeeParty/cac:PartyName/cbc:Name"),
        seller=_trader(read.one(root, "cac:AccountingSupplierParty/cac:Party")),
        buyer=_trader(read.one(root, "cac:AccountingCustomerParty/cac:Party")),
        payment=_payment(root), allowances=[_allowance(one) for one in read.every(root, "cac:AllowanceCharge")],
        sums=_sums(root),
        breakdowns=[_breakdown(one) for one in read.every(root, "cac:TaxTotal/cac:TaxSubtotal")],
        lines=[_line(one, credit=credit) for one in lines],
    )  # fmt: skip


def _trader(party: Any) -> Trader:
    address = read.one(party, "cac:PostalAddress")
    numbers = {read.text(one, "cac:TaxScheme/cbc:ID").upper(): read.text(one, "cbc:CompanyID")
               for one in read.every(party, "cac:PartyTaxScheme")}  # fmt: skip
    endpoint = read.one(party, "cbc:EndpointID")
    return Trader(
        name=read.text(party, "cac:PartyLegalEntity/cbc:RegistrationName")
        or read.text(party, "cac:PartyName/cbc:Name"),
        identifier=read.text(party, "cac:PartyIdentification/cbc:ID"),
        registration=read.text(party, "cac:PartyLegalEntity/cbc:CompanyID"), vat_number=numbers.pop("VAT", ""),
        tax_registration=next(iter(numbers.values()), ""), electronic_address=read.text(party, "cbc:EndpointID"),
        electronic_scheme=endpoint.get("schemeID", "") if endpoint is not None else "",
        phone=read.text(party, "cac:Contact/cbc:Telephone"), email=read.text(party, "cac:Contact/cbc:ElectronicMail"),
        street=read.text(address, "cbc:StreetName"), supplement=read.text(address, "cbc:AdditionalStreetName"),
        city=read.text(address, "cbc:CityName"), postal_code=read.text(address, "cbc:PostalZone"),
        region=read.text(address, "cbc:CountrySubentity"),
        country=read.text(address, "cac:Country/cbc:IdentificationCode"), has_address=address is not None,
    )  # fmt: skip


def _payment(root: Any) -> Payment:
    """The first way of payment that names an account, else the first."""
    every = read.every(root, "cac:PaymentMeans")
    named = [one for one in every if read.text(one, "cac:PayeeFinancialAccount/cbc:ID")]
    means = next(iter([*named, *every]), None)
    account = read.one(means, "cac:PayeeFinancialAccount")
    return Payment(
        means=read.text(means, "cbc:PaymentMeansCode"), remittance=read.text(means, "cbc:PaymentID"),
        account=read.text(account, "cbc:ID"), holder=read.text(account, "cbc:Name"),
        bic=read.text(account, "cac:FinancialInstitutionBranch/cbc:ID"),
    )  # fmt: skip


def _allowance(one: Any) -> AllowanceCharge:
    return AllowanceCharge(
        is_charge=read.text(one, "cbc:ChargeIndicator").lower() in ("true", "1"),
        amount=read.number(one, "cbc:Amount"), base=read.number(one, "cbc:BaseAmount"),
        percent=read.number(one, "cbc:MultiplierFactorNumeric"),
        reason=read.text(one, "cbc:AllowanceChargeReason"),
        reason_code=read.text(one, "cbc:AllowanceChargeReasonCode"),
        category=read.text(one, "cac:TaxCategory/cbc:ID"), tax_percent=read.number(one, "cac:TaxCategory/cbc:Percent"),
    )  # fmt: skip


def _sums(root: Any) -> Sums:
    total = read.one(root, "cac:LegalMonetaryTotal")
    currency = read.text(root, "cbc:DocumentCurrencyCode")
    taxes = {}
    for one in read.every(root, "cac:TaxTotal"):
        amount = read.one(one, "cbc:TaxAmount")
        if amount is not None:
            taxes[amount.get("currencyID") == currency] = read.number(one, "cbc:TaxAmount")
    return Sums(
        lines=read.number(total, "cbc:LineExtensionAmount"), allowances=read.number(total, "cbc:AllowanceTotalAmount"),
        charges=read.number(total, "cbc:ChargeTotalAmount"), net=read.number(total, "cbc:TaxExclusiveAmount"),
        tax=taxes.get(True), tax_in_accounting=taxes.get(False), gross=read.number(total, "cbc:TaxInclusiveAmount"),
        prepaid=read.number(total, "cbc:PrepaidAmount"), rounding=read.number(total, "cbc:PayableRoundingAmount"),
        payable=read.number(total, "cbc:PayableAmount"),
    )  # fmt: skip


def _breakdown(one: Any) -> TaxBreakdown:
    category = read.one(one, "cac:TaxCategory")
    return TaxBreakdown(
        taxable=read.number(one, "cbc:TaxableAmount"), amount=read.number(one, "cbc:TaxAmount"),
        category=read.text(category, "cbc:ID"), percent=read.number(category, "cbc:Percent"),
        reason=read.text(category, "cbc:TaxExemptionReason"),
        reason_code=read.text(category, "cbc:TaxExemptionReasonCode"),
    )  # fmt: skip


def _line(one: Any, *, credit: bool) -> Line:
    quantity = "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity"
    unit = read.one(one, quantity)
    item, price = read.one(one, "cac:Item"), read.one(one, "cac:Price")
    return Line(
        identifier=read.text(one, "cbc:ID"), quantity=read.number(one, quantity),
        unit=unit.get("unitCode", "") if unit is not None else "", net=read.number(one, "cbc:LineExtensionAmount"),
        price=read.number(price, "cbc:PriceAmount"), base_quantity=read.number(price, "cbc:BaseQuantity"),
        price_discount=read.number(price, "cac:AllowanceCharge/cbc:Amount"),
        gross_price=read.number(price, "cac:AllowanceCharge/cbc:BaseAmount"),
        category=read.text(item, "cac:ClassifiedTaxCategory/cbc:ID"),
        percent=read.number(item, "cac:ClassifiedTaxCategory/cbc:Percent"), name=read.text(item, "cbc:Name"),
        description=read.text(item, "cbc:Description"),
        item_code=read.text(item, "cac:SellersItemIdentification/cbc:ID"),
        allowances=[_allowance(each) for each in read.every(one, "cac:AllowanceCharge")],
    )  # fmt: skip
