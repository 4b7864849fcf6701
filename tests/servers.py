"""The real servers that the suite runs on: given by URL, or temporary ones of its own, started before Django loads.

This is a pytest plugin (`-p tests.servers`): the controlling process starts the servers once and migrates one
template database; every xdist worker inherits the addresses and works in a copy of the template.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "daybook_test_template"


def start() -> None:
    """Start what the environment does not name, and prepare the template database."""
    keep_what_is_compiled()
    os.environ.setdefault("SECRET_KEY", "the tests keep no secret")
    os.environ.setdefault("STATIC_STORAGE", "django.contrib.staticfiles.storage.StaticFilesStorage")
    os.environ.setdefault("LOG_LEVEL", "CRITICAL")
    if "STATIC_ROOT" not in os.environ:
        os.environ["STATIC_ROOT"] = tempfile.mkdtemp(prefix="daybook-test-static-")
        atexit.register(shutil.rmtree, os.environ["STATIC_ROOT"], ignore_errors=True)
    if "TEST_SUPERUSER_URL" not in os.environ:
        _start_embedded_postgres()
    if "REDIS_URL" not in os.environ:
        _start_embedded_valkey()
    _prepare_template()


def keep_what_is_compiled() -> None:
    """Workers, servers and commands start by the dozen: each would compile the product and the tests again."""
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def _start_embedded_postgres() -> None:
    from config.servers import start_postgres

    folder = Path(tempfile.mkdtemp(prefix="daybook-test-pg-"))
    server = start_postgres(folder / "postgres", durable=False)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    os.environ["TEST_SUPERUSER_URL"] = f"postgresql://postgres@/postgres?host={quote(str(server.socket_dir), safe='')}"


def _start_embedded_valkey() -> None:
    from config.servers import start_valkey

    folder = Path(tempfile.mkdtemp(prefix="daybook-test-valkey-"))
    server = start_valkey(folder, persist=False)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    os.environ["REDIS_URL"] = server.url


def url(role: str, database: str) -> str:
    """The address of a test database for a role."""
    parts = psycopg.conninfo.conninfo_to_dict(os.environ["TEST_SUPERUSER_URL"])
    host, port = str(parts.get("host", "")), parts.get("port")
    return f"postgresql://{role}@/{database}?host={quote(host, safe='')}" + (f"&port={port}" if port else "")


def superuser() -> psycopg.Connection:
    """A connection that makes and drops databases."""
    return psycopg.connect(os.environ["TEST_SUPERUSER_URL"], autocommit=True)


def _prepare_template() -> None:
    from config.servers import ensure_roles_and_database

    with superuser() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
    ensure_roles_and_database(os.environ["TEST_SUPERUSER_URL"], TEMPLATE)
    os.environ["DATABASE_URL"] = url("daybook_app", TEMPLATE)
    os.environ["DATABASE_OWNER_URL"] = url("daybook_owner", TEMPLATE)
    command = [sys.executable, "manage.py", "migrate", "--database", "owner", "--skip-checks", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, check=True)


def copy_of_template(name: str) -> None:
    """A fresh database for one worker."""
    with superuser() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER daybook_owner")
        connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO daybook_app")


def take_own_cache(worker: str) -> None:
    """A database of Valkey for the cache of one worker, the next for its queue: emptying a cache empties all of it."""
    parts = urlsplit(os.environ["REDIS_URL"])
    number = 2 * int(worker.removeprefix("gw")) % 16
    os.environ["REDIS_URL"] = urlunsplit(parts._replace(path=f"/{number}"))


if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    take_own_cache(worker)
elif "DAYBOOK_TEST_SERVERS" not in os.environ:
    os.environ["DAYBOOK_TEST_SERVERS"] = "started"
    start()
