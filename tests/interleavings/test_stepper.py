"""The stepper itself: what it must find it finds, in acts that are wrong on purpose."""

import pytest
from django.db import connection

from accounting.models import Account
from tests.interleavings.acts import posting
from tests.interleavings.orders import orders_of

Failed = pytest.fail.Exception


def test_a_lost_update_is_found(interleave):
    with pytest.raises(Failed, match="No serial order ends like this"):
        interleave(adding("A"), adding("B"))


def test_an_update_under_a_lock_is_left_alone(interleave):
    interleave(adding("A", locked=True), adding("B", locked=True))


def test_a_circle_of_waiting_is_found(interleave):
    with pytest.raises(Failed, match="deadlock: every act waits for another"):
        interleave(locking(1, 2), locking(2, 1))


def test_a_circle_of_three_is_found(interleave):
    with pytest.raises(Failed, match="deadlock: every act waits for another"):
        interleave(locking(1, 2), locking(2, 3), locking(3, 1))


def test_a_fault_of_an_act_is_found(interleave):
    with pytest.raises(Failed, match="B failed: ZeroDivisionError"):
        interleave(posting("a"), lambda _meeting: 1 // 0)


def test_few_orders_are_all_tried_and_of_many_the_telling_ones():
    assert sorted(orders_of([2, 1], most=8)) == [(0, 1, 0)]
    assert len(orders_of([3, 3], most=100)) == 20 - 2
    some = orders_of([5, 4], most=20)
    assert len(set(some)) == 20
    assert {(0, 1) * 4 + (0,), (1, 0) * 4 + (0,), (0,) * 4 + (1,) * 4 + (0,)} <= set(some)
    assert some == orders_of([5, 4], most=20)
    assert some != orders_of([5, 4], most=20, seed=2)


def adding(letter, *, locked=False):
    """Read, add a letter, write: two of them lose one unless the row is held."""

    def add(meeting):
        rows = Account.objects.for_company(meeting.company).filter(code="1000")
        name = (rows.select_for_update() if locked else rows).get().name
        rows.update(name=name + letter)

    return add


def locking(*numbers):
    def lock(_meeting):
        with connection.cursor() as cursor:
            for number in numbers:
                cursor.execute("SELECT pg_advisory_xact_lock(4711, %s)", [number])

    return lock
