"""What the attacks share."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections

from tests.conftest import make_company


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
