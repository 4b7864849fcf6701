"""What the attacks share."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections

from tests.conftest import make_company
from tests.constitution.raw import in_threads


@pytest.fixture
def other_company(committed_company: Any) -> Any:
    """A second company, really committed."""
    return make_company()


@pytest.fixture
def superuser_alias(committed_db: None) -> Iterator[str]:
    """A Django connection that nothing binds: the attacker with the keys, and `verify` beside it."""
    connections.databases["superuser"] = {**connections.databases["owner"], "USER": "postgres"}
    yield "superuser"
    connections["superuser"].close()
    del connections["superuser"]
    del connections.databases["superuser"]


@pytest.fixture
def raw_connection(request: pytest.FixtureRequest, committed_db: None) -> Callable[[str], psycopg.Connection]:
    """A raw connection by the name of the role: runtime, owner or superuser."""
    return lambda role: request.getfixturevalue(f"{role}_connection")


@pytest.fixture
def in_background() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Starts work in a thread with connections of its own; `join` gives its answer."""
    started: list[threading.Thread] = []

    def start(work: Callable[[], Any]) -> threading.Thread:
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.extend(in_threads(1, lambda _n: work())))
        thread.answers = answers  # type: ignore[attr-defined]
        thread.start()
        started.append(thread)
        return thread

    yield start
    for thread in started:
        thread.join(30)
        assert not thread.is_alive()
