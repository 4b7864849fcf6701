"""`make run`: the whole of Daybook on this machine, on its own PostgreSQL and Valkey, until Ctrl-C."""

import contextlib
import errno
import fcntl
import http.client
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from config.environment import BASE_DIR, DATA_DIR, number, text, words
from config.servers import (
    OWNER,
    RUNTIME,
    SUPERUSER,
    Postgres,
    ServerFailed,
    Valkey,
    ensure_roles_and_database,
    start_postgres,
    start_valkey,
    write_secret,
)
from config.supervisor import CannotRun, StopWished, StopWishes, Supervisor, end_leftovers, say

DATABASE = "daybook"
SECONDS_TO_READY = 90
# Compressing the files took 68 s where collecting them took 3, and saves nothing on the way to the same machine.
UNCOMPRESSED = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


def main() -> int:
    """Run Daybook until somebody stops it; 0 after a wished end, 1 after a failure or a refusal."""
    wishes = StopWishes()
    wishes.listen()
    data_dir = DATA_DIR.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        bind, port = _web_address()
        with only_run_on(data_dir):
            end_leftovers(data_dir)
            refuse_taken_port(bind, port)
            return _run(Supervisor(data_dir, wishes), bind, port)
    except CannotRun as reason:
        say(str(reason))
        return 1


@contextlib.contextmanager
def only_run_on(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this run; a second run on the same folder is refused."""
    with (data_dir / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotRun(
                f"Daybook already runs on {data_dir} (process {lock.read().strip()}). "
                "Stop it first, or give this one a folder and a port of its own: DAYBOOK_DATA=... DAYBOOK_PORT=..."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def refuse_taken_port(bind: str, port: int) -> None:
    """Say at once when the web server could not listen here."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"Port {port} on {bind} is taken by another program. Choose another: DAYBOOK_PORT={port + 1}"
            else:
                reason = f"Daybook cannot listen on {bind}, port {port}: {error.strerror}."
            raise CannotRun(reason) from None


def static_files_changed(collected: Path) -> bool:
    """Whether a static file or an installed package is newer than the collected files."""
    manifest = collected / "staticfiles.json"
    if not manifest.exists():
        return True
    folders = [BASE_DIR / "static", *BASE_DIR.glob("*/static")]
    sources = [BASE_DIR / "requirements.txt", *(file for folder in folders for file in (folder, *folder.rglob("*")))]
    return any(file.stat().st_mtime > manifest.stat().st_mtime for file in sources if file.exists())


def secret_key(data_dir: Path) -> str:
    """The installation's secret key, made on the first run and kept."""
    file = data_dir / "secret-key"
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(50))
    return file.read_text()


def _web_address() -> tuple[str, int]:
    with contextlib.suppress(ValueError):
        port = number("DAYBOOK_PORT", 8000)
        if 0 < port < 65536:
            return text("DAYBOOK_BIND", "127.0.0.1"), port
    raise CannotRun(f"DAYBOOK_PORT is to be a number from 1 to 65535, not {text('DAYBOOK_PORT')!r}.")


def _run(supervisor: Supervisor, bind: str, port: int) -> int:
    servers: list[Postgres | Valkey] = []
    os.environ["PUBLIC_URL"] = text("PUBLIC_URL", f"http://{bind}:{port}")
    try:
        _start_servers(supervisor, servers)
        _prepare(supervisor)
        _serve(supervisor, servers, bind, port)
    except StopWished:
        return 0
    except (CannotRun, ServerFailed) as reason:
        say(f"\n{reason}\n")
        return 1
    except subprocess.CalledProcessError as failed:
        say(f"\n{Path(failed.cmd[0]).name} failed (exit code {failed.returncode}):\n{failed.stderr}\n")
        return 1
    finally:
        _stop(supervisor, servers)
    return 0


def _start_servers(supervisor: Supervisor, servers: list[Postgres | Valkey]) -> None:
    """Start the servers that no URL names, and tell every process of this run, and manage.py, where they are."""
    data_dir = supervisor.data_dir
    given = [name for name in ("DATABASE_URL", "DATABASE_OWNER_URL") if text(name)]
    if len(given) == 1:
        raise CannotRun(
            f"Only {given[0]} is set. Give both DATABASE_URL (the role of the application, which owns nothing) and "
            "DATABASE_OWNER_URL (the owner of the tables, for migrations), or neither."
        )
    os.environ["DAYBOOK_DATA"] = str(data_dir)
    os.environ["SECRET_KEY"] = text("SECRET_KEY") or secret_key(data_dir)
    if not given:
        with _step("Starting PostgreSQL"):
            postgres = start_postgres(data_dir / "postgres")
            servers.append(postgres)
            ensure_roles_and_database(postgres.url(SUPERUSER, "postgres"), DATABASE)
        (data_dir / "postgres-socket-dir.txt").write_text(str(postgres.socket_dir))
        os.environ["DATABASE_URL"] = postgres.url(RUNTIME, DATABASE)
        os.environ["DATABASE_OWNER_URL"] = postgres.url(OWNER, DATABASE)
    if not text("REDIS_URL"):
        with _step("Starting Valkey"):
            valkey = start_valkey(data_dir / "valkey", persist=True)
            servers.append(valkey)
        write_secret(data_dir / "redis-url.txt", valkey.url)
        os.environ["REDIS_URL"] = valkey.url
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_empty(data_dir / "metrics"))


