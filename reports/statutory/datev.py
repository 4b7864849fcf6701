"""A DATEV posting batch ("Buchungsstapel"): EXTF, header version 700, category 21, format version 13.

Windows-1252, CR LF, decimal commas; one fiscal year, because the date of a posting has no year. Each entry is split
into postings of an account against a contra account (reports.statutory.one_to_one). Entries that only empty income
and expenses at the end of the year are left out, and no balances are carried forward: DATEV does both itself.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.chart import chart_of
from reports.statutory.account_codes import codes_in_use
from reports.statutory.asked import AskedExport, StatutoryFile, Tally
from reports.statutory.datev_columns import HEADINGS, TEXTS
from reports.statutory.ledger_lines import ExportedEntry, ExportedLine, entries_of
from reports.statutory.one_to_one import Posting, postings_of
from reports.statutory.refusals import BadExportParameter, TooManyPostings, UnsupportedCurrency
from reports.statutory.written_texts import in_character_set, on_one_line
from tenants.models import Company

ENCODING = "cp1252"
MOST_POSTINGS = 99_999
LONGEST_TEXT, LONGEST_REFERENCE, LONGEST_COST_CENTRE, LONGEST_INFO = 60, 36, 36, 210
# An account, and behind a colon the key that keeps DATEV from reckoning the tax once more ("8400:40").
_CODE = re.compile(r"(\d{1,9})(?::(\d{1,4}))?")
_NOT_IN_REFERENCE = re.compile(r"[^A-Za-z0-9_$&%*+/-]+")
_RATE = re.compile(r"[1-9]\d{0,3},\d{6}")


def refuse_currency(company: Company) -> None:
    """Amounts have two decimals. Refused: `unsupported_currency`."""
    if chart_of(company).units[company.base_currency].decimals > 2:
        raise UnsupportedCurrency(_("DATEV has no amounts with more than two decimals."), place="base_currency")


def datev(asked: AskedExport, tally: Tally) -> StatutoryFile:
    """The batch of some days of a fiscal year, named `EXTF_Buchungsstapel_<first>_<last day>.csv`.

    Refused: `unsupported_currency`, `unmapped_accounts` (a code that is no number, or too long),
    `invalid_parameter` (more than a year), `too_many_postings` (above 99,999).
    """
    refuse_currency(asked.company)
    if (asked.end - asked.start).days > 365:
        raise BadExportParameter(_("A DATEV batch holds twelve months at most."), place="to")
    length = int(asked.values["account_length"])
    codes = codes_in_use(asked, "datev", lambda code: _usable(code, length))
    name = f"EXTF_Buchungsstapel_{asked.start:%Y%m%d}_{asked.end:%Y%m%d}.csv"
    return StatutoryFile(name, "text/csv; charset=windows-1252", _Batch(asked, codes, tally).pieces())


def _usable(code: str, length: int) -> str:
    """The number of a general ledger account, filled up with zeros to its length, and its key."""
    found = _CODE.fullmatch(code)
    if not found or len(found[1]) > length:
        return ""
    return f"{found[1]:0<{length}}:{found[2] or ''}"


class _Batch:
    """The lines of the file."""

    def __init__(self, asked: AskedExport, codes: dict[UUID, str], tally: Tally) -> None:
        self._asked, self._codes, self._tally = asked, codes, tally
        self._base = asked.company.base_currency
        self._units = chart_of(asked.company).units
        self._personal = re.compile(rf"[1-9]\d{{{asked.values['account_length']}}}")

    def pieces(self) -> Iterator[bytes]:
        """Header, headings, and the postings."""
        yield self._header()
        yield _line(list(HEADINGS))
        written = 0
        for entry in entries_of(self._asked, "journal", with_closing=False):
            self._tally.entries += 1
            for line in entry.lines:
                self._tally.add(line.amount)
            rows = [self._row(entry, posting) for posting in postings_of(entry.lines)]
            written += len(rows)
            if written > MOST_POSTINGS:
                raise TooManyPostings(
                    _("A DATEV batch holds 99,999 postings, and these days have more: export fewer, month by month."),
                    place="to",
                )
            yield b"".join(rows)

    def _header(self) -> bytes:
        asked, values = self._asked, self._asked.values
        days = (f"{asked.start:%Y%m%d}", f"{asked.end:%Y%m%d}")
        return _line([
            '"EXTF"', "700", "21", '"Buchungsstapel"', "13", f"{asked.made_at:%Y%m%d%H%M%S}000", "", '"DB"',
            '"Daybook"', '""', values["adviser"], values["client"], f"{asked.year.start:%Y%m%d}",
            values["account_length"], *days, f'"Buchungen {days[0]}-{days[1]}"', '""', "1", "0", values["final"],
            f'"{self._base}"', "", '""', "", "", f'"{values["chart"]}"', "", "", '""', '""',
        ])  # fmt: skip

    def _row(self, entry: ExportedEntry, posting: Posting) -> bytes:
        """A posting: the debit is the account, the credit its contra account."""
        account, key = self._account(posting.debit)
        contra, contra_key = self._account(posting.credit)
        fields = dict.fromkeys(range(1, len(HEADINGS) + 1), "")
        fields |= self._amounts(posting)
        fields |= {
            2: "S", 7: account, 8: contra, 9: key or contra_key, 10: f"{entry.date:%d%m}",
            11: self._reference(entry), 14: self._text(_said(entry, posting), LONGEST_TEXT),
            21: "Buchungsnummer", 22: self._text(entry.number, LONGEST_INFO),
            37: self._cost_centre(posting, "cost_centre_1"), 38: self._cost_centre(posting, "cost_centre_2"),
            114: self._asked.values["final"],
        }  # fmt: skip
        if partner := posting.debit.sub_account or posting.credit.sub_account:
            named = posting.debit if posting.debit.sub_account else posting.credit
            said = f"{partner} {named.sub_account_name}"
            fields |= {23: "Geschäftspartner", 24: self._text(said, LONGEST_INFO)}
        return _line([_quoted(text) if number in TEXTS else text for number, text in fields.items()])

    def _amounts(self, posting: Posting) -> dict[int, str]:
        """In the currency of a line that the posting uses up alone; otherwise in base currency."""
        for line in posting.whole:
            if line.currency == self._base or not line.currency_amount or not self._fits(line.currency):
                continue
            foreign = abs(line.currency_amount)
            rate = _comma(foreign / posting.amount, 6)
            if _RATE.fullmatch(rate) and re.fullmatch(r"[A-Z]{3}", line.currency):
                return {1: _comma(foreign), 3: line.currency, 4: rate, 5: _comma(posting.amount), 6: self._base}
        return {1: _comma(posting.amount), 3: self._base}

    def _fits(self, currency: str) -> bool:
        return currency in self._units and self._units[currency].decimals <= 2

    def _account(self, line: ExportedLine) -> tuple[str, str]:
        """A personal account where the sub-account's code is one; else the general ledger account, and its key."""
        if self._personal.fullmatch(line.sub_account):
            return line.sub_account, ""
        code, _colon, key = self._codes[line.account_id].partition(":")
        return code, key

    def _reference(self, entry: ExportedEntry) -> str:
        """Letters, digits and a few signs alone."""
        for text in (entry.reference, entry.number):
            if found := _NOT_IN_REFERENCE.sub("-", text).strip("-")[:LONGEST_REFERENCE]:
                return found
        return ""

    def _cost_centre(self, posting: Posting, parameter: str) -> str:
        dimension = self._asked.values[parameter]
        found = posting.debit.dimensions.get(dimension) or posting.credit.dimensions.get(dimension) or ""
        return self._text(found, LONGEST_COST_CENTRE)

    def _text(self, text: str, longest: int) -> str:
        return in_character_set(on_one_line(text), ENCODING, self._tally)[:longest].strip()


def _said(entry: ExportedEntry, posting: Posting) -> str:
    return posting.debit.memo or posting.credit.memo or entry.memo or entry.reference


def _line(fields: list[str]) -> bytes:
    return (";".join(fields) + "\r\n").encode(ENCODING)


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _comma(amount: Decimal, decimals: int = 2) -> str:
    return f"{amount:.{decimals}f}".replace(".", ",")
