"""Every guard of the migrated database is taken away in turn: a named test must fail, and `verify` must name it."""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from ledger.catalogue import guards_in
from tests.long.budget import SEED, Budget
from tests.long.guards import RULES, witnesses
from tests.long.sabotage import Sabotage, sabotages_of
from tests.long.trial import Answer, Bench

PATIENCE = 90  # seconds for the tests of one sabotage
RED = "tests/long/always_red.py::test_that_fails"


@pytest.fixture(scope="module")
def benches() -> Iterator[list[Bench]]:
    """One for each processor."""
    found = [Bench(f"gw{number}") for number in range(os.cpu_count() or 1)]
    yield found
    for bench in found:
        bench.close()


@pytest.fixture
def bench(benches: list[Bench]) -> Bench:
    return benches[0]


@pytest.fixture(scope="module")
def budget(django_db_setup: None, django_db_blocker: Any) -> Budget[Sabotage]:
    """The time runs from here: the canary takes of it too."""
    with django_db_blocker.unblock():
        return Budget("sabotage", [sabotage for guard in guards_in("owner") for sabotage in sabotages_of(guard)])


@pytest.fixture
def sabotages(budget: Budget[Sabotage]) -> list[Sabotage]:
    return budget.items


def complaints(sabotage: Sabotage, tests: list[str], answer: Answer) -> Iterator[str]:
    """What speaks against the suite: a test that stays green, a test that is not there, a guard that verify misses."""
    if answer.status not in (0, 1):
        yield f"{sabotage.title}: its tests cannot be run, pytest ends with {answer.status}: {tests}"
    for test in tests:
        if not any(node == test or node.startswith(f"{test}[") for node in answer.failed):
            yield f"{sabotage.title}: nobody noticed in {test}"
    if sabotage.guard not in answer.missing:
        yield f"{sabotage.title}: verify does not name {sabotage.guard}"


def test_every_guard_has_a_test_that_is_named_for_it(sabotages: list[Sabotage]) -> None:
    assert [sabotage.title for sabotage in sabotages if not witnesses(sabotage.title)] == []


def test_no_rule_is_left_over(sabotages: list[Sabotage]) -> None:
    used = {test for sabotage in sabotages for test in witnesses(sabotage.title)}
    assert [test for _pattern, test in RULES if not any(test.split("[")[0] in one for one in used)] == []


def test_a_harmless_change_is_noticed_by_nobody(
    bench: Bench, budget: Budget[Sabotage], superuser_connection: psycopg.Connection
) -> None:
    """The canary: a named test is green where nothing is wrong, and the harness says that nobody noticed.

    As many of them as the budget has seconds, others each time.
    """
    tests = sorted({test for sabotage in budget.items for test in witnesses(sabotage.title)})
    tests = random.Random(SEED).sample(tests, min(len(tests), int(budget.seconds)))
    index = superuser_connection.execute(
        "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "WHERE NOT i.indisunique AND c.relname LIKE 'ledger%' ORDER BY 1"
    ).fetchone()
    assert index
    answer = bench.run(
        f"COMMENT ON TABLE ledger_line IS 'harmless'; DROP INDEX {index[0]}", tests, max(budget.left(), PATIENCE)
    )
    assert (answer.status, answer.failed, answer.missing) == (0, [], [])
    said = list(complaints(Sabotage("harmless", "", "nothing"), tests, answer))
    assert said == [
        *(f"harmless: nobody noticed in {test}" for test in tests),
        "harmless: verify does not name nothing",
    ]


def test_a_test_that_fails_is_seen_to_fail(bench: Bench) -> None:
    answer = bench.run("SELECT 1", [RED], PATIENCE)
    assert (answer.status, answer.failed) == (1, [RED])
    assert list(complaints(Sabotage("red", "", "nothing"), [RED], answer)) == ["red: verify does not name nothing"]


def test_a_test_that_is_not_there_is_no_witness(bench: Bench) -> None:
    answer = bench.run("SELECT 1", ["tests/long/always_red.py::test_of_nothing"], PATIENCE)
    assert answer.status == 4
    assert "cannot be run" in next(complaints(Sabotage("x", "", ""), [], answer))


def test_each_sabotage_is_noticed(benches: list[Bench], budget: Budget[Sabotage]) -> None:
    said: list[str] = []
    tried: list[Sabotage] = []

    def work(bench: Bench) -> None:
        for sabotage in budget.take():
            tests = witnesses(sabotage.title)
            answer = bench.run(sabotage.statement, tests, min(budget.left(), PATIENCE))
            if answer.status is None and not budget.left():
                return
            tried.append(sabotage)
            said.extend(complaints(sabotage, tests, answer))

    with ThreadPoolExecutor(len(benches)) as pool:
        try:
            list(pool.map(work, benches))
        finally:
            budget.close()
    budget.report(len(tried))
    assert tried
    assert sorted(said) == []
