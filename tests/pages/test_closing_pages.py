"""Periods and years are closed by their pages, locks are passed for a while, and reports say what came late."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounting.lock_exceptions import approve_exception, ask_exception, end_exception
from accounting.models import FiscalYear, LockException, Period, SubAccount
from accounting.periods import close_period, set_lock_date
from ledger.drafts import delete_draft, save_draft
from ledger.models import Draft, Entry
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.year_closing import close_year
from tests.books import DAY, new_entry, sale
from tests.conftest import make_company
from tests.pages.conftest import as_role, drafted, fetched, inside

JANUARY = datetime.date(2025, 1, 15)
SOON = datetime.timedelta(hours=3)


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


@pytest.fixture
def first_period(company):
    with inside(company):
        return Period.objects.for_company(company).order_by("start").first()


@pytest.fixture
def year(company):
    return fetched(company, FiscalYear, name="2026")


def test_the_checklist_names_what_is_left_and_leads_to_where_it_is_solved(signed_in, page_of, company, first_period):
    as_role(company, "clerk", save_draft, drafted(date=JANUARY))
    client = signed_in("controller")
    page = text(client.get(page_of("accounting:period-checklist", first_period.pk)))

    assert "1 check is not done" in page
    assert f"{page_of('ledger:draft-list')}?to=2025-01-31" in page
    assert 'value="close" disabled' in page
    with inside(company):
        delete_draft(Draft.objects.for_company(company).get().pk)
    page = text(client.get(page_of("accounting:period-checklist", first_period.pk)))
    assert "Nothing blocks" in page
    assert 'value="close">' in page


def test_every_page_of_the_checklist_exists_and_takes_its_filter(signed_in, page_of, company, first_period):
    from accounting.close_checklist import checklist
    from tenants.navigation import address

    client = signed_in("owner")
    with inside(company):
        checks = checklist(first_period)
    for check in checks:
        assert check.page or check.hint, check.code
        if check.page:
            url = address(check.page, company.slug)
            assert url, check.page
            assert client.get(f"{url}?{check.query}").status_code == 200


def test_a_close_that_is_refused_shows_what_blocks(signed_in, page_of, company, first_period):
    as_role(company, "clerk", save_draft, drafted(date=JANUARY))
    answer = signed_in("controller").post(page_of("accounting:period-status", first_period.pk), {"act": "close"})

    assert answer.status_code == 422
    assert "cannot be closed yet" in text(answer)
    assert "Drafts dated in the period or before" in text(answer)
    assert fetched(company, Period, pk=first_period.pk).status == "open"


def test_a_period_is_closed_and_reopened_from_its_checklist(signed_in, page_of, company, first_period):
    client = signed_in("controller")
    checklist = page_of("accounting:period-checklist", first_period.pk)
    status = page_of("accounting:period-status", first_period.pk)

    assert client.post(status, {"act": "close", "next": checklist}).url == checklist
    assert "This is how the checks stand today" in text(client.get(checklist))
    client.post(status, {"act": "reopen", "next": checklist, "reason": "Late bill"})
    assert fetched(company, Period, pk=first_period.pk).status == "open"
    elsewhere = client.post(status, {"act": "close", "next": "https://example.org/"})
    assert elsewhere.url == page_of("accounting:period-list")


def test_a_later_period_waits_for_the_earlier_one(signed_in, page_of, company, first_period):
    with inside(company):
        second = Period.objects.for_company(company).order_by("start")[1]
    page = text(signed_in("controller").get(page_of("accounting:period-checklist", second.pk)))

    assert "January 2025 is still open" in page
    assert page_of("accounting:period-checklist", first_period.pk) in page


def test_the_checklist_costs_the_same_for_1_20_and_200_drafts(signed_in, page_of, company, first_period):
    client = signed_in("auditor")
    costs = []
    for number in (1, 19, 180):
        as_role(company, "clerk", lambda n=number: [save_draft(drafted(date=JANUARY)) for _one in range(n)])
        client.get(page_of("accounting:period-checklist", first_period.pk))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of("accounting:period-checklist", first_period.pk))
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs


def asked(company, **changes):
    wish = {"start": DAY, "expires_at": timezone.now() + SOON, "reason": "Late bill", **changes}
    return as_role(company, "accountant", ask_exception, "all", **wish)


def ask(client, page_of, **changes):
    local = timezone.now() + SOON
    fields = {"kind": "all", "start": "2026-03-01", "expires_at": f"{local:%Y-%m-%dT%H:%M}", "reason": "Late bill"}
    return client.post(page_of("accounting:lock-exception-list"), {**fields, **changes})


def test_an_exception_is_asked_for_approved_by_another_person_used_and_ended(signed_in, page_of, company):
    with inside(company):
        set_lock_date("all", DAY)
    assert ask(signed_in("accountant"), page_of).status_code == 302
    one = fetched(company, LockException)
    client = signed_in("controller")
    assert "asked for" in text(client.get(page_of("accounting:lock-exception-list")))
    assert '<span class="count">1</span>' in text(client.get(page_of("accounting:period-list")))

    client.post(page_of("accounting:lock-exception-approve", one.pk))
    as_role(company, "accountant", lambda: post(sale("1.00", key="behind")))
    client.post(page_of("accounting:lock-exception-end", one.pk))
    page = text(client.get(page_of("accounting:lock-exception-list")))
    assert "ended" in page
    assert page_of("accounting:lock-exception-end", one.pk) not in page


def test_nobody_is_offered_to_approve_their_own_wish_nor_may(signed_in, page_of, company):
    client = signed_in("controller")
    ask(client, page_of)
    one = fetched(company, LockException)

    assert page_of("accounting:lock-exception-approve", one.pk) not in text(
        client.get(page_of("accounting:lock-exception-list"))
    )
    answer = client.post(page_of("accounting:lock-exception-approve", one.pk), follow=True)
    assert "Somebody else approves what you asked for" in text(answer)
    assert fetched(company, LockException).approved_at is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expires_at": "2020-01-01T10:00"}, "It ends in the future"),
        ({"expires_at": "soon"}, "Write a day and a time"),
        ({"reason": ""}, "This field is required"),
        ({"person": "x"}, "Select a valid choice"),
    ],
)
def test_a_wrong_wish_comes_back_with_everything_typed(signed_in, page_of, company, changes, message):
    answer = ask(signed_in("accountant"), page_of, **{"reason": "Late bill of the landlord", **changes})

    assert answer.status_code == 422
    assert message in text(answer)
    assert changes.get("reason", "Late bill of the landlord") in text(answer)


def test_the_moment_is_read_on_the_companys_clock(signed_in, page_of, company):
    from zoneinfo import ZoneInfo

    from tenants.models import Company

    with inside(company):
        Company.objects.filter(pk=company.pk).update(time_zone="Asia/Tokyo")
    local = (timezone.now() + SOON).astimezone(ZoneInfo("Asia/Tokyo")).replace(second=0, microsecond=0)
    ask(signed_in("accountant"), page_of, expires_at=f"{local:%Y-%m-%dT%H:%M}")

    assert fetched(company, LockException).expires_at == local


def test_only_who_posts_asks_and_only_who_manages_periods_approves(signed_in, page_of, company):
    one = asked(company)
    for role in ("clerk", "approver", "auditor"):
        assert ask(signed_in(role), page_of).status_code == 403
    for role in ("accountant", "clerk", "approver", "auditor"):
        client = signed_in(role)
        assert client.get(page_of("accounting:lock-exception-list")).status_code == 200
        assert client.post(page_of("accounting:lock-exception-approve", one.pk)).status_code == 403
        assert client.post(page_of("accounting:lock-exception-end", one.pk)).status_code == 403


def test_the_exceptions_cost_the_same_for_1_20_and_200(signed_in, page_of, company):
    client = signed_in("controller")
    costs = []
    for number in (1, 19, 180):
        with inside(company):
            for _one in range(number):
                ask_exception("all", start=DAY, expires_at=timezone.now() + SOON, reason="x")
        client.get(page_of("accounting:lock-exception-list"))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of("accounting:lock-exception-list"))
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs


def test_exceptions_are_approved_and_ended_in_the_admin(signed_in, company):
    one = asked(company)
    client = signed_in("controller")
    client.get(f"/c/{company.slug}/settings/")

    def act(action):
        data = {"action": action, "_selected_action": [str(one.pk)]}
        return text(client.post("/admin/accounting/lockexception/", data, follow=True))

    assert "Late bill" in text(client.get(f"/admin/accounting/lockexception/{one.pk}/change/"))
    act("approve")
    assert fetched(company, LockException).approved_by == "Controller"
    assert "decided already" in act("approve")
    act("end")
    assert fetched(company, LockException).revoked_at
    assert client.get("/admin/accounting/lockexception/add/").status_code == 403
    clerk = signed_in("clerk")
    clerk.get(f"/c/{company.slug}/settings/")
    assert 'value="approve"' not in text(clerk.get("/admin/accounting/lockexception/"))


def test_the_year_end_shows_what_it_would_post_and_then_what_it_has(signed_in, page_of, company, year, post_entries):
    post_entries(sale("100.00"), new_entry(("5000", "30.50"), ("1000", "-30.50")))
    client = signed_in("controller")
    address = page_of("ledger:year-detail", year.pk)
    page = text(client.get(address))
    assert "Profit to retained earnings" in page
    assert "69.50" in page
    assert "Nothing yet." in page

    client.post(page_of("ledger:year-close", year.pk), {"reason": ""})
    entry = fetched(company, Entry, source="year_close")
    page = text(client.get(address))
    assert page_of("ledger:entry-detail", entry.pk) in page
    assert "there is nothing left" in page
    assert "69.50" in page
    client.post(page_of("ledger:year-reopen", year.pk), {"reason": "Audit"})
    page = text(client.get(address))
    assert "reversed" in page
    assert "Profit to retained earnings" in page


def test_a_loss_is_called_a_loss(signed_in, page_of, year, post_entries):
    post_entries(new_entry(("5000", "30.50"), ("1000", "-30.50")))

    assert "Loss to retained earnings" in text(signed_in("auditor").get(page_of("ledger:year-detail", year.pk)))


def test_the_preview_is_what_closing_posts(company, year, post_entries):
    from accounting.chart import chart_of
    from ledger.models import Line
    from ledger.shown_year import closing_preview

    post_entries(
        sale("100.00"), new_entry(("5000", "30.50"), ("1000", "-30.50")),
        NewEntry("usd", DAY, (NewLine("4000", Decimal(-10), "USD", rate=Decimal("0.9")), NewLine("1000", Decimal(9)))),
    )  # fmt: skip
    with inside(company):
        preview = closing_preview(chart_of(company), year)
        close_year(year.pk)
        lines = Line.objects.for_company(company).filter(entry__source="year_close")
        posted: dict[str, Decimal] = {}
        for code, amount in lines.values_list("account__code", "amount"):
            posted[code] = posted.get(code, Decimal(0)) + amount
    shown = {line.account.code: -line.amount for line in [*preview.income, *preview.expenses]}
    assert posted == {**shown, "3100": -preview.result}


def test_what_refuses_a_closing_is_said_on_its_page(signed_in, page_of, company, year, post_entries):
    client = signed_in("controller")
    nothing = client.post(page_of("ledger:year-close", year.pk), {})
    assert nothing.status_code == 422
    assert "Income and expenses of 2026 are closed" in text(nothing)

    post_entries(sale("5.00", date=datetime.date(2025, 5, 1)), sale("5.00"))
    assert "2025 has a result that is not closed yet" in text(client.post(page_of("ledger:year-close", year.pk), {}))
    assert "This field is required" in text(client.post(page_of("ledger:year-reopen", year.pk), {"reason": ""}))
    assert "2026 is not closed" in text(client.post(page_of("ledger:year-reopen", year.pk), {"reason": "x"}))
    with inside(company):
        from accounting.models import Account

        Account.objects.for_company(company).filter(role="retained_earnings").update(role="")
    before = fetched(company, FiscalYear, name="2025")
    assert "retained_earnings" in text(client.post(page_of("ledger:year-close", before.pk), {"reason": "Typed"}))


def test_a_closed_last_period_is_told_before_and_refused(signed_in, page_of, company, post_entries):
    before = fetched(company, FiscalYear, name="2025")
    post_entries(sale("5.00", date=datetime.date(2025, 5, 1)))
    with inside(company):
        for period in Period.objects.for_company(company).filter(end__lte=before.end).order_by("start"):
            close_period(period)
    client = signed_in("controller")

    assert "The last period is closed" in text(client.get(page_of("ledger:year-detail", before.pk)))
    refused = client.post(page_of("ledger:year-close", before.pk), {"reason": "Typed before"})
    assert refused.status_code == 422
    assert "Typed before" in text(refused)


def test_only_who_manages_periods_closes_a_year(signed_in, page_of, company, year, post_entries):
    post_entries(sale("5.00"))
    for role in ("accountant", "clerk", "approver", "auditor"):
        client = signed_in(role)
        assert page_of("ledger:year-close", year.pk) not in text(client.get(page_of("ledger:year-detail", year.pk)))
        assert client.post(page_of("ledger:year-close", year.pk), {}).status_code == 403
        assert client.post(page_of("ledger:year-reopen", year.pk), {"reason": "x"}).status_code == 403
    with inside(company):
        assert not Entry.objects.for_company(company).filter(source="year_close").exists()


def test_a_year_costs_the_same_for_1_and_20_accounts_and_closings(signed_in, page_of, company, year, post_entries):
    from accounting.accounts import open_account

    client = signed_in("auditor")
    costs = []
    for number in (1, 19):
        with inside(company):
            for n in range(number):
                open_account(code=f"41{number}{n}", name="Fees", type="income", subtype="revenue")
                post(new_entry(("1000", "1"), (f"41{number}{n}", "-1")))
                close_year(year.pk)
            post(sale("1.00"))
        client.get(page_of("ledger:year-detail", year.pk))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of("ledger:year-detail", year.pk))
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs


def test_what_came_into_a_closed_period_is_listed_and_exported(signed_in, page_of, company, first_period):
    with inside(company):
        close_period(first_period, soft=True)
        post(sale("17.00", key="late", date=JANUARY, reason="Forgotten", memo="=cmd"))
        post(sale("5.00", key="in time", memo="In time"))
    client = signed_in("auditor")
    page = text(client.get(page_of("reports:report", "entries-after-closing")))

    assert "Forgotten" in page
    assert "In time" not in page
    assert "There is nothing" in text(
        client.get(page_of("reports:report", "entries-after-closing") + "?from=2025-02-01")
    )
    rows = text(client.get(page_of("reports:report", "entries-after-closing") + "?format=csv")).splitlines()
    assert ",not sealed,2025-01-15,GEN,'=cmd,Forgotten," in rows[1] and rows[1].endswith(",17.00")
    assert len(rows) == 2
    assert client.get(page_of("reports:report", "entries-after-closing") + "?from=x").status_code == 422


def test_control_accounts_tie_out_or_show_the_difference(signed_in, page_of, company, monkeypatch):
    from ledger.open_items import TieOut

    with inside(company):
        from accounting.models import Account

        receivable = Account.objects.for_company(company).get(code="1100")
        SubAccount.objects.create(company=company, account=receivable, code="C1", name="Customer")
        lines = (NewLine("1100", Decimal("70.00"), sub_account="C1"), NewLine("4000", Decimal("-70.00")))
        post(NewEntry("invoice", DAY, lines))
    client = signed_in("auditor")
    address = page_of("reports:control-accounts")
    page = text(client.get(address + "?to=2026-12-31"))
    assert "70.00" in page and "Every balance is the sum of its open items" in page
    rows = text(client.get(address + "?to=2026-12-31&format=csv")).splitlines()
    assert rows[1] == "line,1100 Accounts receivable,70.00,70.00,0.00,70.00,0.00"

    wrong = TieOut(receivable.pk, Decimal("70.00"), Decimal("69.00"), Decimal("70.00"))
    monkeypatch.setattr("reports.control_accounts.tie_outs", lambda *_given, **_known: [wrong])
    page = text(client.get(address))
    assert "1 account is not the sum" in page and "1.00" in page
    assert client.get(address + "?to=x").status_code == 422


def test_what_is_another_companys_is_not_there(signed_in, page_of, company):
    other = make_company()
    with inside(other):
        period = Period.objects.for_company(other).first()
        year = FiscalYear.objects.for_company(other).first()
        one = ask_exception("all", start=DAY, expires_at=timezone.now() + SOON, reason="x")
    client = signed_in("owner")

    assert client.get(page_of("accounting:period-checklist", period.pk)).status_code == 404
    assert client.get(page_of("ledger:year-detail", year.pk)).status_code == 404
    assert client.post(page_of("ledger:year-close", year.pk), {}).status_code == 404
    assert client.post(page_of("ledger:year-reopen", year.pk), {"reason": "x"}).status_code == 404
    assert client.post(page_of("accounting:lock-exception-approve", one.pk)).status_code == 404
    assert client.post(page_of("accounting:lock-exception-end", one.pk)).status_code == 404
    assert client.post(page_of("accounting:period-status", period.pk), {"act": "close"}).status_code == 404


def test_the_state_of_an_exception_follows_its_life(company):
    from accounting.lock_exceptions import state_of

    first, second, third = asked(company), asked(company), asked(company)
    assert state_of(first) == "asked"
    with inside(company):
        assert state_of(approve_exception(first.pk)) == "open"
        assert state_of(end_exception(first.pk)) == "ended"
        assert state_of(end_exception(second.pk)) == "declined"
        LockException.objects.for_company(company).filter(pk=third.pk).update(expires_at=timezone.now() - SOON)
        assert state_of(LockException.objects.for_company(company).get(pk=third.pk)) == "over"
