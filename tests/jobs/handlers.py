"""Kinds of work that only tests ask for."""

import os
import time
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection

from jobs.running import RunningJob, TryAgain
from tenants.refusal import Refused
from tenants.scope import company_scope
from tests.jobs.until import until

# What the handlers of this process were called with.
calls: list[RunningJob] = []


def count(job: RunningJob) -> dict[str, Any]:
    calls.append(job)
    total = job.parameters.get("total", 3)
    for number in range(1, total + 1):
        job.progress(number, total, f"Row {number}")
    job.save_file("report.txt", b"counted", "text/plain; charset=utf-8")
    return {"counted": total}


class NothingToDo(Refused):
    code = "nothing_to_do"


def refuse(job: RunningJob) -> dict[str, Any]:
    calls.append(job)
    raise NothingToDo("The file is empty.")


def break_down(job: RunningJob) -> dict[str, Any]:
    raise ZeroDivisionError("secret figure 42")


def unreachable(job: RunningJob) -> dict[str, Any]:
    calls.append(job)
    raise TryAgain("The bank does not answer.")


def flaky(job: RunningJob) -> dict[str, Any]:
    calls.append(job)
    if job.attempt == 1:
        raise OperationalError("deadlock detected")
    return {"attempt": job.attempt}


def lose_connection(job: RunningJob) -> dict[str, Any]:
    calls.append(job)
    if job.attempt == 1:
        with company_scope(job.company, actor=job.actor), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return {"attempt": job.attempt}


def hold(job: RunningJob) -> dict[str, Any]:
    """Goes on until the file that the parameters name is there."""
    calls.append(job)
    job.progress(1, 2, "Holding")
    while not Path(job.parameters["until"]).exists():
        job.progress(1, 2, "Holding")
        time.sleep(0.02)
    job.progress(2, 2, "Released")
    return {"pid": os.getpid()}


def hold_in_transaction(job: RunningJob) -> dict[str, Any]:
    """The same in the middle of one big transaction that has written something."""
    with company_scope(job.company, actor=job.actor):
        job.save_file("draft.txt", b"not yet committed")
        return hold(job)


def odd_result(job: RunningJob) -> dict[str, Any]:
    job.progress(1, 1, "zero \x00 and half \ud800")
    return {"text": "a\x00b\ud800c"}


def bad_result(job: RunningJob) -> dict[str, Any]:
    return {"what": object()}


def mark_once(job: RunningJob) -> dict[str, Any]:
    """Writes a line before and one after a wait: shows who ran, and how often to the end."""
    marks = Path(job.parameters["marks"])
    with marks.open("a") as out:
        out.write(f"start {job.attempt} {os.getpid()}\n")
    if job.attempt == 1:
        until(lambda: job.progress(1, 2, "In the middle"), seconds=60)
    with marks.open("a") as out:
        out.write(f"end {job.attempt} {os.getpid()}\n")
    return {"attempt": job.attempt}
