"""Budgets by their pages: begun, planned in a grid, activated, planned anew, and told of where one warns or stops."""

import re
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.models import Account
from ledger.models import Budget, BudgetLine, Entry
from tests.conftest import make_company
from tests.ledger.budget_books import DECEMBER, JANUARY, RENT, SALES, a_budget, day, open_centres, planned
from tests.pages.conftest import inside

KEY = "018f0000-0000-7000-8000-00000000bbbb"
NEW = {
    "name": "Plan", "start": "2026-01-01", "end": "2026-12-31", "control": "none", "basis": "year_to_date",
    "dimension": "", "key": KEY,
}  # fmt: skip


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def made(company, *lines, **fields):
    with inside(company):
        return a_budget(*lines, **fields)


def amounts(company, budget):
    with inside(company):
        rows = BudgetLine.objects.filter(budget=budget).select_related("account", "value")
        return {(row.account.code, row.value.code if row.value else "", row.month.month): row.amount for row in rows}


def typed_in(page):
    """What the grid of a page would send as it stands."""
    found = re.findall(
        r'<input type="(?:text|hidden)" name="((?:key|value|account|cell|whole)-[^"]*)"[^>]*? value="([^"]*)"', page
    )
    version = re.search(r'name="version" value="(\d+)">\s*<div class="grid-box"', page)
    return {**dict(found), "version": version[1] if version else ""}


def test_a_budget_is_begun_once_however_often_the_form_is_sent(signed_in, page_of, company):
    client = signed_in("accountant")

    first = client.post(page_of("ledger:budget-new"), NEW)
    again = client.post(page_of("ledger:budget-new"), NEW)
    taken = client.post(page_of("ledger:budget-new"), {**NEW, "key": KEY.replace("b", "c")})

    assert first.url == again.url
    assert taken.status_code == 422
    assert "make a new version of it" in text(taken)
    bad = client.post(
        page_of("ledger:budget-new"), {**NEW, "name": "Other", "start": "2026-01-02", "key": KEY[:-1] + "0"}
    )
    assert "first day of a month" in text(bad)


def test_the_grid_is_filled_saved_and_read_back(signed_in, page_of, company):
    budget = made(company, *planned("10.00", "20.00"), active=False)
    client, page = signed_in("accountant"), page_of("ledger:budget-detail", budget.pk)
    form = typed_in(text(client.get(page)))
    assert (form["cell-0-0"], form["cell-0-1"], form["cell-0-2"]) == ("10.00", "20.00", "")

    form |= {"cell-0-0": "1,000.50", "cell-0-1": "", "cell-0-2": "0", "account-1": "4000", "whole-1": "1200/12*10"}
    answer = client.post(page_of("ledger:budget-plan", budget.pk), form)

    assert answer.status_code == 302
    found = amounts(company, budget)
    assert {place: amount for place, amount in found.items() if place[0] == RENT} == {
        (RENT, "", 1): Decimal("1000.50"), (RENT, "", 3): 0,
    }  # fmt: skip
    assert sum(amount for (code, _value, _month), amount in found.items() if code == SALES) == 1000
    shown = text(client.get(page))
    assert "Total Income" in shown and "Total Expense" in shown
    assert "1,000.50" in shown


def test_what_cannot_be_planned_is_marked_at_its_cell_and_nothing_is_lost(signed_in, page_of, company):
    budget = made(company, *planned("10.00"), active=False)
    client = signed_in("accountant")
    form = typed_in(text(client.get(page_of("ledger:budget-detail", budget.pk))))
    form |= {"cell-0-0": "ten", "cell-0-1": "0.001", "account-1": "nowhere", "cell-1-0": "5"}

    answer = client.post(page_of("ledger:budget-plan", budget.pk), form)

    page = text(answer)
    assert answer.status_code == 422
    for said in ("“ten” is not an amount", "more decimals than EUR has", "There is no account “nowhere”"):
        assert said in page.replace("&quot;", '"')
    assert '<a href="#cell-0-0">5000 Jan 2026</a>' in page
    assert 'value="ten"' in page and page.count('aria-invalid="true"') == 3
    assert amounts(company, budget) == {(RENT, "", 1): 10}


