"""Our reading of beancount beside beancount's own, on a ledger it made up itself and on difficult small ones."""

import datetime
import random
import subprocess
import sys
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data

from ledger.parsers.beancount import parse_beancount
from ledger.parsers.journal import ParsedJournal

Balances = dict[tuple[str, str], Decimal]
# The ledger of twelve years takes long to make up: once is enough.
one_worker = pytest.mark.xdist_group("twelve years")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("beancount") / "example.beancount"
    dates = ["--date-begin", "2012-01-01", "--date-end", "2024-01-01", "--date-birth", "1980-01-01"]
    run = "from beancount.scripts.example import main; main()"
    command = [sys.executable, "-c", run, "--no-reformat", "--seed", "7", *dates, "-o", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path.read_text(encoding="utf-8")


def theirs(text: str) -> Balances:
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    sums: Balances = defaultdict(Decimal)
    for entry in data.filter_txns(entries):
        for posting in entry.postings:
            sums[posting.account, posting.units.currency] += posting.units.number
    return {key: quantity for key, quantity in sums.items() if quantity}


def ours(journal: ParsedJournal) -> Balances:
    assert journal.problems == []
    sums: Balances = defaultdict(Decimal)
    for transaction in journal.transactions:
        for line in transaction.lines:
            sums[line.account, line.commodity] += line.quantity
    return {key: quantity for key, quantity in sums.items() if quantity}


@one_worker
def test_every_balance_of_twelve_years_is_the_same(example: str):
    expected = theirs(example)
    assert len(expected) > 50
    assert ours(parse_beancount(example)) == expected


@one_worker
def test_every_weight_of_twelve_years_leaves_only_its_residue(example: str):
    for transaction in parse_beancount(example).transactions:
        left: dict[str, Decimal] = defaultdict(Decimal)
        for line in transaction.lines:
            left[line.weight_commodity or line.commodity] += line.quantity if line.weight is None else line.weight
        assert {commodity: amount for commodity, amount in left.items() if amount} == transaction.residue


@one_worker
def test_ten_thousand_transactions_take_far_less_than_ten_seconds(example: str):
    started = time.perf_counter()
    journal = parse_beancount(example)
    took = time.perf_counter() - started
    assert took / len(journal.transactions) * 10_000 < 10


def made_up(seed: int) -> str:
    """A small ledger of purchases, sales, exchanges, assertions and pads that beancount accepts or refuses."""
    dice = random.Random(seed)
    booking = dice.choice(["STRICT", "FIFO", "LIFO", "HIFO", "NONE"])
    lines = [f'option "booking_method" "{booking}"']
    if dice.random() < 0.3:
        lines.append('option "infer_tolerance_from_cost" "TRUE"')
    lines += [f"2000-01-01 open {name}" for name in ("Assets:Cash", "Assets:Lots", "Income:Gain", "Equity:Opening")]
    lines += ['2000-01-01 * "start"', "  Assets:Lots  40 HOOL {3 USD}", "  Assets:Cash"]
    day = datetime.date(2000, 1, 2)
    for number in range(dice.randrange(2, 7)):
        day += datetime.timedelta(days=dice.randrange(1, 3))
        lines.append(f'{day} * "{number}"')
        size = dice.choice(["1", "2", "5", "2.5", "1.250"])
        price = dice.choice(["3", "3", "7.5", "10.00", "33.333"])
        if dice.random() < 0.25:
            total = dice.choice(["{%s USD}", "{{%s USD}}", "{%s # 1 USD}", "{# %s USD}"]) % price
            lines += [f"  Assets:Lots  {size} HOOL {total}", "  Assets:Cash"]
        elif dice.random() < 0.5:
            cost = dice.choice(["{}", "{}", "{3 USD}", "{USD}", "{2000-01-01}", f"{{{price} USD}}"])
            lines += [
                f"  Assets:Lots  -{size} HOOL {cost} @ {price} USD",
                f"  Assets:Cash  {price} USD",
                "  Income:Gain",
            ]
        else:
            sign = dice.choice(["", "-"])
            how = dice.choice(["@ %s USD", "@@ %s USD"]) % price
            lines += [f"  Assets:Cash  {sign}{size} EUR {how}", "  Equity:Opening"]
        if dice.random() < 0.15:
            lines += [f"{day} pad Assets:Cash Equity:Opening"]
            lines += [f"{day + datetime.timedelta(days=1)} balance Assets:Cash  {price} USD"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(150))
def test_a_made_up_ledger_is_refused_first_at_the_same_line_or_read_alike(seed: int):
    text = made_up(seed)
    _, errors, _ = loader.load_string(text)
    journal = parse_beancount(text)
    heads = [place for place, line in enumerate(text.splitlines(), start=1) if line.startswith("2")]

    def head_of(place: int) -> int:
        return max(head for head in heads if head <= place)

    first = min((head_of(error.source["lineno"]) for error in errors), default=None)
    assert min((head_of(problem.place) for problem in journal.problems), default=None) == first
    if first is None:
        expected, read = theirs(text), ours(journal)
        assert expected.keys() == read.keys()
        assert all(abs(expected[key] - read[key]) < Decimal("1E-18") for key in expected)


def test_the_made_up_ledgers_are_of_both_kinds():
    refused = [bool(loader.load_string(made_up(seed))[1]) for seed in range(150)]
    assert 15 < sum(refused) < 135


def test_beancount_is_not_needed_to_read_beancount():
    sources = Path(parse_beancount.__code__.co_filename).parent.parent.rglob("*.py")
    assert not [
        path for path in sources if "import beancount" in path.read_text() or "from beancount" in path.read_text()
    ]
