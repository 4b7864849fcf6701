"""`interleave(act, act, ...)`: the acts in every order, compared with one after the other."""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest

from accounting.chart import chart_of
from ledger.journals import journal_ids
from tenants.refusal import Refused
from tests.constitution.raw import seal_everything, system_scope
from tests.interleavings.acts import Act, Meeting, is_scoped
from tests.interleavings.books import State, findings_of, state_of
from tests.interleavings.companies import close_companies, new_company
from tests.interleavings.orders import MOST, Order, orders_of
from tests.interleavings.stepper import Lines, Stepper, Stuck, said_no

Given = Callable[[Meeting], Any]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What each act answered, and the books afterwards."""

    answers: tuple[Any, ...]
    state: State


@dataclasses.dataclass(frozen=True)
class Met:
    """Acts that have met in a company of their own."""

    company: Any
    stepper: Stepper

    def outcome(self) -> Outcome:
        """Looked at last, when a sealer that another transaction held up has numbered everything."""
        return Outcome(tuple(actor.answer for actor in self.stepper.actors), state_of(self.company))

    def fault(self) -> str:
        """A fault of an act, or of the books, in this order."""
        faults = [f"{actor.name} failed: {actor.fault!r}" for actor in self.stepper.actors if actor.fault]
        return "; ".join([*faults, *findings_of(self.company)])


@pytest.fixture
def lines(superuser_connection: psycopg.Connection) -> Iterator[Lines]:
    """Connections for the acts, and one that sees which backend waits for which."""
    superuser_connection.autocommit = True
    lines = Lines(superuser_connection)
    yield lines
    lines.close()
    close_companies(superuser_connection)


@pytest.fixture
def interleave(lines: Lines) -> Callable[..., None]:
    """Demands that acts which meet end like one act after the other (see the docstring of this package)."""
    return functools.partial(_interleave, lines)


def _interleave(lines: Lines, *acts: Act, given: Given | None = None, most: int = MOST) -> None:
    try:
        serial, mixed = _met(lines, acts, given, most)
    except Stuck as stuck:
        pytest.fail(str(stuck), pytrace=False)
    for met in (*serial, *mixed):
        seal_everything(met.company)
    allowed = [met.outcome() for met in serial]
    outcomes = itertools.chain(allowed, (met.outcome() for met in mixed))
    for met, outcome in zip((*serial, *mixed), outcomes, strict=True):
        if (fault := met.fault()) or outcome not in allowed:
            pytest.fail(_report(met, fault, outcome, allowed), pytrace=False)


def _met(lines: Lines, acts: Sequence[Act], given: Given | None, most: int) -> tuple[list[Met], list[Met]]:
    """The acts one after the other in every order, and step by step in many."""
    serial = [_serially(lines, acts, given, order) for order in itertools.permutations(range(len(acts)))]
    steps = [max(met.stepper.actors[n].steps for met in serial) for n in range(len(acts))]
    mixed = [_mixed(lines, acts, given, order) for order in orders_of(steps, max(most, MOST))]
    return serial, mixed


def _serially(lines: Lines, acts: Sequence[Act], given: Given | None, order: Order) -> Met:
    met = _meeting(lines, acts, given)
    met.stepper.run_serially(order)
    return met


def _mixed(lines: Lines, acts: Sequence[Act], given: Given | None, order: Order) -> Met:
    met = _meeting(lines, acts, given)
    met.stepper.run(order)
    return met


def _meeting(lines: Lines, acts: Sequence[Act], given: Given | None) -> Met:
    """A new company in which the acts are about to meet, its chart at hand as in a process that is at work."""
    meeting = Meeting(new_company(lines.watcher))
    with system_scope(meeting.company):
        meeting.given = given(meeting) if given and is_scoped(given) else None
        chart_of(meeting.company), journal_ids(meeting.company)
    if given and not is_scoped(given):
        meeting.given = given(meeting)
    return Met(meeting.company, Stepper(lines, [functools.partial(_in_scope, act, meeting) for act in acts]))


def _in_scope(act: Act, meeting: Meeting) -> Any:
    if not is_scoped(act):
        return act(meeting)
    with system_scope(meeting.company):
        try:
            return act(meeting)
        except Refused as refusal:
            if not refusal.frozen:
                raise
            # As in a request: the transaction commits, so that the refusal stays under its key.
            return said_no(refusal)


def _report(met: Met, fault: str, outcome: Outcome, allowed: Sequence[Outcome]) -> str:
    serial = [f"serial: {one.answers} {_different(one.state, outcome.state)}" for one in allowed]
    first = fault or f"No serial order ends like this: {outcome.answers} {_different(outcome.state, allowed[0].state)}"
    return "\n".join(line[:2000] for line in (first, *met.stepper.trace, *serial))


def _different(state: State, other: State) -> dict[str, Any]:
    """What is in these books and not in the others."""
    return {name: rows for name in state if (rows := [row for row in state[name] if row not in other[name]])}
