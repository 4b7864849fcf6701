"""Settlements of the same items meet each other, their undoing, reversals, and the closing of a period."""

import datetime
from decimal import Decimal

from accounting.accounts import open_sub_account
from accounting.models import Account
from ledger.allocation import allocate, allocate_lines
from ledger.allocation_plan import Pair
from ledger.allocation_undo import undo_settlement
from ledger.models import Allocation, Line, Settlement
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from tenants.scope import current_scope
from tests.interleavings.acts import FEBRUARY, JANUARY, MARCH, closing, said, sealing


def test_two_clerks_settle_an_invoice_with_one_payment_each(interleave):
    """100.00 are open: 80.00 and 70.00 do not both go."""
    interleave(settling("a", ("invoice", "big", "80")), settling("b", ("invoice", "small", "70")), given=open_items)


def test_one_payment_settles_no_more_than_it_is(interleave):
    interleave(settling("a", ("invoice", "big", "80")), settling("b", ("second", "big", "80")), given=open_items)


def test_a_settlement_sent_twice_is_made_once(interleave):
    interleave(settling("a", ("invoice", "big", "80")), settling("a", ("invoice", "big", "80")), given=open_items)


def test_settlements_that_name_the_same_lines_in_opposite_order_do_not_wait_in_a_circle(interleave):
    forwards = settling("a", ("invoice", "big", "10"), ("second", "small", "10"))
    backwards = settling("b", ("second", "small", "20"), ("invoice", "big", "20"))
    interleave(forwards, backwards, given=open_items)


def test_three_clerks_settle_what_is_oldest(interleave):
    acts = [settling_all(key, "invoice", "second", payment) for key, payment in (("a", "big"), ("b", "small"))]
    interleave(*acts, settling("c", ("second", "small", "50")), given=open_items)


def test_a_settlement_is_taken_back_once(interleave):
    interleave(undoing, undoing, given=settled_items)


def test_what_is_taken_back_meets_another_settlement_of_the_item(interleave):
    interleave(undoing, settling("b", ("invoice", "small", "70")), given=settled_items)


def test_a_settlement_meets_the_reversal_of_its_invoice(interleave):
    interleave(settling("a", ("invoice", "big", "80")), reversing_the("invoice"), given=open_items)


def test_a_settlement_meets_the_closing_of_its_month(interleave):
    interleave(settling("a", ("invoice", "big", "80")), closing(FEBRUARY), given=items_after_january)


def test_a_settlement_across_currencies_posts_its_difference_once(interleave):
    acts = [settling("a", ("dollars", "less", "100")), settling("a", ("dollars", "less", "100"))]
    interleave(*acts, given=foreign_items)


def test_two_settlements_across_currencies_meet_the_sealer(interleave):
    acts = [settling(key, ("dollars", "less", "60")) for key in "ab"]
    interleave(*acts, sealing, given=foreign_items)


def posted_item(key, date, amount, currency="", rate=None):
    """The line of customer One."""
    value, worth = Decimal(amount), Decimal(amount) * Decimal(rate or 1)
    line = NewLine("1100", value, currency, rate=rate and Decimal(rate), sub_account="C1")
    posted = post(NewEntry(key, date, (line, NewLine("4000", -worth)), memo=key))
    return Line.objects.for_company(current_scope().company).get(entry_id=posted.id, number=1).pk


def open_items(meeting):
    account = Account.objects.for_company(meeting.company).get(code="1100")
    open_sub_account(account, code="C1", name="Customer One")
    return {
        "invoice": posted_item("invoice", JANUARY, "100.00"),
        "second": posted_item("second", JANUARY, "100.00"),
        "big": posted_item("big", FEBRUARY, "-80.00"),
        "small": posted_item("small", FEBRUARY, "-70.00"),
    }


def items_after_january(meeting):
    items = open_items(meeting)
    closing(JANUARY)(meeting)
    return items


def settled_items(meeting):
    meeting.given = open_items(meeting)
    settling("first", ("invoice", "big", "80"))(meeting)
    return meeting.given


def foreign_items(meeting):
    for code, name, kind in (("4900", "Gains", "income"), ("5950", "Losses", "expense")):
        role = f"exchange_{'gain' if kind == 'income' else 'loss'}"
        Account.objects.create(
            company=meeting.company, code=code, name=name, type=kind, subtype=role, role=role
        )  # fmt: skip
    account = Account.objects.for_company(meeting.company).get(code="1100")
    open_sub_account(account, code="C1", name="Customer One")
    return {
        "dollars": posted_item("dollars", JANUARY, "100.00", "USD", "0.90"),
        "less": posted_item("less", FEBRUARY, "-100.00", "USD", "0.80"),
    }


def settling(key, *pairs):
    def settle(meeting):
        named = [Pair(meeting.given[d], meeting.given[c], Decimal(amount)) for d, c, amount in pairs]
        return ("again" if allocate(named, key=key).replayed else "settled", key)

    return settle


def settling_all(key, *names):
    """Whatever of these is open, the oldest first."""

    def settle(meeting):
        made = allocate_lines([meeting.given[name] for name in names], key=key)
        rows = Allocation.objects.for_company(meeting.company).filter(settlement_id=made.id)
        return sorted(rows.values_list("debit_line__memo", "debit_amount"))

    return settle


def undoing(meeting):
    first = Settlement.objects.for_company(meeting.company).get(key__endswith="first")
    made = undo_settlement(first.pk, date=MARCH, reason="wrong invoice")
    return Settlement.objects.for_company(meeting.company).filter(undoes=first, pk=made).count()


def reversing_the(name):
    def act(meeting):
        entry = Line.objects.for_company(meeting.company).get(pk=meeting.given[name]).entry_id
        return said(reverse(entry, date=datetime.date(2025, 4, 1), reason="typing error"))

    return act
