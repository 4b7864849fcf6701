"""Reads a SAF-T file back: its structure by the rules of the two schemas, and its figures.

A rule is the children of an element in their order: `name:type`, with `?` where it may be missing, `*` where it may
come any number of times, `+` at least once; `a|b` is one of the two. Types: a number is the longest text, `m` an
amount, `r` a rate, `d` a date, `n` a whole number, `x` a decimal, `=text` this very text, none: elements.
"""

import datetime
import re
from decimal import Decimal
from typing import Any, NamedTuple

from lxml import etree

OECD, NORWAY = "urn:OECD:StandardAuditFile-Taxation/2.00", "urn:StandardAuditFile-Taxation-Financial:NO"
BALANCES = (
    "OpeningDebitBalance:m|OpeningCreditBalance:m ClosingDebitBalance:m|ClosingCreditBalance:m"
)  # fmt: skip
COMMON = {
    "AuditFile": "Header MasterFiles? GeneralLedgerEntries? SourceDocuments?",
    "Header": "AuditFileVersion:9 AuditFileCountry:2 AuditFileDateCreated:d SoftwareCompanyName:70 SoftwareID:256 "
    "SoftwareVersion:18 Company DefaultCurrencyCode:3 SelectionCriteria TaxAccountingBasis:18",
    "SelectionCriteria": "SelectionStartDate:d SelectionEndDate:d",
    "Contact": "ContactPerson Telephone:18? Email:70?",
    "ContactPerson": "FirstName:35 LastName:70",
    "BankAccount": "IBANNumber:35",
    "MasterFiles": "GeneralLedgerAccounts? Customers? Suppliers? TaxTable? AnalysisTypeTable?",
    "GeneralLedgerAccounts": "Account+", "Customers": "Customer+", "Suppliers": "Supplier+",
    "TaxTable": "TaxTableEntry+", "AnalysisTypeTable": "AnalysisTypeTableEntry+",
    "AnalysisTypeTableEntry": "AnalysisType:9 AnalysisTypeDescription:256 AnalysisID:35 AnalysisIDDescription:256",
    "GeneralLedgerEntries": "NumberOfEntries:n TotalDebit:m TotalCredit:m Journal*",
    "Journal": "JournalID:18 Description:256 Type:9 Transaction*",
    "Transaction": "TransactionID:70 Period:n PeriodYear:n TransactionDate:d SourceID:35? Description:256 "
    "SystemEntryDate:d GLPostingDate:d Line+",
    "Line": "RecordID:18 AccountID:70 Analysis* SourceDocumentID:35? CustomerID:35? SupplierID:35? Description:256 "
    "DebitAmount|CreditAmount TaxInformation*",
    "DebitAmount": "Amount:m CurrencyCode:3? CurrencyAmount:m? ExchangeRate:r?",
    "CreditAmount": "Amount:m CurrencyCode:3? CurrencyAmount:m? ExchangeRate:r?",
}  # fmt: skip
_PARTY = "RegistrationNumber:35? Name:{name} Address+ Contact* TaxRegistration* "
RULES: dict[str, dict[str, str]] = {
    OECD: {
        **COMMON,
        "Company": "RegistrationNumber:35 Name:70 Address+ Contact+ TaxRegistration* BankAccount*",
        "Address": "StreetName:70? City:35 PostalCode:18 Country:2? AddressType:35?",
        "TaxRegistration": "TaxRegistrationNumber:35",
        "Account": f"AccountID:70 AccountDescription:256 StandardAccountID:35? AccountType:18 {BALANCES}",
        "Customer": _PARTY.format(name=70) + f"CustomerID:35 AccountID:70? {BALANCES}",
        "Supplier": _PARTY.format(name=70) + f"SupplierID:35 AccountID:70? {BALANCES}",
        "TaxTableEntry": "TaxType:9 Description:256 TaxCodeDetails+",
        "TaxCodeDetails": "TaxCode:9 EffectiveDate:d? Description:256? TaxPercentage:x? Country:2",
        "Analysis": "AnalysisType:9 AnalysisID:256 AnalysisAmount?", "AnalysisAmount": "Amount:m",
        "TaxInformation": "TaxType:9? TaxCode:9? TaxPercentage:x? TaxBase:x? TaxAmount", "TaxAmount": "Amount:m",
    },
    NORWAY: {
        **COMMON,
        "Company": "RegistrationNumber:35 Name:256 Address* Contact+ TaxRegistration* BankAccount*",
        "Address": "StreetName:256? City:256? PostalCode:70? Country:2? AddressType:35?",
        "TaxRegistration": "TaxRegistrationNumber:35 TaxAuthority:=Skatteetaten?",
        "Account": "AccountID:70 AccountDescription:256 GroupingCategory:256 GroupingCode:35 AccountType:=GL "
        + BALANCES,
        "Customer": _PARTY.format(name=256) + "CustomerID:35 BalanceAccount*",
        "Supplier": _PARTY.format(name=256) + "SupplierID:35 BalanceAccount*",
        "BalanceAccount": f"AccountID:70? {BALANCES}",
        "TaxTableEntry": "TaxType:=MVA Description:=Merverdiavgift TaxCodeDetails+",
        "TaxCodeDetails": "TaxCode:70 EffectiveDate:d? Description:256? TaxPercentage:x? Country:2 StandardTaxCode:2 "
        "Compensation:5? BaseRate:x",
        "Analysis": "AnalysisType:9 AnalysisID:256 DebitAnalysisAmount|CreditAnalysisAmount",
        "DebitAnalysisAmount": "Amount:m", "CreditAnalysisAmount": "Amount:m",
        "TaxInformation": "TaxType:=MVA TaxCode:70? TaxPercentage:x? TaxBase:x? DebitTaxAmount|CreditTaxAmount",
        "DebitTaxAmount": "Amount:m", "CreditTaxAmount": "Amount:m",
    },
}  # fmt: skip
TYPES = {
    "m": re.compile(r"-?\d{1,16}(\.\d{1,2})?"), "r": re.compile(r"\d{1,10}(\.\d{1,8})?"), "n": re.compile(r"\d+"),
    "x": re.compile(r"-?\d+(\.\d+)?"), "d": re.compile(r"\d{4}-\d\d-\d\d"),
}  # fmt: skip
_PART = re.compile(r"(\w+)(?::(=?\w+))?([?*+]?)")


