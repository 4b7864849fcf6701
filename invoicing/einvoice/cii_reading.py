"""Read a UN/CEFACT Cross Industry Invoice, and with it Factur-X and ZUGFeRD 2, into the model of EN 16931."""

from typing import Any

from invoicing.einvoice.cii import NAMESPACES
from invoicing.einvoice.safe_xml import Reading
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice, Line, Payment, Sums, TaxBreakdown, Trader

ROOT = f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice"
DAY = "udt:DateTimeString"
read = Reading(NAMESPACES)


def read_cii(root: Any) -> EInvoice:
    """The invoice as it is written. Refused: `unreadable_einvoice` where a number or a date is none."""
    head = read.one(root, "rsm:ExchangedDocument")
    trade = read.one(root, "rsm:SupplyChainTradeTransaction")
    agreement = read.one(trade, "ram:ApplicableHeaderTradeAgreement")
    delivery = read.one(trade, "ram:ApplicableHeaderTradeDelivery")
    settled = read.one(trade, "ram:ApplicableHeaderTradeSettlement")
    terms = read.one(settled, "ram:SpecifiedTradePaymentTerms")
    preceding = read.one(settled, "ram:InvoiceReferencedDocument")
    context = "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
    supplied = f"ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/{DAY}"
    country = "ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID"
    return EInvoice(
        specification=read.text(root, context), number=read.text(head, "ram:ID"),
        date=read.day(head, f"ram:IssueDateTime/{DAY}"), type_code=read.text(head, "ram:TypeCode"),
        currency=read.text(settled, "ram:InvoiceCurrencyCode"),
        tax_currency=read.text(settled, "ram:TaxCurrencyCode"), due_date=read.day(terms, f"ram:DueDateDateTime/{DAY}"),
        order=read.text(agreement, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
        terms=read.text(terms, "ram:Description"),
        notes=[text for one in read.every(head, "ram:IncludedNote") if (text := read.text(one, "ram:Content"))],
        preceding=read.text(preceding, "ram:IssuerAssignedID"),
        preceding_date=read.day(preceding, "ram:FormattedIssueDateTime/qdt:DateTimeString"),
        delivery_date=read.day(delivery, supplied), delivery_country=read.text(delivery, country),
        period=read.one(settled, "ram:BillingSpecifiedPeriod") is not None,
        payee=read.text(settled, "ram:PayeeTradeParty/ram:Name"),
        seller=_trader(read.one(agreement, "ram:SellerTradeParty")),
        buyer=_trader(read.one(agreement, "ram:BuyerTradeParty")), payment=_payment(settled),
        allowances=[_allowance(one) for one in read.every(settled, "ram:SpecifiedTradeAllowanceCharge")],
        sums=_sums(settled), breakdowns=[_breakdown(one) for one in read.every(settled, "ram:ApplicableTradeTax")],
        lines=[_line(one) for one in read.every(trade, "ram:IncludedSupplyChainTradeLineItem")],
    )  # fmt: skip


def _trader(party: Any) -> Trader:
    address = read.one(party, "ram:PostalTradeAddress")
    numbers = {one.get("schemeID", ""): (one.text or "").strip()
               for one in read.every(party, "ram:SpecifiedTaxRegistration/ram:ID")}  # fmt: skip
    electronic = read.one(party, "ram:URIUniversalCommunication/ram:URIID")
    contact = read.one(party, "ram:DefinedTradeContact")
    return Trader(
        name=read.text(party, "ram:Name"),
        identifier=read.text(party, "ram:ID") or read.text(party, "ram:GlobalID"),
        registration=read.text(party, "ram:SpecifiedLegalOrganization/ram:ID"), vat_number=numbers.get("VA", ""),
        tax_registration=numbers.get("FC", ""),
        electronic_address=read.text(party, "ram:URIUniversalCommunication/ram:URIID"),
        electronic_scheme=electronic.get("schemeID", "") if electronic is not None else "",
        phone=read.text(contact, "ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
        email=read.text(contact, "ram:EmailURIUniversalCommunication/ram:URIID"),
        street=read.text(address, "ram:LineOne"), supplement=read.text(address, "ram:LineTwo"),
        city=read.text(address, "ram:CityName"), postal_code=read.text(address, "ram:PostcodeCode"),
        region=read.text(address, "ram:CountrySubDivisionName"), country=read.text(address, "ram:CountryID"),
        has_address=address is not None,
    )  # fmt: skip


def _payment(settled: Any) -> Payment:
    """The first way of payment that names an account, else the first."""
    every = read.every(settled, "ram:SpecifiedTradeSettlementPaymentMeans")
    account = "ram:PayeePartyCreditorFinancialAccount"
    means = next(iter([*(one for one in every if read.one(one, account) is not None), *every]), None)
    named = read.one(means, account)
    return Payment(
        means=read.text(means, "ram:TypeCode"), remittance=read.text(settled, "ram:PaymentReference"),
        account=read.text(named, "ram:IBANID") or read.text(named, "ram:ProprietaryID"),
        holder=read.text(named, "ram:AccountName"),
        bic=read.text(means, "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID"),
    )  # fmt: skip


def _allowance(one: Any) -> AllowanceCharge:
    return AllowanceCharge(
        is_charge=read.text(one, "ram:ChargeIndicator/udt:Indicator").lower() in ("true", "1"),
        amount=read.number(one, "ram:ActualAmount"), base=read.number(one, "ram:BasisAmount"),
        percent=read.number(one, "ram:CalculationPercent"), reason=read.text(one, "ram:Reason"),
        reason_code=read.text(one, "ram:ReasonCode"), category=read.text(one, "ram:CategoryTradeTax/ram:CategoryCode"),
        tax_percent=read.number(one, "ram:CategoryTradeTax/ram:RateApplicablePercent"),
    )  # fmt: skip


def _sums(settled: Any) -> Sums:
    total = read.one(settled, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    currency = read.text(settled, "ram:InvoiceCurrencyCode")
    taxes = {one.get("currencyID", currency) == currency: read.number(one, ".")
             for one in read.every(total, "ram:TaxTotalAmount")}  # fmt: skip
    return Sums(
        lines=read.number(total, "ram:LineTotalAmount"), allowances=read.number(total, "ram:AllowanceTotalAmount"),
        charges=read.number(total, "ram:ChargeTotalAmount"), net=read.number(total, "ram:TaxBasisTotalAmount"),
        tax=taxes.get(True), tax_in_accounting=taxes.get(False), gross=read.number(total, "ram:GrandTotalAmount"),
        prepaid=read.number(total, "ram:TotalPrepaidAmount"), rounding=read.number(total, "ram:RoundingAmount"),
        payable=read.number(total, "ram:DuePayableAmount"),
    )  # fmt: skip


def _breakdown(one: Any) -> TaxBreakdown:
    return TaxBreakdown(
        taxable=read.number(one, "ram:BasisAmount"), amount=read.number(one, "ram:CalculatedAmount"),
        category=read.text(one, "ram:CategoryCode"), percent=read.number(one, "ram:RateApplicablePercent"),
        reason=read.text(one, "ram:ExemptionReason"), reason_code=read.text(one, "ram:ExemptionReasonCode"),
    )  # fmt: skip


def _line(one: Any) -> Line:
    product = read.one(one, "ram:SpecifiedTradeProduct")
    settled = read.one(one, "ram:SpecifiedLineTradeSettlement")
    prices = read.one(one, "ram:SpecifiedLineTradeAgreement")
    billed = read.one(one, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
    full = "ram:GrossPriceProductTradePrice"
    return Line(
        identifier=read.text(one, "ram:AssociatedDocumentLineDocument/ram:LineID"),
        quantity=read.number(billed, "."), unit=billed.get("unitCode", "") if billed is not None else "",
        net=read.number(settled, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"),
        price=read.number(prices, "ram:NetPriceProductTradePrice/ram:ChargeAmount"),
        base_quantity=read.number(prices, "ram:NetPriceProductTradePrice/ram:BasisQuantity"),
        price_discount=read.number(prices, f"{full}/ram:AppliedTradeAllowanceCharge/ram:ActualAmount"),
        gross_price=read.number(prices, f"{full}/ram:ChargeAmount"),
        category=read.text(settled, "ram:ApplicableTradeTax/ram:CategoryCode"),
        percent=read.number(settled, "ram:ApplicableTradeTax/ram:RateApplicablePercent"),
        name=read.text(product, "ram:Name"), description=read.text(product, "ram:Description"),
        item_code=read.text(product, "ram:SellerAssignedID"),
        allowances=[_allowance(each) for each in read.every(settled, "ram:SpecifiedTradeAllowanceCharge")],
    )  # fmt: skip
