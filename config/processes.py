"""Which processes live in a folder: the embedded servers make their data folder their working directory."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]


def living(program: str, folder: Path) -> list[psutil.Process]:
    """The living processes of a program in a folder."""
    return [process for process in psutil.process_iter() if works_in(process, program, folder)]


def works_in(process: psutil.Process, program: str, folder: Path) -> bool:
    """Whether this is a living process of the program in the folder."""
    with contextlib.suppress(psutil.Error):
        alive = process.name() == program and process.status() != psutil.STATUS_ZOMBIE
        return bool(alive and process.cwd() == str(folder))
    return False


def kill(processes: list[psutil.Process]) -> None:
    """End processes at once; one that has ended meanwhile is fine."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def within(seconds: float, true: Callable[[], object]) -> bool:
    """Wait until something is true, at most this long; tells whether it became true."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
