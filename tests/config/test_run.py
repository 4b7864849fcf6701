"""`make run`: what it refuses, how it watches its processes, and that it stops without leaving anything behind."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.environment import BASE_DIR
from config.processes import living
from config.run import only_run_on, refuse_taken_port, secret_key, static_files_changed
from config.supervisor import MARK, CannotRun, StopWished, StopWishes, Supervisor, end_leftovers

SLEEPS = "import time; print('working'); time.sleep(600)"
# Asked to stop, it goes on, and presses Ctrl-C for the impatient person at the terminal.
NEVER_STOPS = (
    "import os, signal, time; signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getppid(), signal.SIGINT));"
    "print('working'); [time.sleep(1) for _ in range(600)]"
)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """Looks after processes that are all gone after the test."""
    supervisor = Supervisor(tmp_path, StopWishes())
    yield supervisor
    for child in supervisor.children:
        child.end()


@pytest.fixture
def listening_wishes() -> Iterator[StopWishes]:
    """Real signals are wishes during the test."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    wishes = StopWishes()
    wishes.listen()
    yield wishes
    for number, handler in before.items():
        signal.signal(number, handler)


def wait_until(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def marked(data_dir: Path) -> list[psutil.Process]:
    """The living processes that a run on this folder looks after."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(data_dir) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_a_second_run_on_the_same_folder_is_refused_by_name(tmp_path):
    with (
        only_run_on(tmp_path),
        pytest.raises(CannotRun, match=rf"already runs on {tmp_path} \(process {os.getpid()}\)"),
        only_run_on(tmp_path),
    ):
        pass
    with only_run_on(tmp_path):
        pass


def test_a_killed_run_does_not_keep_the_folder(tmp_path):
    code = (
        "import time; from pathlib import Path; from config.run import only_run_on\n"
        f"with only_run_on(Path({str(tmp_path)!r})): print('holding', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        with pytest.raises(CannotRun), only_run_on(tmp_path):
            pass
        holder.kill()
        holder.wait()

    with only_run_on(tmp_path):
        pass


def test_a_taken_port_is_told_at_once():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotRun, match=f"Port {port} on 127.0.0.1 is taken"):
            refuse_taken_port("127.0.0.1", port)
    refuse_taken_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(CannotRun, match=re.escape("cannot listen on 192.0.2.1")):
        refuse_taken_port("192.0.2.1", free_port())


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    key = secret_key(tmp_path)

    assert len(key) > 50
    assert secret_key(tmp_path) == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_static_files_are_collected_again_only_when_one_has_changed(tmp_path):
    assert static_files_changed(tmp_path)
    manifest = tmp_path / "staticfiles.json"
    manifest.touch()
    assert not static_files_changed(tmp_path)
    os.utime(manifest, (0, 0))
    assert static_files_changed(tmp_path)


def test_a_process_that_dies_is_named_with_its_last_lines(supervisor):
    supervisor.start("clock", "-c", SLEEPS)
    supervisor.start("worker", "-c", "print('out of memory'); raise SystemExit(3)")

    with pytest.raises(CannotRun, match=r"worker ended unexpectedly \(exit code 3\)(.|\n)*out of memory"):
        supervisor.watch([])


def test_a_process_that_was_well_and_dies_is_started_again(supervisor, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("config.supervisor.SECONDS_OF_HEALTH", 0)
    been = tmp_path / "been-here"
    dies_once = (
        f"from pathlib import Path; been = Path({str(been)!r})\nif not been.exists(): been.touch(); exit(1)\n{SLEEPS}"
    )
    first = supervisor.start("worker", "-c", dies_once)

    supervisor.watch([], until=lambda: supervisor.children != [first] and supervisor.children[0].last_lines)

    (again,) = supervisor.children
    assert (again.name, again.is_running(), list(again.last_lines)) == ("worker", True, ["working"])
    assert "worker ended unexpectedly and is started again (exit code 1)" in capsys.readouterr().out


def test_output_goes_to_the_terminal_with_its_origin_and_to_a_log(supervisor, tmp_path, capsys):
    child = supervisor.start("web", "-c", "print('GET /')")
    wait_until(lambda: not child.is_running())
    child.end()

    assert "web    | GET /" in capsys.readouterr().out
    assert (tmp_path / "logs" / "web.log").read_text() == "GET /\n"


def test_a_preparation_that_fails_stops_the_run_and_says_why(supervisor):
    supervisor.run_to_end("collectstatic", "-c", "print('fine')")
    with pytest.raises(CannotRun, match=r"migrate failed \(exit code 1\)(.|\n)*no such table"):
        supervisor.run_to_end("migrate", "-c", "raise SystemExit('no such table')")


def test_a_wish_to_stop_ends_the_watch_and_the_processes_finish_by_themselves(supervisor):
    finishes = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *a: sys.exit(print('finished') or 0));"
        "print('working'); time.sleep(600)"
    )
    child = supervisor.start("worker", "-c", finishes)
    wait_until(lambda: "working" in child.last_lines)
    supervisor.wishes.count = 1

    with pytest.raises(StopWished):
        supervisor.watch([])
    supervisor.stop()

    assert child.process.returncode == 0
    assert child.last_lines[-1] == "finished"


def test_a_further_wish_hurries(supervisor, listening_wishes):
    supervisor.wishes = listening_wishes
    child = supervisor.start("worker", "-c", NEVER_STOPS)
    wait_until(lambda: "working" in child.last_lines)

    began = time.monotonic()
    supervisor.stop()

    assert child.process.returncode == -signal.SIGKILL
    assert time.monotonic() - began < 10


def test_what_a_process_started_ends_with_it(supervisor, tmp_path):
    child = supervisor.start(
        "worker", "-c", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]); {SLEEPS}"
    )
    wait_until(lambda: child.last_lines.count("working") == 2)
    supervisor.stop()

    wait_until(lambda: not marked(tmp_path))


def test_ctrl_c_twice_is_two_wishes_but_one_signal_sent_twice_at_once_is_one(listening_wishes):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    assert listening_wishes.count == 1

    wait_until(lambda: os.kill(os.getpid(), signal.SIGINT) or listening_wishes.count == 2)


def test_what_a_killed_run_left_behind_is_ended_and_nothing_else(tmp_path, supervisor):
    other = supervisor.start("other", "-c", SLEEPS)
    folder = tmp_path / "killed"
    with subprocess.Popen([sys.executable, "-c", SLEEPS], env={**os.environ, MARK: str(folder)}):
        wait_until(lambda: marked(folder))
        end_leftovers(folder)
        assert not marked(folder)

    assert other.is_running()


@pytest.mark.long
def test_the_whole_of_daybook_starts_answers_and_stops():
    with tempfile.TemporaryDirectory(prefix="daybook-test-run-") as folder:
        _run_daybook_once(Path(folder))


def metrics_of(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def metric(page: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))


def _run_daybook_once(folder: Path) -> None:
    port = free_port()
    ours = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CELERY_BROKER_URL", "STATIC_STORAGE", "SECRET_KEY"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment |= {"DAYBOOK_DATA": str(folder / "data"), "DAYBOOK_PORT": str(port), "LOG_LEVEL": "INFO"}
    environment["STATIC_ROOT"] = str(folder / "static")
    output = folder / "output.txt"
    with (
        output.open("w") as out,
        subprocess.Popen([sys.executable, "-m", "config.run"], cwd=BASE_DIR, env=environment, stdout=out) as run,
    ):
        try:
            wait_until(lambda: "Daybook is ready" in output.read_text() or run.poll() is not None, seconds=180)
            assert run.poll() is None, output.read_text()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/readyz")
            assert connection.getresponse().status == 200
            connection.close()
            # The relay runs in the worker: the web process tells its figures too.
            wait_until(lambda: 'daybook_jobs_under_way{kind="ledger.import_journal"' in metrics_of(port), seconds=30)
            assert metric(metrics_of(port), "daybook_db_connections") > 0
            assert "daybook_seal_lag_seconds" in metrics_of(port)
        finally:
            run.send_signal(signal.SIGTERM)
            code = run.wait(timeout=90)
    assert code == 0, output.read_text()
    assert not marked(folder / "data")
    assert not living("postgres", folder / "data" / "postgres")
    assert not living("valkey-server", folder / "data" / "valkey")
