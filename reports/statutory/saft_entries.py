"""The general ledger entries of a SAF-T file: journals, transactions and lines, with their totals before them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby, islice

from accounting.chart import Chart, chart_of
from accounting.models import Contact, Period
from reports.statutory.asked import AskedExport, Tally
from reports.statutory.ledger_lines import ExportedEntry, ExportedLine, entries_of, totals_of
from reports.statutory.saft_dialect import CODE, LONG, LONGER, MIDDLE, SHORT, Dialect, fitted, money, text
from reports.statutory.saft_parties import party_of
from reports.statutory.saft_taxes import EntryTax, tax_information, taxes_of
from reports.statutory.xml_pieces import Content, Markup, all_of, closed, element, opened

BATCH = 200
# What journals are grouped by; the schemas leave the words to the sender.
JOURNAL_TYPES = {
    "general": "GL", "sales": "AR", "purchases": "AP", "bank": "BANK", "cash": "CASH", "opening": "OPENING",
    "closing": "CLOSING",
}  # fmt: skip


class Entries:
    """The entries of the days, by journal."""

    def __init__(self, asked: AskedExport, dialect: Dialect, tally: Tally) -> None:
        self._asked, self._dialect, self._tally = asked, dialect, tally
        self._chart: Chart = chart_of(asked.company)
        self._base = asked.company.base_currency
        self._decimals = self._chart.units[self._base].decimals
        self._periods = list(Period.objects.for_company(asked.company).filter(fiscal_year=asked.year))

    def pieces(self) -> Iterator[bytes]:
        """The totals, and every journal with its entries."""
        totals = totals_of(self._asked)
        yield opened("GeneralLedgerEntries") + all_of(
            element("NumberOfEntries", totals.entries), money("TotalDebit", totals.debit, self._decimals),
            money("TotalCredit", totals.credit, self._decimals),
        ).encode() + b"\n"  # fmt: skip
        for _code, entries in groupby(entries_of(self._asked, "journal"), key=lambda entry: entry.journal):
            begun = False
            while batch := list(islice(entries, BATCH)):
                if not begun:
                    begun = True
                    yield opened("Journal") + self._journal(batch[0]).encode() + b"\n"
                yield from self._transactions(batch)
            yield closed("Journal")
        yield closed("GeneralLedgerEntries")

    def _journal(self, entry: ExportedEntry) -> Markup:
        return all_of(
            element("JournalID", fitted(entry.journal, SHORT)),
            element("Description", text(entry.journal_name, LONG)),
            element("Type", JOURNAL_TYPES[entry.journal_kind]),
        )

    def _transactions(self, batch: Sequence[ExportedEntry]) -> Iterator[bytes]:
        taxes = taxes_of(self._asked, (entry.id for entry in batch))
        contacts = {line.contact_id for entry in batch for line in entry.lines if line.contact_id}
        rows = Contact.objects.for_company(self._asked.company).filter(pk__in=contacts)
        codes = dict(rows.values_list("pk", "code"))
        for entry in batch:
            self._tally.entries += 1
            placed = self._placed(entry, taxes.get(entry.id, []))
            lines = (self._line(entry, line, codes, placed.get(line.number, [])) for line in entry.lines)
            yield element("Transaction", self._head(entry), *lines).encode() + b"\n"

    def _head(self, entry: ExportedEntry) -> Markup:
        number = next((one.number for one in self._periods if one.start <= entry.date <= one.end), entry.date.month)
        posted = entry.posted_at.date()
        return all_of(
            element("TransactionID", fitted(entry.number, LONGER)), element("Period", number),
            element("PeriodYear", self._asked.year.start.year), element("TransactionDate", entry.date),
            element("SourceID", entry.posted_by[:MIDDLE]),
            element("Description", text(entry.memo or entry.reference or entry.number, LONG)),
            element("SystemEntryDate", posted), element("GLPostingDate", entry.date),
        )  # fmt: skip

    def _line(
        self, entry: ExportedEntry, line: ExportedLine, codes: dict[object, str], taxes: list[EntryTax]
    ) -> Markup:
        self._tally.add(line.amount)
        account = self._chart.by_id[line.account_id]
        side = "Debit" if line.amount > 0 else "Credit"
        party: Content = None
        if line.contact_id:
            party = element(f"{party_of(account)}ID", fitted(codes[line.contact_id], MIDDLE))
        return element(
            "Line", element("RecordID", line.number), element("AccountID", fitted(account.code, LONGER)),
            *(self._analysis(dimension, value, side, line.amount) for dimension, value in line.dimensions.items()),
            element("SourceDocumentID", fitted(entry.reference, MIDDLE)), party,
            element("Description", text(line.memo or entry.memo or entry.reference or entry.number, LONG)),
            element(f"{side}Amount", self._amount(line)),
            *(tax_information(self._dialect, tax, side, self._decimals) for tax in taxes),
        )  # fmt: skip

    def _amount(self, line: ExportedLine) -> Markup:
        """In base currency, and beside it in the line's own where the schema can write it."""
        own = element("Amount", f"{abs(line.amount):.{self._decimals}f}")
        unit = self._chart.units.get(line.currency)
        foreign = abs(line.currency_amount)
        if line.currency == self._base or not foreign or unit is None or unit.decimals > 2 or len(line.currency) != 3:
            return own
        rate = line.rate or abs(line.amount) / foreign
        return all_of(
            own, element("CurrencyCode", line.currency), element("CurrencyAmount", f"{foreign:.{unit.decimals}f}"),
            element("ExchangeRate", _plain(rate)),
        )  # fmt: skip

    def _analysis(self, dimension: str, value: str, side: str, amount: Decimal) -> Markup:
        inside = element("Amount", f"{abs(amount):.{self._decimals}f}")
        name = f"{side}AnalysisAmount" if self._dialect.by_side else "AnalysisAmount"
        return element(
            "Analysis", element("AnalysisType", fitted(dimension, CODE)), element("AnalysisID", fitted(value, MIDDLE)),
            element(name, inside),
        )  # fmt: skip

    def _placed(self, entry: ExportedEntry, taxes: Sequence[EntryTax]) -> dict[int, list[EntryTax]]:
        """The taxes by the number of the line that carries them: that of the tax's account, or else the first that is
        on no control account."""
        found: dict[int, list[EntryTax]] = {}
        for tax in taxes:
            own = next((line for line in entry.lines if line.account_id in tax.accounts), None)
            free = (line for line in entry.lines if not self._chart.by_id[line.account_id].control)
            line = own or next(free, entry.lines[0])
            found.setdefault(line.number, []).append(tax)
        return found


def _plain(rate: Decimal) -> Decimal:
    """With eight decimals at most, and without the zeros behind them."""
    return Decimal(f"{rate:.8f}".rstrip("0").rstrip("."))
