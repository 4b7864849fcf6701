"""Write an electronic invoice as UBL 2.1: Invoice, or CreditNote for a credit note."""

from decimal import Decimal
from typing import Any

from invoicing.einvoice.filling import filled_in
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice, Line, Payment, TaxBreakdown, Trader
from invoicing.einvoice.xml_writing import builder, file_of, plain
from invoicing.printed import PrintedDocument

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
INVOICE, CREDIT_NOTE = f"{UBL}Invoice-2", f"{UBL}CreditNote-2"
PARTS = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
CREDIT = "381"


def ubl_of(document: PrintedDocument) -> bytes:
    """The document as UBL. Refused: `einvoice_not_possible`."""
    return written_as_ubl(filled_in(document))


def written_as_ubl(invoice: EInvoice) -> bytes:
    """An electronic invoice as UBL."""
    return _Writer(invoice).file()


class _Writer:
    """The elements of one invoice, in the order of the schema."""

    def __init__(self, invoice: EInvoice) -> None:
        self.invoice = invoice
        self.credit = invoice.type_code == CREDIT
        self.e = builder({"": CREDIT_NOTE if self.credit else INVOICE, **PARTS})

    def file(self) -> bytes:
        one, e = self.invoice, self.e
        root = e(
            "CreditNote" if self.credit else "Invoice",
            e("cbc:CustomizationID", one.specification), e("cbc:ID", one.number), e("cbc:IssueDate", one.date),
            None if self.credit else e("cbc:DueDate", one.due_date),
            e("cbc:CreditNoteTypeCode" if self.credit else "cbc:InvoiceTypeCode", one.type_code),
            *(e("cbc:Note", note) for note in one.notes), e("cbc:DocumentCurrencyCode", one.currency),
            e("cbc:TaxCurrencyCode", one.tax_currency),
            e("cac:OrderReference", e("cbc:ID", one.order)),
            e("cac:BillingReference", e("cac:InvoiceDocumentReference", e("cbc:ID", one.preceding),
                                        e("cbc:IssueDate", one.preceding_date) if one.preceding else None)),
            e("cac:AccountingSupplierParty", self.party(one.seller)),
            e("cac:AccountingCustomerParty", self.party(one.buyer)),
            e("cac:Delivery", e("cbc:ActualDeliveryDate", one.delivery_date),
              e("cac:DeliveryLocation", e("cac:Address", self.country(one.delivery_country)))),
            self.payment(one.payment), e("cac:PaymentTerms", e("cbc:Note", one.terms)),
            *(self.allowance(each) for each in one.allowances), *self.taxes(), self.sums(),
            *(self.line(line) for line in one.lines),
        )  # fmt: skip
        return file_of(root)

    def money(self, name: str, amount: Decimal | None, currency: str = "") -> Any:
        return self.e(name, amount, currencyID=currency or self.invoice.currency)

    def country(self, code: str) -> Any:
        return self.e("cac:Country", self.e("cbc:IdentificationCode", code))

    def party(self, trader: Trader) -> Any:
        e = self.e
        return e(
            "cac:Party", e("cbc:EndpointID", trader.electronic_address, schemeID=trader.electronic_scheme),
            e("cac:PartyIdentification", e("cbc:ID", trader.identifier)),
            e("cac:PostalAddress", e("cbc:StreetName", trader.street),
              e("cbc:AdditionalStreetName", trader.supplement), e("cbc:CityName", trader.city),
              e("cbc:PostalZone", trader.postal_code), e("cbc:CountrySubentity", trader.region),
              self.country(trader.country)),
            self.tax_scheme(trader.vat_number, "VAT"),
            self.tax_scheme(trader.tax_registration if trader is self.invoice.seller else "", "TAX"),
            e("cac:PartyLegalEntity", e("cbc:RegistrationName", trader.name), e("cbc:CompanyID", trader.registration)),
            e("cac:Contact", e("cbc:Telephone", trader.phone), e("cbc:ElectronicMail", trader.email)),
        )  # fmt: skip

    def tax_scheme(self, number: str, scheme: str) -> Any:
        if not number:
            return None
        e = self.e
        return e("cac:PartyTaxScheme", e("cbc:CompanyID", number), e("cac:TaxScheme", e("cbc:ID", scheme)))

    def payment(self, payment: Payment) -> Any:
        if not payment.means:
            return None
        e = self.e
        branch = e("cac:FinancialInstitutionBranch", e("cbc:ID", payment.bic))
        return e(
            "cac:PaymentMeans", e("cbc:PaymentMeansCode", payment.means), e("cbc:PaymentID", payment.remittance),
            e("cac:PayeeFinancialAccount", e("cbc:ID", payment.account), e("cbc:Name", payment.holder), branch),
        )  # fmt: skip

    def allowance(self, one: AllowanceCharge) -> Any:
        e = self.e
        return e(
            "cac:AllowanceCharge", e("cbc:ChargeIndicator", "true" if one.is_charge else "false"),
            e("cbc:AllowanceChargeReasonCode", one.reason_code), e("cbc:AllowanceChargeReason", one.reason),
            e("cbc:MultiplierFactorNumeric", plain(one.percent)), self.money("cbc:Amount", one.amount),
            self.money("cbc:BaseAmount", one.base),
            self.category("cac:TaxCategory", one.category, one.tax_percent) if one.category else None,
        )  # fmt: skip

    def category(self, name: str, category: str, percent: Decimal | None, reason: str = "", code: str = "") -> Any:
        e = self.e
        return e(
            name, e("cbc:ID", category), e("cbc:Percent", plain(percent)), e("cbc:TaxExemptionReasonCode", code),
            e("cbc:TaxExemptionReason", reason), e("cac:TaxScheme", e("cbc:ID", "VAT")),
        )  # fmt: skip

    def taxes(self) -> list[Any]:
        one = self.invoice
        total = self.e(
            "cac:TaxTotal", self.money("cbc:TaxAmount", one.sums.tax), *(self.subtotal(row) for row in one.breakdowns)
        )
        in_accounting = self.money("cbc:TaxAmount", one.sums.tax_in_accounting, one.tax_currency)
        return [total, self.e("cac:TaxTotal", in_accounting)]

    def subtotal(self, row: TaxBreakdown) -> Any:
        return self.e(
            "cac:TaxSubtotal", self.money("cbc:TaxableAmount", row.taxable), self.money("cbc:TaxAmount", row.amount),
            self.category("cac:TaxCategory", row.category, row.percent, row.reason, row.reason_code),
        )  # fmt: skip

    def sums(self) -> Any:
        sums = self.invoice.sums
        amounts = {
            "LineExtensionAmount": sums.lines, "TaxExclusiveAmount": sums.net, "TaxInclusiveAmount": sums.gross,
            "AllowanceTotalAmount": sums.allowances, "ChargeTotalAmount": sums.charges,
            "PrepaidAmount": sums.prepaid, "PayableRoundingAmount": sums.rounding, "PayableAmount": sums.payable,
        }  # fmt: skip
        return self.e(
            "cac:LegalMonetaryTotal", *(self.money(f"cbc:{name}", amount) for name, amount in amounts.items())
        )

    def line(self, line: Line) -> Any:
        e = self.e
        base = e("cbc:BaseQuantity", plain(line.base_quantity), unitCode=line.unit)
        return e(
            "cac:CreditNoteLine" if self.credit else "cac:InvoiceLine", e("cbc:ID", line.identifier),
            e("cbc:CreditedQuantity" if self.credit else "cbc:InvoicedQuantity", plain(line.quantity),
              unitCode=line.unit),
            self.money("cbc:LineExtensionAmount", line.net), *(self.allowance(each) for each in line.allowances),
            e("cac:Item", e("cbc:Description", line.description), e("cbc:Name", line.name),
              e("cac:SellersItemIdentification", e("cbc:ID", line.item_code)),
              self.category("cac:ClassifiedTaxCategory", line.category, line.percent)),
            e("cac:Price", self.money("cbc:PriceAmount", line.price), base),
        )  # fmt: skip
