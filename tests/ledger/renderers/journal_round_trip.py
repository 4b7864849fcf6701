"""A parsed journal turned into the rows an export gets, and the balances the two programs find in the outcome."""

import csv
import subprocess
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from beancount import loader
from beancount.core import data

from ledger.parsers.journal import ParsedJournal, ParsedLine, ParsedTransaction
from ledger.renderers.names import unit_name
from ledger.renderers.rows import ExportAccount, ExportEntry, ExportJournal, ExportLine, ExportUnit

Balances = dict[tuple[str, str], Decimal]
ROUNDING = "Equity:Rounding"


class Rows:
    """The rows of a journal: amounts in whole cents, what rounding leaves on an account of its own."""

    def __init__(self, journal: ParsedJournal, base: str) -> None:
        self.head = ExportJournal("Acme & Söhne", base)
        self.entries = [_entry(number, transaction, base) for number, transaction in enumerate(journal.transactions)]
        first_day = min(transaction.date for transaction in journal.transactions)
        types = {account.name: account.type for account in journal.accounts} | {ROUNDING: "equity"}
        self.accounts = [ExportAccount(name, name, kind, first_day) for name, kind in types.items()]
        decimals = {base: 2} | journal.commodities
        self.units = [ExportUnit(code, places, True) for code, places in decimals.items()]


def _entry(number: int, transaction: ParsedTransaction, base: str) -> ExportEntry:
    lines = [_line(line, base) for line in transaction.lines]
    if left := -sum(line.amount for line in lines):
        lines.append(ExportLine(ROUNDING, left, base, left))
    return ExportEntry(
        transaction.date, str(number), "GEN", transaction.memo, transaction.reference, f"k:{number}", tuple(lines)
    )


def _line(line: ParsedLine, base: str) -> ExportLine:
    worth = line.quantity if line.weight is None else line.weight
    currency = line.weight_commodity or line.commodity
    statistical = currency != base
    amount = Decimal(0) if statistical else worth.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    quantity = amount if line.commodity == base else line.quantity
    return ExportLine(line.account, quantity, line.commodity, amount, statistical, line.memo)


def balances_of(entries: list[ExportEntry]) -> Balances:
    """What the rows themselves sum up to."""
    sums: Balances = defaultdict(Decimal)
    for entry in entries:
        for line in entry.lines:
            sums[line.account_code, unit_name(line.currency)] += line.quantity
    return {key: quantity for key, quantity in sums.items() if quantity}


def beancount_balances(text: str) -> Balances:
    """What beancount finds in a journal it must accept without an error."""
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    sums: Balances = defaultdict(Decimal)
    for entry in data.filter_txns(entries):
        for posting in entry.postings:
            sums[posting.account, posting.units.currency] += posting.units.number
    return {key: quantity for key, quantity in sums.items() if quantity}


def hledger_balances(text: str, folder: Path) -> Balances:
    """What hledger finds in a journal that must pass its strict checks."""
    path = folder / "ledger.journal"
    path.write_text(text, encoding="utf-8")
    checked = subprocess.run(
        ["hledger", "-f", str(path), "check", "--strict"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    command = ["hledger", "-f", str(path), "bal", "--flat", "--no-total", "--layout", "bare", "-O", "csv"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = csv.DictReader(shown.splitlines())
    sums = {(row["account"], row["commodity"].strip('"')): Decimal(row["balance"]) for row in rows}
    return {key: quantity for key, quantity in sums.items() if quantity}