class SaftLine(NamedTuple):
    """A line: who, what, and its signed amount in base currency."""

    transaction: str
    account: str
    amount: Decimal
    party: str
    currency: str
    currency_amount: Decimal | None
    taxes: list[Decimal]


class Saft(NamedTuple):
    """What a file says: accounts and parties with (opening, closing), and the lines."""

    root: Any
    accounts: dict[str, tuple[Decimal, Decimal]]
    parties: dict[str, tuple[Decimal, Decimal]]
    lines: list[SaftLine]


def read_saft(body: bytes) -> Saft:
    """The file; whatever breaks the structure, a reference or a total fails."""
    root = etree.fromstring(body)
    namespace = etree.QName(root).namespace
    _check(root, RULES[namespace])
    for element in root.iter():
        element.tag = etree.QName(element).localname
    accounts = {one.findtext("AccountID"): _balances(one) for one in root.iter("Account")}
    assert len(accounts) == len(root.findall(".//Account"))
    parties = {one.findtext(f"{one.tag}ID"): _held(one) for one in root.iter("Customer", "Supplier")}
    found = Saft(root, accounts, parties, [_line(one) for one in root.iter("Line")])
    _check_references(found)
    _check_totals(found)
    return found


def _check(element: Any, rules: dict[str, str]) -> None:
    name = etree.QName(element).localname
    names = [etree.QName(child).localname for child in element]
    pattern, types = "", {}
    for part in rules[name].split():
        choices = [_PART.fullmatch(one) for one in part.split("|")]
        assert all(choices), part
        types |= {one[1]: one[2] for one in choices if one}
        pattern += f"(?:{'|'.join(f'{one[1]} ' for one in choices if one)}){choices[-1][3]}"  # type: ignore[index]
    said = "".join(f"{one} " for one in names)
    assert re.fullmatch(pattern, said), (name, said, rules[name])
    for child, called in zip(element, names, strict=True):
        if types[called] is None:
            _check(child, rules)
        else:
            _check_text(called, child, types[called])


