"""Write an electronic invoice as UN/CEFACT Cross Industry Invoice (D16B)."""

import datetime
from decimal import Decimal
from typing import Any

from invoicing.einvoice.filling import filled_in
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice, Line, Payment, TaxBreakdown, Trader
from invoicing.einvoice.xml_writing import builder, file_of, plain
from invoicing.printed import PrintedDocument

CII = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": f"{CII}CrossIndustryInvoice:100", "ram": f"{CII}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{CII}UnqualifiedDataType:100", "qdt": f"{CII}QualifiedDataType:100",
}  # fmt: skip
# A day written as 20260315.
DAY_FORMAT = "102"


def cii_of(document: PrintedDocument) -> bytes:
    """The document as CII. Refused: `einvoice_not_possible`."""
    return written_as_cii(filled_in(document))


def written_as_cii(invoice: EInvoice) -> bytes:
    """An electronic invoice as CII."""
    return _Writer(invoice).file()


class _Writer:
    """The elements of one invoice, in the order of the schema."""

    def __init__(self, invoice: EInvoice) -> None:
        self.invoice = invoice
        self.e = builder(NAMESPACES)

    def file(self) -> bytes:
        one, e = self.invoice, self.e
        guideline = e("ram:GuidelineSpecifiedDocumentContextParameter", e("ram:ID", one.specification))
        notes = (e("ram:IncludedNote", e("ram:Content", note)) for note in one.notes)
        root = e(
            "rsm:CrossIndustryInvoice", e("rsm:ExchangedDocumentContext", guideline),
            e("rsm:ExchangedDocument", e("ram:ID", one.number), e("ram:TypeCode", one.type_code),
              self.day("ram:IssueDateTime", one.date), *notes),
            e("rsm:SupplyChainTradeTransaction", *(self.line(line) for line in one.lines), self.agreement(),
              self.delivery(), self.settlement()),
        )  # fmt: skip
        return file_of(root)

    def day(self, name: str, day: datetime.date | None, written: str = "udt") -> Any:
        text = f"{day:%Y%m%d}" if day else ""
        return self.e(name, self.e(f"{written}:DateTimeString", text, format=DAY_FORMAT))

    def agreement(self) -> Any:
        one, e = self.invoice, self.e
        return e(
            "ram:ApplicableHeaderTradeAgreement", self.trader("ram:SellerTradeParty", one.seller),
            self.trader("ram:BuyerTradeParty", one.buyer),
            e("ram:BuyerOrderReferencedDocument", e("ram:IssuerAssignedID", one.order)),
        )  # fmt: skip

    def trader(self, name: str, trader: Trader) -> Any:
        e = self.e
        phone = e("ram:TelephoneUniversalCommunication", e("ram:CompleteNumber", trader.phone))
        mail = e("ram:EmailURIUniversalCommunication", e("ram:URIID", trader.email))
        address = e(
            "ram:PostalTradeAddress", e("ram:PostcodeCode", trader.postal_code), e("ram:LineOne", trader.street),
            e("ram:LineTwo", trader.supplement), e("ram:CityName", trader.city), e("ram:CountryID", trader.country),
            e("ram:CountrySubDivisionName", trader.region),
        )  # fmt: skip
        electronic = e("ram:URIID", trader.electronic_address, schemeID=trader.electronic_scheme)
        own = trader.tax_registration if name == "ram:SellerTradeParty" else ""
        return e(
            name, e("ram:ID", trader.identifier), e("ram:Name", trader.name),
            e("ram:SpecifiedLegalOrganization", e("ram:ID", trader.registration)),
            e("ram:DefinedTradeContact", phone, mail), address, e("ram:URIUniversalCommunication", electronic),
            e("ram:SpecifiedTaxRegistration", e("ram:ID", trader.vat_number, schemeID="VA")),
            e("ram:SpecifiedTaxRegistration", e("ram:ID", own, schemeID="FC")),
        )  # fmt: skip

    def delivery(self) -> Any:
        one, e = self.invoice, self.e
        country = e("ram:PostalTradeAddress", e("ram:CountryID", one.delivery_country))
        event = e("ram:ActualDeliverySupplyChainEvent", self.day("ram:OccurrenceDateTime", one.delivery_date))
        return e("ram:ApplicableHeaderTradeDelivery", e("ram:ShipToTradeParty", country), event)

    def settlement(self) -> Any:
        one, e = self.invoice, self.e
        terms = e(
            "ram:SpecifiedTradePaymentTerms", e("ram:Description", one.terms),
            self.day("ram:DueDateDateTime", one.due_date),
        )  # fmt: skip
        preceding = e(
            "ram:InvoiceReferencedDocument", e("ram:IssuerAssignedID", one.preceding),
            self.day("ram:FormattedIssueDateTime", one.preceding_date, "qdt") if one.preceding else None,
        )  # fmt: skip
        return e(
            "ram:ApplicableHeaderTradeSettlement", e("ram:PaymentReference", one.payment.remittance),
            e("ram:TaxCurrencyCode", one.tax_currency), e("ram:InvoiceCurrencyCode", one.currency),
            self.payment(one.payment), *(self.breakdown(row) for row in one.breakdowns),
            *(self.allowance(each) for each in one.allowances), terms, self.sums(), preceding,
        )  # fmt: skip

    def payment(self, payment: Payment) -> Any:
        if not payment.means:
            return None
        e = self.e
        account = e(
            "ram:PayeePartyCreditorFinancialAccount", e("ram:IBANID", payment.account),
            e("ram:AccountName", payment.holder),
        )  # fmt: skip
        bank = e("ram:PayeeSpecifiedCreditorFinancialInstitution", e("ram:BICID", payment.bic))
        return e(
            "ram:SpecifiedTradeSettlementPaymentMeans", e("ram:TypeCode", payment.means), account, bank
        )  # fmt: skip

    def breakdown(self, row: TaxBreakdown) -> Any:
        e = self.e
        return e(
            "ram:ApplicableTradeTax", e("ram:CalculatedAmount", row.amount), e("ram:TypeCode", "VAT"),
            e("ram:ExemptionReason", row.reason), e("ram:BasisAmount", row.taxable),
            e("ram:CategoryCode", row.category), e("ram:ExemptionReasonCode", row.reason_code),
            e("ram:RateApplicablePercent", plain(row.percent)),
        )  # fmt: skip

    def tax(self, name: str, category: str, percent: Decimal | None) -> Any:
        e = self.e
        return e(
            name, e("ram:TypeCode", "VAT"), e("ram:CategoryCode", category),
            e("ram:RateApplicablePercent", plain(percent)),
        )  # fmt: skip

    def allowance(self, one: AllowanceCharge) -> Any:
        e = self.e
        return e(
            "ram:SpecifiedTradeAllowanceCharge",
            e("ram:ChargeIndicator", e("udt:Indicator", "true" if one.is_charge else "false")),
            e("ram:CalculationPercent", plain(one.percent)), e("ram:BasisAmount", one.base),
            e("ram:ActualAmount", one.amount), e("ram:ReasonCode", one.reason_code), e("ram:Reason", one.reason),
            self.tax("ram:CategoryTradeTax", one.category, one.tax_percent) if one.category else None,
        )  # fmt: skip

    def sums(self) -> Any:
        sums, e = self.invoice.sums, self.e
        return e(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation", e("ram:LineTotalAmount", sums.lines),
            e("ram:ChargeTotalAmount", sums.charges), e("ram:AllowanceTotalAmount", sums.allowances),
            e("ram:TaxBasisTotalAmount", sums.net),
            e("ram:TaxTotalAmount", sums.tax, currencyID=self.invoice.currency),
            e("ram:TaxTotalAmount", sums.tax_in_accounting, currencyID=self.invoice.tax_currency),
            e("ram:RoundingAmount", sums.rounding), e("ram:GrandTotalAmount", sums.gross),
            e("ram:TotalPrepaidAmount", sums.prepaid), e("ram:DuePayableAmount", sums.payable),
        )  # fmt: skip

    def line(self, line: Line) -> Any:
        e = self.e
        price = e(
            "ram:NetPriceProductTradePrice", e("ram:ChargeAmount", line.price),
            e("ram:BasisQuantity", plain(line.base_quantity), unitCode=line.unit),
        )  # fmt: skip
        return e(
            "ram:IncludedSupplyChainTradeLineItem",
            e("ram:AssociatedDocumentLineDocument", e("ram:LineID", line.identifier)),
            e("ram:SpecifiedTradeProduct", e("ram:SellerAssignedID", line.item_code), e("ram:Name", line.name),
              e("ram:Description", line.description)),
            e("ram:SpecifiedLineTradeAgreement", price),
            e("ram:SpecifiedLineTradeDelivery", e("ram:BilledQuantity", plain(line.quantity), unitCode=line.unit)),
            e("ram:SpecifiedLineTradeSettlement", self.tax("ram:ApplicableTradeTax", line.category, line.percent),
              *(self.allowance(each) for each in line.allowances),
              e("ram:SpecifiedTradeSettlementLineMonetarySummation", e("ram:LineTotalAmount", line.net))),
        )  # fmt: skip
