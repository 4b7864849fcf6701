"""The embedded servers, real ones on temporary folders: they start, come back after a crash, and keep their rights."""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.servers import (
    OWNER,
    RUNTIME,
    SUPERUSER,
    Postgres,
    Valkey,
    ensure_roles_and_database,
    start_postgres,
    start_valkey,
)


@pytest.fixture(scope="module")
def private_folder() -> Iterator[Path]:
    """A folder outside pytest's own, which every new run of pytest closes to PostgreSQL's system user."""
    with tempfile.TemporaryDirectory(prefix="daybook-test-servers-") as folder:
        yield Path(folder)


@pytest.fixture
def folder(private_folder: Path) -> Path:
    """A folder of one test."""
    return Path(tempfile.mkdtemp(dir=private_folder))


@pytest.fixture
def postgres_on() -> Iterator[Callable[..., Postgres]]:
    """Starts PostgreSQL on a folder and stops it after the test."""
    servers: list[Postgres] = []

    def start(data_dir: Path, durable: bool = False) -> Postgres:
        servers.append(start_postgres(data_dir, durable=durable))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
        assert not server.is_running()


@pytest.fixture
def valkey_on() -> Iterator[Callable[..., Valkey]]:
    """Starts Valkey on a folder and stops it after the test."""
    servers: list[Valkey] = []

    def start(data_dir: Path, persist: bool = True) -> Valkey:
        servers.append(start_valkey(data_dir, persist=persist))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
        assert not server.is_running()


@pytest.fixture(scope="module")
def prepared(private_folder: Path) -> Iterator[Postgres]:
    """A server with our roles and the database `books`, prepared twice: the second time changes nothing."""
    server = start_postgres(private_folder / "prepared", durable=False)
    for _time in range(2):
        ensure_roles_and_database(server.url(SUPERUSER, "postgres"), "books")
    yield server
    server.stop()


def superuser(server: Postgres) -> psycopg.Connection:
    return psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True)


def setting(server: Postgres, name: str) -> str:
    with superuser(server) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def server_process(server: Postgres) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])


