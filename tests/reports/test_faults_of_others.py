"""What reports of other systems got wrong (notes/peers.md, T30 to T37), asked of ours."""

import datetime
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from accounting.models import Account, FiscalYear
from ledger.balances import balances
from ledger.draft_approval import reject_draft, submit_draft
from ledger.drafts import save_draft
from ledger.holds import reserve, void_hold
from ledger.limits import set_limit
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse as reverse_entry
from ledger.year_closing import close_year
from reports.catalogue import CATALOGUE
from reports.table import Asked
from tenants.approvals import set_rule
from tenants.permissions import permissions_of_role
from tenants.scope import Actor, acting_as
from tests.conftest import make_company, make_member
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, draft, line, posted
from tests.ledger.test_drafts import content

D = Decimal
END, NEXT = datetime.date(2026, 12, 31), datetime.date(2027, 1, 1)


def book(key, date, *lines):
    return post(NewEntry(key, date, tuple(NewLine(code, D(amount)) for code, amount in lines)))


def balance_of(company, date, start=None):
    report = CATALOGUE["trial-balance"].make(company, Asked(date, start))
    keys = [column.key for column in report.columns]
    rows = [dict(zip(keys, (cell.value for cell in row.cells), strict=True)) for row in report.rows]
    return {row["account"]: row for row in rows if row["account"][:1].isdigit()}


def cells_of(company, name):
    kind = CATALOGUE[name]
    report = kind.make(company, Asked(END, datetime.date(2026, 1, 1) if "start" in kind.heeds else None))
    return [[cell.value for cell in row.cells] for row in report.rows]


def person(role):
    return Actor(type="user", name=role, id=uuid.uuid4(), permissions=permissions_of_role(role))


@pytest.mark.parametrize("is_closed", [False, True])
def test_t30_a_year_opens_with_what_the_one_before_closed_with(scope, is_closed):
    book("capital", datetime.date(2026, 1, 5), ("1000", "1000"), ("3000", "-1000"))
    book("sale", datetime.date(2026, 5, 5), ("1000", "300"), ("4000", "-300"))
    book("rent", datetime.date(2026, 6, 5), ("5000", "80"), ("1000", "-80"))
    if is_closed:
        close_year(FiscalYear.objects.for_company(scope.company).get(name="2026").pk)
    closing = {one.account_id: one.amount for one in balances(scope.company, END)}
    opening = balance_of(scope.company, datetime.date(2027, 3, 1), NEXT)
    assert sorted(row["opening"] for row in opening.values() if row["opening"]) == sorted(
        filter(None, closing.values())
    )
    if is_closed:
        assert all(not row["opening"] for name, row in opening.items() if name[0] in "45")
    profit = CATALOGUE["profit-and-loss"].make(scope.company, Asked(datetime.date(2027, 3, 1), NEXT))
    assert all(not cell.value for row in profit.rows for cell in row.cells[1:])


def test_t31_drafts_are_in_no_report_and_what_was_reversed_comes_to_nothing(scope):
    save_draft(content("77.77"))
    entry = book("wrong", datetime.date(2026, 1, 5), ("1000", "55"), ("4000", "-55"))
    reverse_entry(entry.id, date=datetime.date(2026, 2, 1), reason="Wrong")
    for name, kind in CATALOGUE.items():
        start = NEXT if "start" in kind.heeds else None
        report = kind.make(scope.company, Asked(datetime.date(2027, 2, 1), start))
        values = [cell.value for row in report.rows for cell in row.cells]
        assert not {D("77.77"), D(55), D(-55)} & {value for value in values if isinstance(value, Decimal)}, name


def test_t31_what_waits_was_rejected_held_or_voided_is_in_no_report(scope):
    book("sale", datetime.date(2026, 1, 5), ("1000", "100"), ("4000", "-100"))
    posted(customer(), line("50.00"))
    before = {name: cells_of(scope.company, name) for name in set(CATALOGUE) - {"audit"}}
    set_rule("entry", minimum=D(1), approvals=1)
    with acting_as(person("clerk")):
        waiting, refused = (submit_draft(save_draft(content(amount)).pk) for amount in ("77.77", "66.66"))
    with acting_as(person("approver")):
        reject_draft(refused.pk, reason="Not ours")
    draft(customer("Fabrikam"), line("9.00"))
    limit = set_limit(Account.objects.for_company(scope.company).get(code="1000").pk, floor=D(-1000))
    reserve(limit.pk, D(-5), key="held")
    void_hold(reserve(limit.pk, D(-6), key="void").pk)
    assert waiting.state == "submitted"
    assert {name: cells_of(scope.company, name) for name in before} == before


def test_t32_what_is_added_up_twice_is_the_same_whatever_happened(scope):
    """Posted, reversed, closed and posted again: statements, ledger and balances say the same on every day."""
    for month in range(1, 13):
        entry = book(f"sale {month}", datetime.date(2026, month, 5), ("1000", str(month)), ("4000", f"-{month}"))
        if month % 3 == 0:
            reverse_entry(entry.id, date=datetime.date(2026, month, 20), reason="Wrong")
    close_year(FiscalYear.objects.for_company(scope.company).get(name="2026").pk)
    for day in (datetime.date(2026, 3, 10), datetime.date(2026, 3, 31), END, NEXT):
        kept = {one.account_id: one.amount for one in balances(scope.company, day)}
        ledger = CATALOGUE["general-ledger"].make(scope.company, Asked(day, datetime.date(2026, 1, 1)))
        ends = [row.cells[-1].value for row in ledger.rows if row.standing == "subtotal"]
        assert sorted(filter(None, ends)) == sorted(filter(None, kept.values())), day
        sheet = CATALOGUE["balance-sheet"].make(scope.company, Asked(day))
        assert sheet.problems == []


@pytest.mark.parametrize(("currency", "amount", "shown"), [("JPY", "1234", "1,234"), ("KWD", "1.234", "1.234")])
def test_t36_reports_are_in_the_currency_of_the_company(signed_in, currency, amount, shown):
    company = make_company(currency=currency)
    with system_scope(company):
        book("one", datetime.date(2026, 1, 5), ("1000", amount), ("4000", f"-{amount}"))
    user = make_member(company, "auditor")
    client = signed_in("auditor")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(
        reverse("reports:report", args=[company.slug, "trial-balance"]) + "?to=2026-12-31"
    ).content.decode()
    assert f">{shown}<" in page and currency in page and "EUR" not in page.replace("EURO", "")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_t37_today_is_the_day_of_the_company(signed_in, zone):
    """Fourteen hours before Greenwich or twelve behind: at least one of them has another day than the server."""
    company = make_company(time_zone=zone)
    client = signed_in("auditor")
    client.force_login(make_member(company, "auditor"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("reports:report", args=[company.slug, "balance-sheet"])).content.decode()
    assert f'value="{datetime.datetime.now(tz=ZoneInfo(zone)).date()}"' in page
