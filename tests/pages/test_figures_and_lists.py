"""What the pages show: figures that lead to their lines, filters in the address, files, and acts on master data."""

import datetime
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounting.account_ranking import ranked
from accounting.models import Account, ExchangeRate, Period
from ledger.entry_listing import Wanted, list_entries
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from tenants.scope import Actor, company_scope
from tests.books import DAY, new_entry, sale
from tests.pages.conftest import fill_books, inside


@pytest.fixture
def books(company):
    fill_books(company)
    return company


def row(company, model, **wanted):
    """The one row of the company."""
    with inside(company):
        return model.objects.for_company(company).get(**wanted)


def count(company, model, **wanted):
    with inside(company):
        return model.objects.for_company(company).filter(**wanted).count()


def text_of(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def test_every_figure_of_the_trial_balance_leads_to_a_page_that_ends_with_it(signed_in, page_of, books):
    client = signed_in("auditor")
    page = client.get(page_of("reports:trial-balance") + "?to=2026-06-30&from=2026-01-01").content.decode()
    links = re.findall(r'<a href="([^"]+)"><span class="figure \w+">([^<]+)</span></a>', page)
    checked = 0
    for url, figure in links[:12]:
        target = client.get(url.replace("&amp;", "&"))
        assert target.status_code == 200
        assert figure.strip("()") in target.content.decode() or figure == "–", (url, figure)
        checked += 1
    assert checked == 12


def test_change_follows_the_normal_side(books):
    from reports.comparison import compare
    from reports.periods import Period
    from tenants.scope import Actor, company_scope

    with company_scope(books, actor=Actor.system("test")):
        now, before = Period(None, datetime.date(2026, 6, 30)), Period(None, datetime.date(2025, 6, 30))
        report = compare(books, now, before)
    sales = next(row for group in report.groups for row in group.rows if row.account.code == "4000")

    assert sales.now.closing < 0
    assert sales.change.amount > 0
    assert sales.change.percent > 0
    assert report.is_balanced


def test_the_trial_balance_as_a_file_balances(signed_in, page_of, books):
    answer = signed_in("auditor").get(page_of("reports:trial-balance") + "?to=2026-06-30&format=csv")
    total = text_of(answer).splitlines()[-1].split(",")

    assert answer["Content-Disposition"].endswith('trial-balance-2026-06-30.csv"')
    assert total[0] == "total" and Decimal(total[3]) == Decimal(total[4]) > 0


def test_the_journal_is_narrowed_by_its_address(signed_in, page_of, books):
    client = signed_in("auditor")
    address = page_of("ledger:entry-list")

    assert "Dollars" in client.get(address + "?account=1010").content.decode()
    assert "Rent of the office" not in client.get(address + "?account=1010").content.decode()
    assert "No entry matches" in client.get(address + "?text=nothing-like-it").content.decode()
    assert "Posted twice" in client.get(address + "?from=2026-07-01&to=2026-07-02").content.decode()
    assert client.get(address + "?account=nonsense").status_code == 422


def test_the_journal_is_read_page_by_page_without_losing_an_entry(signed_in, page_of, books):
    client, seen, address = signed_in("auditor"), [], "?"
    while address:
        page = client.get(page_of("ledger:entry-list") + address).content.decode()
        seen += re.findall(r'<tr data-href="([^"]+)"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older.group(1).replace("&amp;", "&") if older else ""

    assert len(seen) == len(set(seen)) == 74


def test_the_total_counts_what_is_worth_something_in_base_currency_alone(company):
    line = NewLine("1010", Decimal(0), "USD", base_amount=Decimal(50), rate_source="ECB")
    with company_scope(company, actor=Actor.system("test")):
        post(NewEntry("gain", DAY, (line, NewLine("4000", Decimal(-50)))))
        (listed,) = list_entries(company, Wanted()).rows
    assert listed.total == 50


def test_the_ledger_of_a_statistical_account_runs_in_its_unit(signed_in, page_of, books):
    page = signed_in("auditor").get(page_of("ledger:account-ledger", "9000") + "?from=2026-01-01&to=2026-12-31")

    assert "Balance DAY" in page.content.decode()
    assert "2.50" in page.content.decode()


def test_the_ledger_as_a_file_ends_with_the_closing_balance(signed_in, page_of, books):
    answer = signed_in("auditor").get(page_of("ledger:account-ledger", "1000") + "?to=2026-11-21&format=csv")

    assert text_of(answer).splitlines()[-1].split(",")[:8][3::4] == ["Closing balance", "273344.50"]


def test_an_account_with_colons_has_a_ledger(signed_in, page_of, company):
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("test")):
        Account.objects.create(company=company, code="Assets:Bank/One", name="One", type="asset")

    assert signed_in("auditor").get(page_of("ledger:account-ledger", "Assets:Bank/One")).status_code == 200
    assert signed_in("auditor").get(page_of("ledger:account-ledger", "none")).status_code == 404


def test_accounts_are_ranked_as_accountants_type_them(company):
    accounts = [
        Account(code=code, name=name)
        for code, name in [("1010", "Barclays current account"), ("5000", "Rent"), ("6200", "Car rental"), ("50", "X")]
    ]

    assert [account.code for account in ranked("rent", accounts)] == ["5000", "6200", "1010"]
    assert [account.code for account in ranked("50", accounts)] == ["50", "5000"]


def test_a_stale_account_form_is_refused_and_keeps_what_was_typed(signed_in, page_of, company):
    client = signed_in("accountant")
    account = row(company, Account, code="5000")
    form = {"code": "5000", "name": "Rent and rates", "subtype": "operating", "status": "active", "version": 1}
    first = client.post(page_of("accounting:account-edit", account.pk), form)
    second = client.post(page_of("accounting:account-edit", account.pk), {**form, "name": "Lost update"})

    assert first.status_code == 302
    assert second.status_code == 409
    assert "Lost update" in second.content.decode()
    assert row(company, Account, code="5000").name == "Rent and rates"


def test_an_account_is_frozen_from_the_list_and_the_list_keeps_its_place(signed_in, page_of, company):
    account = row(company, Account, code="5000")
    back = page_of("accounting:account-list") + "?q=rent"
    act = {"act": f"frozen {account.pk} {account.version}", "next": back}
    answer = signed_in("accountant").post(page_of("accounting:account-status"), act)

    assert answer.url == back
    assert row(company, Account, code="5000").status == "frozen"


def test_a_chart_is_looked_at_before_it_is_imported(signed_in, page_of, company):
    client = signed_in("accountant")
    file = SimpleUploadedFile("chart.csv", b"code,name,type\n7000,Advice,expense\n7000x,Bad,nothing\n")
    wrong = client.post(page_of("accounting:chart-import"), {"file": file, "act": "preview"})
    good = "code,name,type\n7000,Advice,expense\n"
    preview = client.post(page_of("accounting:chart-import"), {"text": good, "act": "preview"})
    done = client.post(page_of("accounting:chart-import"), {"text": good, "act": "import"})

    assert "is not a type of account" in wrong.content.decode()
    assert "would add 1 and change 0 accounts" in preview.content.decode()
    assert done.status_code == 302
    assert count(company, Account, code__startswith="7000") == 1


def test_a_new_account_without_a_name_is_a_problem_of_its_row(signed_in, page_of, company):
    text = "code,name,type\n7000,,expense\n"
    answer = signed_in("accountant").post(page_of("accounting:chart-import"), {"text": text, "act": "preview"})

    assert answer.status_code == 422
    assert "An account has a code and a name." in answer.content.decode()


def test_periods_close_and_reopen_with_a_reason(signed_in, page_of, company):
    client = signed_in("controller")
    first = row(company, Period, start=datetime.date(2025, 1, 1))
    address = page_of("accounting:period-status", first.pk)
    client.post(address, {"act": "close"})
    closed = row(company, Period, pk=first.pk).status
    client.post(address, {"act": "reopen", "reason": ""})
    still = row(company, Period, pk=first.pk).status
    client.post(address, {"act": "reopen", "reason": "A late bill"})

    assert (closed, still) == ("closed", "closed")
    assert row(company, Period, pk=first.pk).status == "open"


def test_a_lock_date_is_set_and_lifted_only_with_a_reason(signed_in, page_of, company):
    client = signed_in("controller")
    address = page_of("accounting:lock-date")

    assert client.post(address, {"kind": "all", "until": "2026-01-31"}).status_code == 302
    assert client.post(address, {"kind": "all", "until": ""}).status_code == 422
    assert client.post(address, {"kind": "all", "until": "", "reason": "Audit"}).status_code == 302


def test_a_rate_is_noted(signed_in, page_of, company):
    data = {"currency": "USD", "date": "2026-03-01", "rate": "0.9123", "source": "ECB"}
    signed_in("accountant").post(page_of("accounting:rate-list"), data)

    assert row(company, ExchangeRate).rate == Decimal("0.9123")


def test_a_new_company_sees_the_first_steps(signed_in, page_of):
    assert "has no entries yet" in signed_in("owner").get(page_of("reports:dashboard")).content.decode()


def test_an_import_is_a_preview_until_it_is_confirmed(signed_in, page_of, company, django_capture_on_commit_callbacks):
    from jobs.models import Job

    client = signed_in("accountant")
    file = SimpleUploadedFile("old.csv", b"date,account,amount\n2026-03-01,1000,5.00\n2026-03-01,4000,-5.00\n")
    answer = client.post(page_of("ledger:import-list"), {"file": file, "format": ""})
    preview = row(company, Job)
    page = client.get(answer.url).content.decode()

    assert preview.parameters["dry_run"] is True
    assert "hx-get" in page
    assert client.post(page_of("ledger:import-confirm", preview.pk)).url == answer.url
    assert count(company, Job) == 1


def test_a_refused_export_format_is_no_fault(signed_in, page_of, post_entries):
    post_entries(new_entry(("1000", "5.00"), ("4000", "-5.00")), sale("1.00"))
    client = signed_in("auditor")

    assert "Bank" in text_of(client.get(page_of("ledger:export") + "?format=hledger"))
    assert client.get(page_of("ledger:export") + "?format=docx").status_code == 422


ADMIN = [
    *(f"accounting/{name}" for name in (
        "account", "subaccount", "unit", "exchangerate", "dimension", "fiscalyear", "period", "lockdate",
        "contact", "contactbankaccount", "item", "paymentterms", "taxcode", "taxbox", "fiscalposition")),
    "reports/reportrun", "reports/reportschedule", "reports/statementlayout", "ledger/journal", "ledger/entry", "ledger/line", "ledger/block", "ledger/budget", "ledger/budgetline",
    *(f"invoicing/{name}" for name in ("document", "payment", "taxrow", "dunningnotice")),
    "jobs/webhookendpoint", "jobs/webhookdelivery", "jobs/outboundmail",
]  # fmt: skip


def test_the_admin_lists_the_company(signed_in, page_of, books):
    client = signed_in("owner")
    client.get(page_of("reports:dashboard"))

    for address in ADMIN:
        assert client.get(f"/admin/{address}/").status_code == 200, address


def test_the_admin_reverses_after_asking_why(signed_in, page_of, company, post_entries):
    from ledger.models import Entry

    (entry,) = post_entries(sale("5.00", date=datetime.date(2026, 3, 1)))
    client = signed_in("owner")
    client.get(page_of("reports:dashboard"))
    chosen = {"action": "reverse_entries", "_selected_action": [str(entry.id)]}
    asked = client.post("/admin/ledger/entry/", chosen)
    client.post("/admin/ledger/entry/", {**chosen, "date": "2026-03-02", "reason": "Twice"})

    assert "Reason" in asked.content.decode()
    assert count(company, Entry, reverses_id=entry.id) == 1
    assert client.get(f"/admin/ledger/entry/{entry.id}/change/").status_code == 200


def test_the_admin_finds_accounts_by_rank(signed_in, page_of, company):
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("test")):
        Account.objects.create(company=company, code="1020", name="Barclays current account", type="asset")
    client = signed_in("owner")
    client.get(page_of("reports:dashboard"))
    page = client.get("/admin/accounting/account/?q=rent").content.decode()

    assert 0 < page.index(">5000<") < page.index(">1020<")
