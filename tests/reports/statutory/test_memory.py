"""Memory stays flat: five times the entries make a file five times as long, and need no more to be written."""

import datetime
import tracemalloc

import pytest

from ledger.models import SealState
from ledger.posting import post_many
from reports.sealed_books import seal_up_to
from reports.statutory.asked import Tally
from reports.statutory.exporting import _asked
from reports.statutory.formats import FORMATS
from reports.statutory.parameters import checked_values
from tests.books import new_entry
from tests.reports.statutory.exported import SIREN, inside, settled

FEW, TIMES = 600, 5
PARAMETERS = {"datev": {"adviser": "29098", "client": "55003"}}
DAY = datetime.date(2026, 3, 15)


def fill(company, first, count):
    """So many entries of three lines, each with a text of its own."""
    lines = (("1000", "10.00"), ("5000", "5.00"), ("4000", "-15.00"))
    with inside(company):
        for start in range(first, first + count, 1000):
            numbers = range(start, min(start + 1000, first + count))
            post_many([new_entry(*lines, key=f"m{n}", date=DAY, memo=f"Entry {n} " + "x" * 60) for n in numbers])
    assert seal_up_to(company, datetime.datetime.now(tz=datetime.UTC), end=DAY) == []


def written(company, name):
    """How long the file is, and how much memory its making took at most."""
    format = FORMATS[name]
    values = checked_values(format.parameters, {"year": "2026", **PARAMETERS.get(name, {})})
    with inside(company):
        asked = _asked(company, values, datetime.datetime.now(tz=datetime.UTC))
        assert SealState.objects.for_company(company).get().block_number == asked.block
        length = sum(len(piece) for piece in format.write(asked, Tally()).pieces)
        tracemalloc.start()
        assert sum(len(piece) for piece in format.write(asked, Tally()).pieces) == length
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return length, peak


@pytest.mark.parametrize("name", ["saft", "fec", "datev"])
def test_five_times_the_lines_need_no_more_memory(committed_company, name, monkeypatch):
    company = settled(committed_company, tax_number=SIREN, country="FR")
    # Pieces that few entries fill already, as a million fill the usual ones.
    monkeypatch.setattr("reports.statutory.ledger_lines.CHUNK", 200)
    fill(company, 0, FEW)
    few, low = written(company, name)
    fill(company, FEW, FEW * (TIMES - 1))
    many, high = written(company, name)

    assert many > (TIMES - 1) * few
    assert high < 1.06 * low, (low, high, many)