def _empty(folder: Path) -> Path:
    """The folder in which the processes of this run put their figures together; those of the last run are gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def _prepare(supervisor: Supervisor) -> None:
    """Bring the database, the static files and the demo up to date."""
    with _step("Bringing the database up to date"):
        supervisor.run_to_end("migrate", "manage.py", "migrate", "--database", "owner")
    os.environ["STATIC_STORAGE"] = text("STATIC_STORAGE", UNCOMPRESSED)
    if static_files_changed(Path(text("STATIC_ROOT", str(BASE_DIR / "static_root")))):
        with _step("Collecting static files"):
            supervisor.run_to_end("collectstatic", "manage.py", "collectstatic", "--noinput")
    with _step("Making sure of the demo companies"):
        supervisor.run_to_end("demo", "manage.py", "demo")


def _serve(supervisor: Supervisor, servers: list[Postgres | Valkey], bind: str, port: int) -> None:
    """Start the web server, the worker and the clock, tell where to sign in, and watch until the end is wished."""
    data_dir = supervisor.data_dir
    with _step("Starting the web server, the worker and the scheduler", newline=True):
        listen = ["--host", bind, "--port", str(port), "--workers", "2", "--respawn-failed-workers"]
        # Every thread keeps a database connection, and granian's own choice is 256 threads a worker.
        limits = ["--blocking-threads", "4", "--workers-kill-timeout", "15", "--no-ws"]
        supervisor.start("web", "-m", "granian", "--interface", "wsgi", *listen, *limits, "config.wsgi:application")
        celery = ["-m", "celery", "--quiet", "-A", "config"]
        supervisor.start("worker", *celery, "worker", "--loglevel", "WARNING", "--without-mingle", "--without-gossip")
        schedule = ["--schedule", str(data_dir / "beat-schedule"), "--pidfile", ""]
        supervisor.start("beat", *celery, "beat", "--loglevel", "WARNING", *schedule)
        deadline = time.monotonic() + SECONDS_TO_READY
        supervisor.watch(servers, until=lambda: _is_ready(bind, port) or time.monotonic() > deadline)
        if time.monotonic() > deadline:
            raise CannotRun(f"The web server was not ready after {SECONDS_TO_READY} seconds; see {data_dir / 'logs'}.")
    say(f"\nDaybook is ready: http://{_from_here(bind)}:{port}/\n")
    sign_ins = data_dir / "demo-sign-ins.txt"
    if sign_ins.exists():
        sign_ins.chmod(0o600)
        say(sign_ins.read_text())
    say(f"Data and logs are in {data_dir}. Ctrl-C stops everything.\n")
    supervisor.watch(servers)


def _stop(supervisor: Supervisor, servers: list[Postgres | Valkey]) -> None:
    """First who writes, then the cache and broker, last the database."""
    if supervisor.children:
        with _step("Stopping every process (Ctrl-C hurries)", newline=True):
            supervisor.stop()
    for server in reversed(servers):
        with _step(f"Stopping {type(server).__name__}"):
            server.stop()


def _is_ready(bind: str, port: int) -> bool:
    host = words("ALLOWED_HOSTS", "localhost")[0].lstrip(".")
    connection = http.client.HTTPConnection(_from_here(bind).strip("[]"), port, timeout=2)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost" if host == "*" else host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _from_here(bind: str) -> str:
    """The name under which this machine reaches an address that a server is bound to."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)
    return f"[{host}]" if ":" in host else host


@contextlib.contextmanager
def _step(what: str, newline: bool = False) -> Iterator[None]:
    """Say what is being done, and how long it took. `newline` where processes write to the terminal meanwhile."""
    say(f"{what} ...", end="\n" if newline else "")
    began = time.monotonic()
    try:
        yield
    except BaseException:
        say()
        raise
    say(f"{'... done in' if newline else ''} {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
