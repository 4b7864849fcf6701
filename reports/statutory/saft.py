"""SAF-T, the OECD's standard audit file for tax, version 2.0: master files and general ledger entries.

Customers, suppliers and accounts carry their balances before and after the days; opening balance and entries make the
closing one. Lines on the accounts of income and expenses carry over from one year to the next until the year is
closed, as they do in the books.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

from accounting.chart import ChartAccount, chart_of
from accounting.mappings import mapping_of
from accounting.models import Dimension, DimensionValue
from reports.statutory.account_codes import accounts_in_use, opening_and_closing
from reports.statutory.asked import ZERO, AskedExport, StatutoryFile, Tally
from reports.statutory.saft_dialect import CODE, LONG, LONGER, MIDDLE, OECD, Dialect, balance, fitted, text
from reports.statutory.saft_entries import Entries
from reports.statutory.saft_header import header, refuse_company
from reports.statutory.saft_parties import PARTIES, Parties
from reports.statutory.saft_taxes import tax_table
from reports.statutory.xml_pieces import DECLARATION, Markup, all_of, closed, element, opened

ACCOUNT_TYPES = {"asset": "Asset", "liability": "Liability", "equity": "Liability", "income": "Sale",
                 "expense": "Expense"}  # fmt: skip
CONTENT_TYPE = "application/xml"


def saft(asked: AskedExport, tally: Tally) -> StatutoryFile:
    """The file of some days of a fiscal year, named `SAF-T_<tax number>_<first>_<last day>.xml`. A SAF-T code of an
    account, where it has one, is its standard account.

    Refused: `missing_tax_number`, `missing_country`, `unsupported_currency`.
    """
    refuse_company(asked.company)
    mapped = mapping_of(asked.company, "saft")

    def described(account: ChartAccount) -> Markup:
        return all_of(
            element("StandardAccountID", fitted(mapped.get(account.id, ""), MIDDLE)),
            element("AccountType", ACCOUNT_TYPES[account.type]),
        )

    number = "".join(one for one in asked.company.tax_number if one.isascii() and one.isalnum())
    name = f"SAF-T_{number}_{asked.start:%Y%m%d}_{asked.end:%Y%m%d}.xml"
    return StatutoryFile(name, CONTENT_TYPE, audit_file(asked, OECD, tally, described))


def audit_file(
    asked: AskedExport, dialect: Dialect, tally: Tally, described: Callable[[ChartAccount], Markup]
) -> Iterator[bytes]:
    """The whole file; `described` gives what the dialect says of an account between its name and its balances."""
    # Made first: what they refuse is refused before anything is written.
    begin = (header(asked, dialect), tax_table(asked, dialect))
    accounts = [(account, described(account)) for account in accounts_in_use(asked)]
    return _pieces(asked, dialect, tally, begin, accounts)


def _pieces(
    asked: AskedExport, dialect: Dialect, tally: Tally, begin: tuple[Markup, Markup],
    accounts: list[tuple[ChartAccount, Markup]],
) -> Iterator[bytes]:  # fmt: skip
    head, taxes = begin
    yield DECLARATION + f'<AuditFile xmlns="{dialect.namespace}">'.encode() + head.encode() + b"\n"
    yield opened("MasterFiles")
    yield from _accounts(asked, accounts)
    parties = Parties(asked, dialect)
    for party in PARTIES:
        yield from parties.pieces(party)
    yield taxes.encode()
    yield from _analysis_types(asked)
    yield closed("MasterFiles")
    yield from Entries(asked, dialect, tally).pieces()
    yield closed("AuditFile")


def _accounts(asked: AskedExport, accounts: list[tuple[ChartAccount, Markup]]) -> Iterator[bytes]:
    if not accounts:
        return
    amounts = opening_and_closing(asked)
    decimals = chart_of(asked.company).units[asked.company.base_currency].decimals
    yield opened("GeneralLedgerAccounts")
    for account, described in accounts:
        before, after = amounts.get(account.id, (ZERO, ZERO))
        yield element(
            "Account", element("AccountID", fitted(account.code, LONGER)),
            element("AccountDescription", text(account.name, LONG)), described, balance("Opening", before, decimals),
            balance("Closing", after, decimals),
        ).encode() + b"\n"  # fmt: skip
    yield closed("GeneralLedgerAccounts")


def _analysis_types(asked: AskedExport) -> Iterator[bytes]:
    """The dimensions and their values."""
    names: dict[UUID, Dimension] = {one.pk: one for one in Dimension.objects.for_company(asked.company)}
    values = DimensionValue.objects.for_company(asked.company).order_by("dimension__code", "code")
    begun = False
    for value in values.iterator(chunk_size=1000):
        if not begun:
            begun = True
            yield opened("AnalysisTypeTable")
        dimension = names[value.dimension_id]
        yield element(
            "AnalysisTypeTableEntry", element("AnalysisType", fitted(dimension.code, CODE)),
            element("AnalysisTypeDescription", text(dimension.name, LONG)),
            element("AnalysisID", fitted(value.code, MIDDLE)), element("AnalysisIDDescription", text(value.name, LONG)),
        ).encode() + b"\n"  # fmt: skip
    if begun:
        yield closed("AnalysisTypeTable")