def test_a_grid_that_somebody_changed_meanwhile_is_not_overwritten_unseen(signed_in, page_of, company):
    budget = made(company, *planned("10.00"), active=False)
    client = signed_in("accountant")
    form = typed_in(text(client.get(page_of("ledger:budget-detail", budget.pk))))
    client.post(page_of("ledger:budget-plan", budget.pk), {**form, "cell-0-0": "11"})

    late = client.post(page_of("ledger:budget-plan", budget.pk), {**form, "cell-0-0": "12"})

    assert late.status_code == 422 and "changed meanwhile" in text(late)
    assert amounts(company, budget) == {(RENT, "", 1): 11}
    again = typed_in(text(late))
    assert again["cell-0-0"] == "12"
    client.post(page_of("ledger:budget-plan", budget.pk), again)
    assert amounts(company, budget) == {(RENT, "", 1): 12}


def test_rows_of_other_pages_of_the_grid_stay(signed_in, page_of, company):
    budget = made(company, *planned("10.00"), *planned("20.00", account=SALES), active=False)
    client = signed_in("accountant")
    form = typed_in(text(client.get(page_of("ledger:budget-detail", budget.pk))))
    # Sales stand first; what follows is not sent, as if it stood on the next page.
    first = {name: value for name, value in form.items() if name == "version" or name.split("-")[1] == "0"}

    client.post(page_of("ledger:budget-plan", budget.pk), {**first, "cell-0-0": "21"})

    assert amounts(company, budget) == {(RENT, "", 1): 10, (SALES, "", 1): 21}


def test_accounts_are_planned_by_cost_centre(signed_in, page_of, company):
    with inside(company):
        open_centres()
    budget = made(company, *planned("1.00", value="NORTH"), *planned("2.00"), dimension="cost_centre", active=False)
    client = signed_in("accountant")
    form = typed_in(text(client.get(page_of("ledger:budget-detail", budget.pk))))
    form |= {"cell-1-0": "3", "account-2": "5000", "value-2": "SOUTH", "cell-2-1": "4", "value-3": "", "value-4": ""}

    client.post(page_of("ledger:budget-plan", budget.pk), form)

    assert amounts(company, budget) == {(RENT, "", 1): 2, (RENT, "NORTH", 1): 3, (RENT, "SOUTH", 2): 4}


def test_a_version_is_kept_spread_activated_planned_anew_and_retired(signed_in, page_of, company):
    budget = made(company, active=False)
    client = signed_in("accountant")

    def act(name, pk=budget.pk, **typed):
        return client.post(page_of(f"ledger:budget-{name}", pk), typed)

    assert "Nothing is planned yet" in text(act("activate"))
    act("spread", account="Rent", amount="1200")
    act("keeping", control="stop", basis="month", dimension="")
    assert act("activate").status_code == 302
    assert act("keeping", control="none", basis="month", dimension="").status_code == 422
    answer = act("new-version", percent="10", key=KEY)
    with inside(company):
        first, second = Budget.objects.order_by("number")
    assert (first.state, first.control, first.basis) == ("active", "stop", "month")
    assert answer.url == page_of("ledger:budget-detail", second.pk)
    assert sum(amounts(company, second).values()) == 1320
    assert act("retire").status_code == 302
    assert act("delete", second.pk, version=str(second.version)).url == page_of("ledger:budget-list")
    assert act("delete").status_code == 302
    with inside(company):
        assert [one.state for one in Budget.objects.all()] == ["retired"]


def test_the_list_is_narrowed_and_exported_and_a_version_is_a_file_to_import(signed_in, page_of, company):
    budget = made(company, *planned("10.00"))
    made(company, *planned("10.00"), active=False, name="Forecast")
    client = signed_in("auditor")

    listed = text(client.get(page_of("ledger:budget-list") + "?state=active"))
    assert "Plan" in listed and "Forecast" not in listed
    assert "No budget of this name" in text(client.get(page_of("ledger:budget-list") + "?text=zzz"))
    assert "Forecast,1,draft,2026-01-01" in text(client.get(page_of("ledger:budget-list") + "?format=csv"))
    file = text(client.get(page_of("ledger:budget-detail", budget.pk) + "?format=csv"))
    assert file.splitlines()[1].startswith("Plan,5000,Rent,,,10.00,10.00,")
    shown = text(client.get(page_of("ledger:budget-detail", budget.pk)))
    assert '<form method="post"' not in shown.partition("<main")[2]


