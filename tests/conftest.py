"""What every test may ask for: a company with books, people and credentials in every role, real databases.

Two ways to work: `company` lives in a transaction that is rolled back after the test; `committed_company` is really
committed, for races, sealing and live pages. Nothing is ever flushed (posted rows cannot be): a committed test keeps
to its own company, whose name no other test knows.
"""

import datetime
import functools
import itertools
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connections
from hypothesis import settings as hypothesis_settings

from tests import servers

# What is slow for once, on a machine that does other work too, is not wrong.
hypothesis_settings.register_profile("daybook", deadline=None)
hypothesis_settings.load_profile("daybook")

_names = itertools.count(1)
YEAR = 2026


SLOW_MODULES = ("test_run", "test_machine", "test_journal_jobs", "test_metrics")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no worker is left alone with it in the end."""
    items.sort(key=lambda item: not _takes_long(item))


def _takes_long(item: pytest.Item) -> bool:
    named = item.path.stem in SLOW_MODULES
    return named or any(item.get_closest_marker(name) for name in ("pages", "xdist_group"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A copy of the migrated template for this worker; the application connects as the runtime role."""
    name = f"daybook_test_{os.environ.get('PYTEST_XDIST_WORKER', 'single')}"
    servers.copy_of_template(name)
    for alias, role in (("default", "daybook_app"), ("owner", "daybook_owner")):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["NAME"] = name
    os.environ["DATABASE_URL"] = servers.url("daybook_app", name)
    os.environ["DATABASE_OWNER_URL"] = servers.url("daybook_owner", name)
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    from tenants.api_throttling import CallerThrottle

    cache.clear()
    # A test that took the cache away must not let the calls of the next one pass.
    CallerThrottle._ask_again = 0.0


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database without a surrounding transaction: what a test writes stays."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


def make_company(slug: str = "", currency: str = "EUR", **fields: Any) -> Any:
    """A company with a small chart, its journals, and the fiscal years 2025 to 2027, all periods open."""
    from accounting.fiscal_years import open_fiscal_year
    from tenants.companies import create_company
    from tenants.scope import Actor, company_scope
    from tests.books import add_books

    number = next(_names)
    slug = slug or f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'x')}-{os.getpid()}-{number}"
    company = create_company(slug=slug, name=f"Test Company {number}", base_currency=currency, **fields)
    with company_scope(company, actor=Actor.system("test")):
        for year in (YEAR - 1, YEAR, YEAR + 1):
            open_fiscal_year(datetime.date(year, 1, 1))
        add_books()
    return company


@pytest.fixture(scope="session")
def standing_company(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The company of all tests whose work is rolled back: to make one for each took a third of their time."""
    with django_db_blocker.unblock():
        made = make_company()
        connections.close_all()
    return made


@pytest.fixture(scope="session")
def other_company(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Another company, of which `company` knows nothing."""
    with django_db_blocker.unblock():
        made = make_company()
        connections.close_all()
    return made


@pytest.fixture
def company(standing_company: Any, db: None) -> Any:
    """A company in a transaction that is rolled back."""
    return type(standing_company).objects.get(pk=standing_company.pk)


@pytest.fixture
def committed_company(committed_db: None) -> Any:
    """A company that is really there, for tests with several connections."""
    return make_company()


@pytest.fixture
def scope(company: Any) -> Iterator[Any]:
    """Inside the company, as the system."""
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("test")) as current:
        yield current


@pytest.fixture
def member(company: Any) -> Callable[..., Any]:
    """Makes a person with a role in the company: `member("clerk")`."""
    return lambda role, **fields: make_member(company, role, **fields)


@functools.cache
def _hashed(password: str) -> str:
    """Hashed once: it takes a fifth of a second, as it should."""
    return make_password(password)


def make_member(company: Any, role: str, password: str = "correct horse battery", email: str = "") -> Any:
    """A person who may enter the company in this role."""
    from tenants.models import Membership, User
    from tenants.scope import Actor, company_scope

    email = email or f"{role}-{next(_names)}-{os.getpid()}@example.com"
    user = User.objects.create(email=email, name=role.title(), password=_hashed(password))
    with company_scope(company, actor=Actor.system("test")):
        Membership.objects.create(company=company, user=user, role=role)
    return user


@pytest.fixture
def owner_user(member: Callable[..., Any]) -> Any:
    """The owner of the company."""
    return member("owner")


@pytest.fixture
def signed_in(client: Any, company: Any) -> Callable[[str], Any]:
    """A browser signed in with a role: `signed_in("accountant").get(...)`."""

    def sign_in(role: str) -> Any:
        client.force_login(make_member(company, role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def api(company: Any) -> Callable[..., Any]:
    """An API client of the company: `api("read", "post")`; paths are relative to the company."""
    return lambda *scopes: make_api_client(company, *scopes)


def make_api_client(company: Any, *scopes: str) -> Any:
    """An API client with a fresh credential of the company."""
    from tenants.api_credentials import create_api_credential
    from tenants.scope import Actor, company_scope
    from tests.api_client import ApiClient

    with company_scope(company, actor=Actor.system("test")):
        _credential, key = create_api_credential(name="test", scopes=list(scopes or ("admin",)))
    return ApiClient(company, key)


@pytest.fixture
def runtime_connection(committed_db: None) -> Iterator[psycopg.Connection]:
    """A raw connection as the runtime role."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        yield connection


@pytest.fixture
def owner_connection(committed_db: None) -> Iterator[psycopg.Connection]:
    """A raw connection as the owner of the tables."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        yield connection


@pytest.fixture
def superuser_connection(committed_db: None) -> Iterator[psycopg.Connection]:
    """A raw connection that row-level security does not bind: the attacker with the keys."""
    database = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_URL"])["dbname"]
    with psycopg.connect(os.environ["TEST_SUPERUSER_URL"], dbname=str(database)) as connection:
        yield connection


@pytest.fixture
def D() -> type[Decimal]:
    return Decimal
