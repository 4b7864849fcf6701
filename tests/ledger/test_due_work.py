"""What is due posts itself in every company, once, and one company's trouble is its own."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from ledger.deferrals import start_deferral
from ledger.draft_content import DraftedLine
from ledger.due_work import do_due_work
from ledger.entry_templates import save_template
from ledger.holds import reserve
from ledger.limits import set_limit
from ledger.models import Hold
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.recurring import make_due, start_recurring
from tenants.scope import current_scope
from tests.books import DAY, sale
from tests.conftest import make_company
from tests.constitution.raw import ids_of, system_scope
from tests.jobs.until import until

RENT = (DraftedLine("5000", Decimal(8)), DraftedLine("1000", Decimal(-8)))


@pytest.fixture(autouse=True)
def others_are_closed(committed_company, superuser_connection):
    """Companies of other tests may be corrupt on purpose: they are out of business meanwhile."""
    closed = superuser_connection.execute(
        "UPDATE tenants_company SET is_active = false WHERE is_active AND id <> %s RETURNING id", [committed_company.pk]
    ).fetchall()
    superuser_connection.commit()
    yield
    superuser_connection.execute(
        "UPDATE tenants_company SET is_active = true WHERE id = ANY (%s)", [[pk for (pk,) in closed]]
    )
    superuser_connection.commit()


faulty_in: list[Any] = []


def of_ledger(done: dict[str, int]) -> dict[str, int]:
    """What was done of the ledger's own."""
    return {kind: done[kind] for kind in ("recurring", "auto_reversal", "deferral", "hold_expiry")}


def faulty(day: Any) -> int:
    """Fails in some companies, and makes recurring entries in the others."""
    if current_scope().company in faulty_in:
        raise ZeroDivisionError
    return make_due(day)


def plan(company):
    """One thing of each kind, due by now; answers with when the hold is over."""
    with system_scope(company):
        post(sale("100.00"))
        start_recurring(save_template("Rent", RENT).pk, start=DAY, end=DAY)
        lines = (NewLine("1000", Decimal(1)), NewLine("4000", Decimal(-1)))
        post(NewEntry("accrual", DAY, lines, reverse_on=datetime.date(2026, 4, 1)))
        start_deferral(
            name="x",
            from_account="1500",
            to_account="5000",
            amount=Decimal(10),
            start=DAY,
            end=datetime.date(2026, 4, 30),
        )
        limit = set_limit(ids_of(company).accounts["1000"], floor=Decimal(0))
        expires = timezone.now() + datetime.timedelta(seconds=1)
        reserve(limit.pk, Decimal("-1.00"), key="h", expires_at=expires)
    until(lambda: timezone.now() > expires)


def test_each_thing_is_done_once_in_every_company(committed_company):
    other = make_company()
    plan(committed_company)
    plan(other)

    assert of_ledger(do_due_work()) == {"recurring": 2, "auto_reversal": 2, "deferral": 4, "hold_expiry": 2}
    assert of_ledger(do_due_work()) == {"recurring": 0, "auto_reversal": 0, "deferral": 0, "hold_expiry": 0}


def test_a_fault_in_one_company_keeps_no_other_waiting_and_is_raised(committed_company, settings):
    other = make_company()
    plan(other)
    faulty_in.append(committed_company)
    settings.DUE_WORK = {**settings.DUE_WORK, "recurring": f"{__name__}.faulty"}
    with pytest.raises(ExceptionGroup) as raised:
        do_due_work()
    assert [type(one) for one in raised.value.exceptions] == [ZeroDivisionError]
    faulty_in.clear()
    assert set(do_due_work().values()) == {0}, "the other company had everything done in the first round"


def test_what_somebody_holds_is_put_off_to_the_next_round(committed_company, superuser_connection):
    plan(committed_company)
    with superuser_connection.transaction():
        superuser_connection.execute("SELECT FROM ledger_hold FOR UPDATE")
        assert of_ledger(do_due_work()) == {"recurring": 1, "auto_reversal": 1, "deferral": 2, "hold_expiry": 0}
    assert do_due_work()["hold_expiry"] == 1
    with system_scope(committed_company):
        assert Hold.objects.for_company(committed_company).get().ends.count() == 1