def test_who_posts_past_a_plan_is_told_and_who_is_stopped_reads_why(signed_in, page_of, company):
    made(company, *planned("100.00"), control="warn")
    stop = made(company, *planned("200.00"), control="stop", name="Cap")
    client = signed_in("accountant")

    def post(amount, key):
        typed = {
            "date": "2026-01-05", "journal": "GEN", "memo": "Rent", "key": f"018f0000-0000-7000-8000-00000000{key}",
            "then": "show", "account": ["5000", "1000"], "debit": [amount, ""], "credit": ["", amount],
        }  # fmt: skip
        return client.post(page_of("ledger:entry-new"), typed, follow=True)

    told, stopped = text(post("150", "aaaa")), post("51", "aaab")

    assert "5000 Rent passes the budget Plan v1 up to January 2026: 150.00 of 100.00." in told
    assert stopped.status_code == 422
    assert "5000 Rent passes the budget Cap v1 up to January 2026: 201.00 of 200.00." in text(stopped)
    with inside(company):
        assert Entry.objects.filter(memo="Rent").count() == 1
    assert stop.state == "active"


def test_a_draft_says_what_it_would_go_past(signed_in, page_of, company):
    made(company, *planned("100.00"), control="warn")
    client = signed_in("accountant")
    typed = {
        "date": "2026-01-05", "journal": "GEN", "memo": "Rent", "key": KEY, "then": "submit",
        "account": ["5000", "1000"], "debit": ["150", ""], "credit": ["", "150"],
    }  # fmt: skip

    submitted = client.post(page_of("ledger:entry-new"), typed, follow=True)
    tried = client.get(page_of("ledger:draft-trial", KEY))

    for answer in (submitted, tried):
        assert "5000 Rent passes the budget Plan v1 up to January 2026: 150.00 of 100.00." in text(answer)


def test_versions_are_activated_and_retired_in_the_admin(signed_in, page_of, company):
    budget = made(company, *planned("10.00"), active=False)
    empty = made(company, active=False, name="Empty")
    client = signed_in("accountant")
    # The admin works in the company that was visited last.
    client.get(page_of("ledger:budget-list"))

    def act(name):
        chosen = {"action": name, "_selected_action": [str(budget.pk), str(empty.pk)]}
        return text(client.post("/admin/ledger/budget/", chosen, follow=True))

    said = act("activate")
    assert "Active: 1" in said and "Empty v1: Nothing is planned yet." in said
    assert "Retired: 1" in act("retire")
    assert text(client.get("/admin/ledger/budgetline/")).count("10.00") == 1


def test_a_stranger_finds_no_budget_and_a_reader_changes_none(signed_in, page_of, company, client):
    budget = made(company, *planned("10.00"), active=False)
    reader = signed_in("auditor")
    for name in ("plan", "keeping", "spread", "activate", "retire", "new-version", "delete"):
        assert reader.post(page_of(f"ledger:budget-{name}", budget.pk), {}).status_code == 403
    other = make_company()
    with inside(other):
        foreign = a_budget(*planned("10.00"))
    assert reader.get(page_of("ledger:budget-detail", foreign.pk)).status_code == 404


def test_pages_cost_the_same_for_1_20_and_200_rows(signed_in, page_of, company):
    budget = made(company, *planned("10.00"), active=False)
    client, costs, number = signed_in("accountant"), [], 1
    for count in (0, 19, 180):
        with inside(company):
            rows = [Budget(company=company, name="Plan", number=number + n, start=JANUARY, end=DECEMBER)
                    for n in range(1, count + 1)]  # fmt: skip
            Budget.objects.bulk_create(rows)
            accounts = Account.objects.bulk_create(
                Account(company=company, code=f"6{number + n:04}", name="Cost", type="expense") for n in range(count)
            )
            BudgetLine.objects.bulk_create(
                BudgetLine(company=company, budget=budget, account=one, month=day(1), amount=1) for one in accounts
            )
        number += count
        cost = []
        for page in (page_of("ledger:budget-list"), page_of("ledger:budget-detail", budget.pk)):
            client.get(page)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(page).status_code == 200
            cost.append(len(captured))
        costs.append(tuple(cost))

    assert len(set(costs)) == 1, costs
