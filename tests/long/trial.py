"""Named tests run in a database with one thing wrong in it, a second each: a process that has everything imported forks.

Run as a module it reads one JSON line a trial and answers with one: the tests that failed and passed, and the guards
that `verify` misses.
"""

import contextlib
import dataclasses
import importlib
import json
import os
import select
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from typing import Any

import psycopg
import pytest

from tests import servers


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What was noticed. `status` is pytest's exit status; None where the time was up before."""

    status: int | None
    failed: list[str]
    passed: list[str]
    missing: list[str]


class Bench:
    """The process that tries, with a worker's name for its database and its cache."""

    def __init__(self, worker: str) -> None:
        environment = {**os.environ, "PYTEST_XDIST_WORKER": worker, "DJANGO_SETTINGS_MODULE": "config.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.long.trial"], cwd=servers.ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, sabotage: str, tests: list[str], seconds: float) -> Answer:
        """Run the tests in a scratch copy of the migrated database, after this statement of a superuser."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps([sabotage, tests, seconds]), file=self.process.stdin, flush=True)
        return Answer(**json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self.process.communicate(timeout=60)


class _Scratch:
    """A plugin that spoils the database of the tests before the first, and remembers what became of each."""

    def __init__(self, sabotage: str) -> None:
        self.sabotage = sabotage
        self.failed: list[str] = []
        self.passed: list[str] = []
        self.missing: list[str] = []

    @pytest.fixture(scope="session", autouse=True)
    def spoilt(self, django_db_setup: None, django_db_blocker: Any) -> None:
        from django.db import connections

        from ledger.catalogue import missing_guards

        with django_db_blocker.unblock():
            database = connections["owner"].settings_dict["NAME"]
            with psycopg.connect(os.environ["TEST_SUPERUSER_URL"], dbname=database) as connection:
                connection.execute(self.sabotage)
            self.missing = missing_guards("owner")

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed.append(report.nodeid)


def _try(sabotage: str, tests: list[str]) -> Answer:
    scratch = _Scratch(sabotage)
    options = ["-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
    status = pytest.main([*options, *tests], plugins=[scratch])
    return Answer(int(status), scratch.failed, scratch.passed, scratch.missing)


def _in_a_child(sabotage: str, tests: list[str], seconds: float) -> dict[str, Any]:
    """The trial in a process of its own, which is ended when the time is up."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        with contextlib.ExitStack() as last, os.fdopen(writing, "w") as answer:
            last.callback(os._exit, 0)
            json.dump(dataclasses.asdict(_try(sabotage, tests)), answer)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read() if select.select([answer], [], [], seconds)[0] else ""
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return json.loads(text) if text else dataclasses.asdict(Answer(None, [], [], []))


def _serve() -> None:
    import django

    django.setup()
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    attacks = (servers.ROOT / "tests/constitution").glob("*.py")
    for module in ("config.urls", "tests.conftest", *(f"tests.constitution.{path.stem}" for path in attacks)):
        importlib.import_module(module)
    for line in sys.stdin:
        print(json.dumps(_in_a_child(*json.loads(line))), flush=True)


if __name__ == "__main__":
    _serve()