def test_a_new_folder_becomes_a_durable_server_that_only_its_socket_reaches(folder, postgres_on):
    server = postgres_on(folder / "postgres", durable=True)

    assert setting(server, "listen_addresses") == ""
    assert setting(server, "max_connections") == "200"
    assert setting(server, "shared_buffers") == "256MB"
    assert setting(server, "idle_in_transaction_session_timeout") == "10min"
    assert [setting(server, name) for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
    assert server.socket_dir.stat().st_mode & 0o077 == 0


def test_a_server_for_tests_gives_up_durability(folder, postgres_on):
    server = postgres_on(folder / "postgres", durable=False)

    assert [setting(server, name) for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["off"] * 3


def test_a_running_server_is_taken_over(folder, postgres_on):
    first = postgres_on(folder / "postgres")
    process = server_process(first)

    assert postgres_on(folder / "postgres") == first
    assert server_process(first) == process


def test_a_killed_server_starts_again_with_its_data(folder, postgres_on):
    server = postgres_on(folder / "postgres", durable=True)
    with superuser(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(server_process(server), signal.SIGKILL)

    again = postgres_on(folder / "postgres", durable=True)

    with superuser(again) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_process_number_that_now_belongs_to_a_stranger_does_not_block_the_start(folder, postgres_on):
    server = postgres_on(folder / "postgres")
    lines = (server.data_dir / "postmaster.pid").read_text().splitlines()
    server.stop()
    (server.data_dir / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    assert postgres_on(folder / "postgres").answers()


def test_an_interrupted_first_start_does_not_block_the_next(folder, postgres_on):
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    assert postgres_on(folder / "postgres").answers()


def test_a_long_and_odd_path_works(folder, postgres_on, valkey_on):
    odd = folder / "Müller & Söhne, Büro 'Nord'" / ("long" * 30)

    postgres = postgres_on(odd / "postgres")
    valkey = valkey_on(odd / "valkey")

    assert len(str(postgres.socket_dir / ".s.PGSQL.5432")) < 100
    assert setting(postgres, "data_directory") == str(odd / "postgres")
    assert redis.Redis.from_url(valkey.url, single_connection_client=True).ping()
    postgres.stop()
    assert not postgres.socket_dir.exists()


def test_a_server_stops_also_when_a_folder_above_it_was_closed_meanwhile(folder, postgres_on):
    server = postgres_on(folder / "postgres")
    folder.chmod(0o700)

    server.stop()

    assert not server.is_running()
    assert postgres_on(folder / "postgres").answers()


def test_two_servers_live_side_by_side(folder, postgres_on):
    one, other = postgres_on(folder / "one"), postgres_on(folder / "other")
    one.stop()

    assert other.answers()


@pytest.mark.parametrize(("role", "may_create_databases"), [(OWNER, True), (RUNTIME, False)])
def test_no_role_of_ours_may_step_over_row_security(prepared, role, may_create_databases):
    with psycopg.connect(prepared.url(role, "books")) as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()

    assert rights == (False, False, False, False, may_create_databases)


def test_the_runtime_role_may_not_create_a_table_and_the_owner_may(prepared):
    with (
        psycopg.connect(prepared.url(RUNTIME, "books")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE public.mine (id int)")
    with psycopg.connect(prepared.url(OWNER, "books")) as connection:
        connection.execute("CREATE TABLE public.mine (id int)")
        connection.rollback()


def test_the_runtime_role_may_use_temporary_tables_and_extensions(prepared):
    with psycopg.connect(prepared.url(RUNTIME, "books")) as connection:
        connection.execute("CREATE TEMPORARY TABLE scratch (id int)")
        assert connection.execute("SELECT unaccent('Müller'), lower('ÄÖ')").fetchone() == ("Muller", "äö")
        found = connection.execute("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1").fetchall()

    assert [name for (name,) in found] == ["btree_gist", "pg_stat_statements", "pg_trgm", "unaccent"]


def test_the_database_and_its_schema_belong_to_the_owner_and_are_closed_to_others(prepared):
    with psycopg.connect(prepared.url(SUPERUSER, "books")) as connection:
        owners = connection.execute(
            "SELECT (SELECT datdba::regrole::text FROM pg_database WHERE datname = 'books'),"
            " (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public')"
        ).fetchone()
        connection.execute("CREATE ROLE stranger LOGIN")
    assert owners == (OWNER, OWNER)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(prepared.url("stranger", "books"))


def test_valkey_keeps_its_data_over_a_stop_and_over_a_crash(folder, valkey_on):
    server = valkey_on(folder / "valkey")
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        client.set("queue", "kept")
    server.stop()
    server = valkey_on(folder / "valkey")
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.get("queue") == "kept"
        client.set("queue", "kept again")
    os.kill(int((folder / "valkey" / "valkey.pid").read_text()), signal.SIGKILL)

    server = valkey_on(folder / "valkey")

    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.get("queue") == "kept again"


def test_a_valkey_for_tests_keeps_nothing(folder, valkey_on):
    server = valkey_on(folder / "valkey", persist=False)
    with redis.Redis.from_url(server.url) as client:
        client.set("cached", "gone tomorrow")
    server.stop()

    with redis.Redis.from_url(valkey_on(folder / "valkey", persist=False).url) as client:
        assert client.get("cached") is None


def test_a_running_valkey_is_taken_over(folder, valkey_on):
    assert valkey_on(folder / "valkey") == valkey_on(folder / "valkey")


def test_valkey_asks_for_the_password_that_only_the_owner_can_read(folder, valkey_on):
    server = valkey_on(folder / "valkey")
    port = int(server.url.rpartition(":")[2].partition("/")[0])

    with redis.Redis(port=port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()
    for file in ("address", "valkey.conf"):
        assert (folder / "valkey" / file).stat().st_mode & 0o077 == 0
