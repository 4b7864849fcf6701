"""Master data moves while others post, or while others move it too."""

import datetime
import uuid

from accounting.accounts import change_account, delete_account, freeze_account, open_account
from accounting.fiscal_years import open_fiscal_year
from accounting.models import Account, FiscalYear, NumberSeries
from accounting.numbers import skip_number, take_number
from ledger.journal_settings import change_journal, open_journal
from ledger.models import Journal
from tenants.membership import change_member
from tenants.models import Membership, User
from tests.interleavings.acts import closing, posting

NEXT_YEAR = datetime.date(2031, 5, 1)


def account(meeting, code="1000"):
    return Account.objects.for_company(meeting.company).get(code=code)


def test_posting_meets_the_freezing_of_its_account(interleave):
    interleave(posting("a"), lambda meeting: freeze_account(account(meeting)).status)


def test_posting_meets_the_deletion_of_its_account(interleave):
    interleave(posting("a"), lambda meeting: delete_account(account(meeting)))


def test_posting_meets_a_change_of_its_account(interleave):
    interleave(posting("a"), lambda meeting: change_account(account(meeting), name="Bank, main").name)


def test_posting_meets_the_closing_down_of_its_journal(interleave):
    interleave(posting("a"), retired_journal)


def test_posting_meets_the_opening_of_its_year(interleave):
    interleave(posting("a", date=NEXT_YEAR), opened_year)


def test_a_year_is_opened_by_two(interleave):
    interleave(opened_year, opened_year)


def test_a_year_is_opened_while_a_period_is_closed(interleave):
    interleave(opened_year, closing(datetime.date(2025, 1, 1)))


def test_an_account_is_opened_once(interleave):
    interleave(opened_account("Deposits"), opened_account("Advances"))


def test_an_account_is_changed_by_one_of_two_who_saw_the_same(interleave):
    interleave(renamed("Bank A"), renamed("Bank B"))


def test_a_journal_is_opened_once(interleave):
    interleave(opened_journal, opened_journal)


def test_two_owners_who_leave_at_once_leave_one_owner(interleave):
    interleave(leaving(0), leaving(1), given=two_owners)


def test_legal_numbers_are_taken_one_after_the_other(interleave):
    interleave(taken_number, taken_number, given=number_series)


def test_a_number_is_taken_while_another_is_skipped(interleave):
    interleave(taken_number, skipped_number, given=number_series)


def retired_journal(meeting):
    journal = Journal.objects.for_company(meeting.company).get(code="GEN")
    return change_journal(journal, is_active=False).is_active


def opened_year(_meeting):
    return open_fiscal_year(NEXT_YEAR).name


def opened_account(name):
    return lambda _meeting: open_account(code="1700", name=name, type="asset").name


def renamed(name):
    return lambda meeting: change_account(account(meeting), version=1, name=name).name


def opened_journal(_meeting):
    return open_journal(code="PAY", name="Payroll").code


def two_owners(meeting):
    people = [User.objects.create(email=f"{uuid.uuid4()}@example.com", name="Owner") for _owner in range(2)]
    rows = [Membership(company=meeting.company, user=person, role="owner") for person in people]
    return [row.pk for row in Membership.objects.bulk_create(rows)]


def leaving(number):
    def leave(meeting):
        membership = Membership.objects.for_company(meeting.company).get(pk=meeting.given[number])
        return change_member(membership, is_active=False).is_active

    return leave


def number_series(meeting):
    return NumberSeries.objects.create(company=meeting.company, code="TKT", name="Tickets").pk


def series_and_year(meeting):
    series = NumberSeries.objects.for_company(meeting.company).get(pk=meeting.given)
    return series, FiscalYear.objects.for_company(meeting.company).latest("start")


def taken_number(meeting):
    return take_number(*series_and_year(meeting), subject="invoice", subject_id=uuid.uuid4())


def skipped_number(meeting):
    return skip_number(*series_and_year(meeting), reason="spoilt form")
