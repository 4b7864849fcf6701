"""The processes that `make run` looks after: started, logged, watched and stopped together."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol

import psutil  # type: ignore[import-untyped]

from config.environment import BASE_DIR
from config.processes import kill
from config.servers import keep_previous

# Set for every process that a run looks after, to the data folder of the run.
MARK = "DAYBOOK_STARTED_BY"
SECONDS_TO_FINISH = 20
# A process that has lived this long was well: it is started again when it dies. One that dies sooner would die again.
SECONDS_OF_HEALTH = 10.0


class CannotRun(Exception):
    """Daybook cannot start or cannot go on; the message is for the person at the terminal."""


class StopWished(Exception):
    """Somebody pressed Ctrl-C, or ended the run from outside."""


class Server(Protocol):
    """What the watch needs to know of an embedded server."""

    @property
    def log(self) -> Path: ...

    def is_running(self) -> bool: ...


def say(text: str = "", end: str = "\n") -> None:
    """Tell the person at the terminal."""
    # A closed terminal must not keep the run from stopping in order.
    with contextlib.suppress(OSError):
        sys.stdout.write(text + end)
        sys.stdout.flush()


class StopWishes:
    """Counts the wishes to stop: Ctrl-C, SIGTERM, a closed terminal."""

    def __init__(self) -> None:
        self.count = 0
        self._last = 0.0

    def listen(self) -> None:
        """From now on a signal is a wish, not the end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._add)

    def _add(self, number: int, frame: FrameType | None) -> None:
        # `make` passes on a signal that the terminal or `timeout` has also sent to us: that is one wish.
        if time.monotonic() - self._last > 1:
            self.count += 1
            self._last = time.monotonic()


class Child:
    """One process, with its log on disk and its last lines at hand."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: dict[str, str], echo: bool) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.began = time.monotonic()
        self.echo = echo
        self.last_lines: deque[str] = deque(maxlen=20)
        keep_previous(log)
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Out of the terminal's reach: Ctrl-C is for the run, which then stops its processes in order.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._copy_output, daemon=True)
        self._reader.start()

    def is_running(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.poll() is None

    def end(self) -> None:
        """End the process and whatever it started, at once."""
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(timeout=5)

    def account(self) -> str:
        """How the process ended, with its last lines."""
        self._reader.join(timeout=5)
        lines = "".join(f"    {line}\n" for line in self.last_lines)
        return f"(exit code {self.process.returncode}). Its last lines:\n{lines}    (log: {self.log})"

    def _copy_output(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines, self.log.open("w", buffering=1) as log:
            for line in lines:
                log.write(line)
                self.last_lines.append(line.rstrip())
                if self.echo:
                    say(f"{self.name:<6} | {line.rstrip()}")


class Supervisor:
    """Looks after the processes of one run."""

    def __init__(self, data_dir: Path, wishes: StopWishes) -> None:
        self.data_dir = data_dir
        self.wishes = wishes
        self.children: list[Child] = []

    def start(self, name: str, *command: str, echo: bool = True) -> Child:
        """Start a Python program that is to run as long as Daybook does."""
        logs = self.data_dir / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        environment = {**os.environ, MARK: str(self.data_dir), "PYTHONUNBUFFERED": "1"}
        child = Child(name, command, logs / f"{name}.log", environment, echo)
        self.children.append(child)
        return child

    def run_to_end(self, name: str, *command: str) -> None:
        """Run a Python program that has to succeed before Daybook goes on."""
        child = self.start(name, *command, echo=False)
        while child.is_running():
            self.heed_wishes()
            time.sleep(0.05)
        self.children.remove(child)
        if child.process.returncode:
            raise CannotRun(f"{name} failed {child.account()}")
        child.end()

    def heed_wishes(self) -> None:
        """Go no further once somebody has wished the end."""
        if self.wishes.count:
            raise StopWished

    def watch(self, servers: Sequence[Server], until: Callable[[], bool] = lambda: False) -> None:
        """Wait for something, or for ever, as long as everything runs and nobody wishes the end."""
        while not until():
            self.heed_wishes()
            for child in list(self.children):
                if not child.is_running():
                    self._start_again(child)
            for server in servers:
                if not server.is_running():
                    lines = server.log.read_text(errors="replace").splitlines()[-15:]
                    raise CannotRun("\n    ".join([f"{type(server).__name__} ended unexpectedly.", *lines]))
            time.sleep(0.3)

    def _start_again(self, child: Child) -> None:
        """As systemd would: Celery's worker, for one, ends when the broker goes away while it has work in hand."""
        if time.monotonic() - child.began < SECONDS_OF_HEALTH:
            raise CannotRun(f"{child.name} ended unexpectedly {child.account()}")
        child.end()
        self.children.remove(child)
        say(f"{child.name} ended unexpectedly and is started again {child.account()}")
        self.start(child.name, *child.command, echo=child.echo)

    def stop(self) -> None:
        """Ask every process to finish what it has in hand; end what has not finished in time."""
        wishes_so_far = self.wishes.count
        for child in self.children:
            if child.is_running():
                child.process.terminate()
        deadline = time.monotonic() + SECONDS_TO_FINISH
        while any(child.is_running() for child in self.children):
            if time.monotonic() > deadline or self.wishes.count > wishes_so_far:
                break
            time.sleep(0.05)
        for child in self.children:
            child.end()


def end_leftovers(data_dir: Path) -> None:
    """End the web server and the workers that a killed run on this data folder left behind."""
    left = [process for process in psutil.process_iter() if _started_by(process) == str(data_dir)]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _ended, stubborn = psutil.wait_procs(left, timeout=SECONDS_TO_FINISH)
    kill(stubborn)


def _started_by(process: psutil.Process) -> str | None:
    with contextlib.suppress(psutil.Error):
        mark = process.environ().get(MARK)
        return str(mark) if mark else None
    return None