def _check_text(name: str, element: Any, type: str) -> None:
    text = element.text or ""
    assert not len(element) and text, name
    if type.startswith("="):
        assert text == type[1:], (name, text)
    elif type.isdigit():
        assert len(text) <= int(type), (name, text)
    else:
        assert TYPES[type].fullmatch(text), (name, text)
    if type == "d":
        datetime.date.fromisoformat(text)


def _balances(element: Any) -> tuple[Decimal, Decimal]:
    return _signed(element, "Opening"), _signed(element, "Closing")


def _signed(element: Any, when: str) -> Decimal:
    debit, credit = (element.findtext(f"{when}{side}Balance") for side in ("Debit", "Credit"))
    return Decimal(debit) if debit else -Decimal(credit)


def _held(element: Any) -> tuple[Decimal, Decimal]:
    each = [_balances(one) for one in element.findall("BalanceAccount")] or [_balances(element)]
    return sum((one[0] for one in each), Decimal(0)), sum((one[1] for one in each), Decimal(0))


def _line(element: Any) -> SaftLine:
    debit, credit = element.find("DebitAmount"), element.find("CreditAmount")
    amount = debit if debit is not None else credit
    sign = 1 if debit is not None else -1
    foreign = amount.findtext("CurrencyAmount")
    taxes = [Decimal(one) for tax in element.findall("TaxInformation") for one in tax.xpath(".//Amount/text()")]
    return SaftLine(
        element.getparent().findtext("TransactionID"), element.findtext("AccountID"),
        sign * Decimal(amount.findtext("Amount")), element.findtext("CustomerID") or element.findtext("SupplierID") or "",
        amount.findtext("CurrencyCode") or "", Decimal(foreign) if foreign else None, taxes,
    )  # fmt: skip


def _check_references(found: Saft) -> None:
    """Everything that a line names stands in the master files."""
    root = found.root
    assert {line.account for line in found.lines} <= set(found.accounts)
    assert {line.party for line in found.lines} - {""} <= set(found.parties)
    codes = {one.findtext("TaxCode") for one in root.iter("TaxCodeDetails")}
    assert {one.findtext("TaxCode") for one in root.iter("TaxInformation")} <= codes
    values = {(one.findtext("AnalysisType"), one.findtext("AnalysisID")) for one in root.iter("AnalysisTypeTableEntry")}
    assert {(one.findtext("AnalysisType"), one.findtext("AnalysisID")) for one in root.iter("Analysis")} <= values
    numbers = [one.findtext("TransactionID") for one in root.iter("Transaction")]
    assert len(set(numbers)) == len(numbers)


def _check_totals(found: Saft) -> None:
    """The totals are those of the lines, every transaction balances, and opening and movement make closing."""
    entries = found.root.find("GeneralLedgerEntries")
    assert int(entries.findtext("NumberOfEntries")) == len(list(entries.iter("Transaction")))
    debit = sum((line.amount for line in found.lines if line.amount > 0), Decimal(0))
    assert Decimal(entries.findtext("TotalDebit")) == Decimal(entries.findtext("TotalCredit")) == debit
    by_transaction: dict[str, Decimal] = {}
    moved: dict[str, Decimal] = {}
    for line in found.lines:
        by_transaction[line.transaction] = by_transaction.get(line.transaction, Decimal(0)) + line.amount
        moved[line.account] = moved.get(line.account, Decimal(0)) + line.amount
    assert not any(by_transaction.values())
    for account, (opening, closing) in found.accounts.items():
        assert opening + moved.get(account, 0) == closing, account
