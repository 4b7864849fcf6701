"""Steps acts through one order of their statements, each act in a thread with a database connection of its own."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import psycopg
from django.db import connections

from tenants.refusal import Refused

PATIENCE = 20.0  # seconds until a step that neither ends nor waits for a lock is given up
GLANCE = 0.005  # seconds that most statements take no longer than
# Statements that touch nothing but the session that sends them: no order of theirs can matter.
OWN_AFFAIR = ("SAVEPOINT", "RELEASE SAVEPOINT", "SELECT set_config(", "SELECT current_setting(")
GOING, AT_GATE, ENDED = "going", "at a gate", "ended"


def said_no(refusal: Refused) -> str:
    """A refusal as an answer."""
    return f"refused: {refusal.code}"


class Stuck(Exception):
    """The acts wait for each other in a circle, or one of them never comes to an end."""

    def __init__(self, why: str, trace: Iterable[str]) -> None:
        super().__init__("\n".join([why, *trace]))


class Actor:
    """One act. It stops at a gate before every statement and before its commit, until it is let go."""

    def __init__(self, name: str, act: Callable[[], Any], line: Any, news: threading.Condition) -> None:
        self.name = name
        self.line = line
        self.answer: Any = None
        self.fault: Exception | None = None
        self.state = GOING
        self.before = ""
        self.pid = 0
        self.steps = 0
        self.unstoppable = False
        self._act = act
        self._news = news
        self.thread = threading.Thread(target=self._run, name=f"act-{name}", daemon=True)

    def let_go(self) -> None:
        """Open the gate."""
        with self._news:
            self.state = GOING
            self.steps += 1
            self._news.notify_all()

    def _run(self) -> None:
        connections["default"] = self.line
        try:
            self.line.ensure_connection()
            self.pid = self.line.connection.info.backend_pid
            with (
                self._guarded("_commit", "COMMIT"),
                self._guarded("_rollback", "ROLLBACK"),
                self.line.execute_wrapper(self._before_statement),
            ):
                self.answer = self._act()
        except Refused as refusal:
            self.answer = said_no(refusal)
        except Exception as fault:
            self.fault = fault
            self.line.close()
        finally:
            with self._news:
                self.state = ENDED
                self._news.notify_all()

    @contextlib.contextmanager
    def _guarded(self, method: str, name: str) -> Iterator[None]:
        """A commit or rollback is a step like any statement: it lets go of locks and shows what was written."""
        end = getattr(self.line, method)

        def stop_then_end() -> Any:
            self._stop(name)
            return end()

        setattr(self.line, method, stop_then_end)
        try:
            yield
        finally:
            delattr(self.line, method)

    def _before_statement(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(OWN_AFFAIR):
            self._stop(str(sql))
        return execute(sql, params, many, context)

    def _stop(self, before: str) -> None:
        with self._news:
            self.before = " ".join(before.split())[:90]
            if not self.unstoppable:
                self.state = AT_GATE
            self._news.notify_all()
            self._news.wait_for(lambda: self.state == GOING)


class Lines:
    """The database connections that the acts work on, kept from one order to the next, and one that watches them."""

    def __init__(self, watcher: psycopg.Connection) -> None:
        self.watcher = watcher
        self._lines: list[Any] = []

    def __getitem__(self, number: int) -> Any:
        while len(self._lines) <= number:
            line = connections.create_connection("default")
            line.inc_thread_sharing()
            self._lines.append(line)
        return self._lines[number]

    def close(self) -> None:
        """End the connections."""
        for line in self._lines:
            line.close()


class Stepper:
    """Runs acts side by side."""

    def __init__(self, lines: Lines, acts: Sequence[Callable[[], Any]]) -> None:
        self._watcher = lines.watcher
        self._news = threading.Condition()
        self.actors = [Actor("ABCDEFGH"[n], act, lines[n], self._news) for n, act in enumerate(acts)]
        self.trace: list[str] = []

    def run(self, order: Iterable[int]) -> None:
        """Give each act a step when its number comes up, then go on in turn until all have ended.

        A turn of an act that waits for a lock, or has ended, passes.
        """
        try:
            for actor in self.actors:
                actor.thread.start()
            self._settle()
            for number in order:
                self._step(self.actors[number])
            while not self._all_ended():
                self._refuse_circle()
                for actor in self.actors:
                    self._step(actor)
        finally:
            self._end_all()

    def run_serially(self, order: Iterable[int]) -> None:
        """Run each act to its end before the next begins."""
        self.run(number for number in order for _step in iter(lambda n=number: self.actors[n].state == ENDED, True))

    def _step(self, actor: Actor) -> None:
        if actor.state == AT_GATE:
            self.trace.append(f"{actor.name}: {actor.before}")
            actor.let_go()
            self._settle()

    def _settle(self) -> None:
        """Wait until every act stands at a gate, has ended, or waits for a lock that another act holds."""
        deadline = time.monotonic() + PATIENCE
        while going := self._going_on():
            waiting = self._waiting()
            if all(actor.pid in waiting for actor in going):
                self.trace.extend(f"   {actor.name} waits" for actor in going)
                return
            if time.monotonic() > deadline:
                names = ", ".join(actor.name for actor in going)
                raise Stuck(f"{names} neither ends nor waits for another act", self.trace)

    def _going_on(self) -> list[Actor]:
        """Who neither stands at a gate nor has ended: seldom anybody, for most statements take no longer than a glance."""

        def going() -> list[Actor]:
            return [actor for actor in self.actors if actor.state == GOING]

        with self._news:
            self._news.wait_for(lambda: not going(), GLANCE)
            return going()

    def _waiting(self) -> set[int]:
        pids = [actor.pid for actor in self.actors if actor.pid]
        rows = self._watcher.execute(
            "SELECT pid FROM unnest(%(pids)s::int[]) pid WHERE pg_blocking_pids(pid) && %(pids)s::int[]", {"pids": pids}
        )
        return {pid for (pid,) in rows}

    def _refuse_circle(self) -> None:
        if not any(actor.state == AT_GATE for actor in self.actors):
            raise Stuck("deadlock: every act waits for another", self.trace)

    def _all_ended(self) -> bool:
        return all(actor.state == ENDED for actor in self.actors)

    def _end_all(self) -> None:
        """Whatever happened: no thread is left behind, and no backend."""
        for actor in self.actors:
            actor.unstoppable = True
            if actor.state == AT_GATE:
                actor.let_go()
        for actor in self.actors:
            actor.thread.join(PATIENCE)
            if actor.thread.is_alive():
                self._watcher.execute("SELECT pg_terminate_backend(%s)", [actor.pid])
                actor.thread.join(PATIENCE)
