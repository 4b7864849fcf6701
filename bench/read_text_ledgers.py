"""hledger and beancount read the same books: the whole company exported, every account's balance at the date."""

import datetime
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ledger.journal_export import export_journal

BEANCOUNT = """
import datetime, sys
from beancount import loader
from beancount.core import inventory
from beancount.core.data import Transaction
entries, errors, options = loader.load_file(sys.argv[1])
assert not errors, errors[0]
until, balances = datetime.date.fromisoformat(sys.argv[2]), {}
for entry in entries:
    if isinstance(entry, Transaction) and entry.date <= until:
        for posting in entry.postings:
            balances.setdefault(posting.account, inventory.Inventory()).add_position(posting)
"""


def time_text_ledgers(date: datetime.date) -> dict[str, float]:
    """Seconds that each takes for the balances of the current company at the date, from its export on disk."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = {}
        next_day = (date + datetime.timedelta(days=1)).isoformat()
        if shutil.which("hledger"):
            file = _export("hledger", Path(folder) / "books.journal")
            seconds["hledger"] = _time(["hledger", "-f", str(file), "balance", "--flat", "-e", next_day, "-O", "csv"])
        file = _export("beancount", Path(folder) / "books.beancount")
        seconds["beancount"] = _time([sys.executable, "-c", BEANCOUNT, str(file), date.isoformat()])
        return seconds


def _export(format: str, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(export_journal(format))
    return path


def _time(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
