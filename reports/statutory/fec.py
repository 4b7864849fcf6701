"""The French "fichier des écritures comptables" (FEC): article A47 A-1 of the Livre des procédures fiscales.

One flat file for a fiscal year: the 18 columns of paragraph VII in their order, entries by the moment of their
validation (here: the sealing, which numbers them for ever), those that carry forward the year before first. Entries
that only empty income and expenses at the end of the year are left out, as the tax office asks.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from uuid import UUID

from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError
from stdnum.fr import siren

from accounting.chart import Chart, chart_of
from reports.statutory.account_codes import codes_in_use
from reports.statutory.asked import AskedExport, StatutoryFile, Tally
from reports.statutory.carried_forward import CarriedLine, carried_forward
from reports.statutory.ledger_lines import ExportedEntry, ExportedLine, entries_of
from reports.statutory.lettering import Letter, Lettering
from reports.statutory.refusals import MissingTaxNumber
from reports.statutory.written_texts import in_character_set, on_one_line, refuse_unwritable
from tenants.models import Company

COLUMNS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
)  # fmt: skip
SEPARATORS = {"tab": "\t", "pipe": "|"}
ENCODING = "iso8859-15"
OPENING_JOURNAL = "AN"
# The first three characters of an account are digits of the plan comptable général.
_ACCOUNT = re.compile(r"[0-9]{3}[0-9A-Za-z]*")
# Lines whose letters are asked for at once.
_BATCH = 200


def siren_of(company: Company) -> str:
    """The nine digits that the file is named by, from the company's tax number: a SIREN, a SIRET, or a French VAT
    number, each of which holds it. Refused: `missing_tax_number`."""
    digits = re.sub(r"[\s.-]", "", company.tax_number.upper())
    if digits.startswith("FR") and len(digits) == 13:
        digits = digits[4:]
    try:
        return str(siren.validate(digits[:9] if len(digits) == 14 else digits))
    except ValidationError as error:
        message = _("The FEC is named by the SIREN: put it, or the French VAT number, into the company's settings.")
        raise MissingTaxNumber(message, place="tax_number") from error


def fec(asked: AskedExport, tally: Tally) -> StatutoryFile:
    """The file of a fiscal year, named `<SIREN>FEC<last day>.txt`.

    Refused: `missing_tax_number`, `unmapped_accounts`, `unwritable_characters` (in a code, never in a text).
    """
    name = f"{siren_of(asked.company)}FEC{asked.year.end:%Y%m%d}.txt"
    carried = carried_forward(asked)
    named = {line.account_id for line in carried}
    codes = codes_in_use(asked, "fec", lambda code: code if _ACCOUNT.fullmatch(code) else "", named)
    return StatutoryFile(name, "text/plain; charset=iso-8859-15", _Rows(asked, codes, tally).pieces(carried))


class _Rows:
    """The lines of the file."""

    def __init__(self, asked: AskedExport, codes: dict[UUID, str], tally: Tally) -> None:
        self._asked, self._codes, self._tally = asked, codes, tally
        self._separator = SEPARATORS[asked.values["separator"]]
        self._chart: Chart = chart_of(asked.company)
        self._base = asked.company.base_currency

    def pieces(self, carried: list[CarriedLine]) -> Iterator[bytes]:
        """The head, what is carried forward, and the entries."""
        yield self._line(COLUMNS)
        if carried:
            self._tally.entries += 1
            yield b"".join(self._line(self._carried(one)) for one in carried)
        lettering = Lettering(self._asked)
        entries = entries_of(self._asked, "sealed", with_closing=False)
        while batch := list(islice(entries, _BATCH)):
            letters = lettering.of_lines([line.id for entry in batch for line in entry.lines])
            for entry in batch:
                self._tally.entries += 1
                yield b"".join(self._line(self._written(entry, line, letters.get(line.id))) for line in entry.lines)

    def _carried(self, line: CarriedLine) -> list[str]:
        """A balance of the year before, in the entry that opens this one."""
        day = f"{self._asked.start:%Y%m%d}"
        number = f"{OPENING_JOURNAL}-{self._asked.year}-00001"
        account = self._chart.by_id[line.account_id]
        self._tally.add(line.amount)
        return [
            OPENING_JOURNAL, "A nouveaux", number, day, self._codes[account.id], self._text(account.name),
            self._code(line.sub_account), self._text(line.sub_account_name), number, day, "Report à nouveau",
            *self._sides(line.amount), "", "", day, "", "",
        ]  # fmt: skip

    def _written(self, entry: ExportedEntry, line: ExportedLine, letter: Letter | None) -> list[str]:
        self._tally.add(line.amount)
        account = self._chart.by_id[line.account_id]
        foreign = line.currency != self._base and line.currency_amount
        number = self._code(entry.number)
        return [
            self._code(entry.journal), self._text(entry.journal_name), number, f"{entry.date:%Y%m%d}",
            self._codes[account.id], self._text(account.name), self._code(line.sub_account),
            self._text(line.sub_account_name), self._text(entry.reference) or number, f"{entry.date:%Y%m%d}",
            self._text(line.memo or entry.memo) or self._text(entry.reference) or number, *self._sides(line.amount),
            letter.text if letter else "", f"{letter.date:%Y%m%d}" if letter else "", f"{entry.sealed_at:%Y%m%d}",
            _comma(line.currency_amount, self._decimals(line.currency)) if foreign else "",
            line.currency if foreign else "",
        ]  # fmt: skip

    def _sides(self, amount: Decimal) -> tuple[str, str]:
        decimals = self._decimals(self._base)
        return _comma(max(amount, Decimal(0)), decimals), _comma(max(-amount, Decimal(0)), decimals)

    def _decimals(self, currency: str) -> int:
        unit = self._chart.units.get(currency)
        return unit.decimals if unit else 2

    def _text(self, text: str) -> str:
        return in_character_set(on_one_line(text, "\t|"), ENCODING, self._tally)

    def _code(self, code: str) -> str:
        if not code.isascii():
            refuse_unwritable([code], ENCODING, "codes")
        return on_one_line(code, "\t|")

    def _line(self, fields: tuple[str, ...] | list[str]) -> bytes:
        return (self._separator.join(fields) + "\r\n").encode(ENCODING)


def _comma(amount: Decimal, decimals: int) -> str:
    """With the decimals of its currency and a decimal comma; nothing separates thousands."""
    return f"{amount:.{decimals}f}".replace(".", ",")
