"""Spenders who meet at a budget that stops: they take turns, and the second sees what the first has spent."""

from decimal import Decimal

import pytest
from psycopg.errors import CheckViolation

from ledger.budget_versions import activate_budget
from ledger.models import Line
from tests.constitution.raw import (
    enter,
    header,
    in_threads,
    line,
    pid_of,
    raw_post,
    refused,
    system_scope,
    wait_until_blocked_by,
)  # fmt: skip
from tests.ledger.budget_books import BANK, RENT, a_budget, day, planned, spend


def answer_of(thread):
    thread.join(30)
    return thread.answers[0]


def committed_budget(company, *lines, **fields):
    with system_scope(company):
        return a_budget(*lines, **fields)


def test_twenty_spenders_at_once_never_pass_the_plan(committed_company):
    company = committed_company
    committed_budget(company, *planned("100.00"), control="stop")

    def one(number):
        with system_scope(company):
            return spend("10.00", key=f"spend {number}")

    answers = in_threads(20, one)

    assert sorted(type(answer).__name__ for answer in answers) == ["BudgetExceeded"] * 10 + ["Posted"] * 10


def raw_rent(company, amount):
    entry = header(company, date=day(1))
    value = Decimal(amount)
    return entry, [line(company, entry, 1, RENT, value), line(company, entry, 2, BANK, -value)]


def spent(company):
    with system_scope(company):
        return sum(Line.objects.for_company(company).filter(account__code=RENT).values_list("amount", flat=True))


@pytest.mark.parametrize(("end", "answer"), [("commit", "BudgetExceeded"), ("rollback", "Posted")])
def test_the_second_of_two_spenders_waits_and_then_sees_what_the_first_has_spent(
    committed_company, runtime_connection, superuser_connection, in_background, end, answer
):
    company = committed_company
    committed_budget(company, *planned("100.00"), control="stop")
    enter(runtime_connection, company)
    raw_post(runtime_connection, *raw_rent(company, "60.00"))

    def second():
        with system_scope(company):
            return spend("60.00")

    waiting = in_background(second)
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    getattr(runtime_connection, end)()

    assert type(answer_of(waiting)).__name__ == answer
    assert spent(company) == 60


def test_who_activates_a_stop_waits_for_the_spender_in_flight(
    committed_company, runtime_connection, superuser_connection, in_background
):
    company = committed_company
    budget = committed_budget(company, *planned("100.00"), control="stop", active=False)
    enter(runtime_connection, company)
    raw_post(runtime_connection, *raw_rent(company, "900.00"))

    def activate():
        with system_scope(company):
            return activate_budget(budget.pk).state

    waiting = in_background(activate)
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    runtime_connection.commit()
    assert answer_of(waiting) == "active"

    enter(runtime_connection, company)
    with refused(CheckViolation, "budget_exceeded"):
        raw_post(runtime_connection, *raw_rent(company, "0.01"))
