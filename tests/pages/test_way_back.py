"""Whatever a page answers, its links and buttons lead on: to no address that only takes what is sent to it."""

import datetime
import re
from decimal import Decimal
from urllib.parse import unquote

import pytest
from django.utils import timezone

from accounting.lock_exceptions import ask_exception
from accounting.models import LockException, Period
from accounting.rates import set_rate
from ledger import views_limits, views_revaluation
from ledger.drafts import save_draft
from ledger.entry_templates import save_template
from ledger.holds import reserve
from ledger.limits import set_limit
from ledger.models import Hold
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.revaluation import revalue
from tests.books import DAY, sale
from tests.constitution.raw import ids_of
from tests.pages.conftest import as_role, drafted, fetched, inside
from tests.pages.items import MARCH, open_customers

JANUARY = datetime.date(2025, 1, 15)
SOON = datetime.timedelta(hours=3)
HTMX = {"HX-Request": "true"}


def text(answer):
    return answer.content.decode()


def relative(page):
    """The links and forms of the page that go to wherever the page was asked for."""
    forms = [one for one in re.findall(r"<form[^>]*>", page) if "action=" not in one and "dialog" not in one]
    return forms + re.findall(r'href="[?][^"]*"', page)


@pytest.fixture
def bank(company):
    with inside(company):
        post(sale("100.00", date=MARCH))
        return set_limit(ids_of(company).accounts["1000"], floor=Decimal(0))


def test_after_a_refused_close_the_checklist_is_still_where_the_next_act_returns_to(signed_in, page_of, company):
    with inside(company):
        period = Period.objects.for_company(company).order_by("start").first()
    as_role(company, "clerk", save_draft, drafted(date=JANUARY))
    page = text(signed_in("controller").post(page_of("accounting:period-status", period.pk), {"act": "close"}))

    assert re.findall(r'name="next" value="([^"]*)"', page) == [page_of("accounting:period-checklist", period.pk)]


def test_a_limit_that_refused_leads_to_its_own_page(signed_in, page_of, company, bank, monkeypatch):
    monkeypatch.setattr(views_limits, "PAGE", 1)
    with inside(company):
        for number in range(2):
            reserve(bank.pk, Decimal(-1), key=f"h{number}")
    client, own = signed_in("owner"), page_of("ledger:limit-detail", bank.pk)
    held = client.post(page_of("ledger:limit-hold", bank.pk), {"amount": "-1000", "key": "k"})
    changed = client.post(page_of("ledger:limit-change", bank.pk), {"floor": "1000", "ceiling": ""})

    for answer in (held, changed):
        assert answer.status_code == 422
        assert relative(text(answer)) == []
        assert f'href="{own}?page=2"' in text(answer)
        assert f'href="{own}?format=csv"' in text(answer)
    assert client.get(f"{own}?page=2").status_code == 200


def test_a_revaluation_that_refused_leads_to_its_own_page(signed_in, page_of, company, monkeypatch):
    monkeypatch.setattr(views_revaluation, "PAGE", 1)
    open_customers(company)
    line = NewLine("1010", Decimal(100), currency="USD", rate=Decimal("0.9"))
    with inside(company):
        post(NewEntry("usd", MARCH, (line, NewLine("4000", Decimal(-90)))))
        for month in (3, 4):
            day = datetime.date(2026, month, 30)
            set_rate("USD", day, Decimal(f"0.9{month}"), source="ECB")
            revalue(day)
    answer = signed_in("accountant").post(page_of("ledger:revaluation-run"), {"date": "2026-04-30"})

    assert answer.status_code == 422
    assert relative(text(answer)) == []
    assert f'href="{page_of("ledger:revaluation")}?page=2"' in text(answer)


def test_who_signs_in_again_comes_to_the_page_that_sent_the_form(client, page_of, bank):
    own, hold = page_of("ledger:limit-detail", bank.pk), page_of("ledger:limit-hold", bank.pk)
    answer = client.post(hold, {}, HTTP_REFERER=f"http://testserver{own}?state=open")
    elsewhere = client.post(hold, {}, HTTP_REFERER=f"http://elsewhere.example{own}")
    unknown = client.post(hold, {})

    assert unquote(answer.url) == f"/sign-in/?next={own}?state=open"
    for other in (elsewhere, unknown):
        assert unquote(other.url) == f"/sign-in/?next={page_of('reports:dashboard')}"
    assert unquote(client.get(own).url) == f"/sign-in/?next={own}"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client, page_of):
    jobs = page_of("jobs:job-list")
    fragment = page_of("ledger:open-item-settle")
    answer = client.post(fragment, {}, headers={**HTMX, "HX-Current-URL": f"http://testserver{jobs}?state=failed"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert unquote(answer["HX-Redirect"]) == f"/sign-in/?next={jobs}?state=failed"
    lost = client.get(fragment, headers={**HTMX, "HX-Current-URL": "http://elsewhere.example/"})
    assert unquote(lost["HX-Redirect"]) == f"/sign-in/?next={page_of('reports:dashboard')}"


def test_an_address_that_only_takes_forms_says_so_and_leads_back(signed_in, page_of, bank, company):
    client = signed_in("accountant")
    answer = client.get(page_of("ledger:limit-hold", bank.pk))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert f'href="{page_of("reports:dashboard")}"' in text(answer)
    assert "Content-Security-Policy" in answer
    api = client.delete(f"/api/v1/companies/{company.slug}/accounts/")
    assert api["Content-Type"].startswith("application/problem+json")
    assert client.get("/sign-out/").status_code == 405
    assert 'href="/"' in text(client.get("/sign-out/"))


def test_voiding_a_hold_keeps_the_place_among_the_holds(signed_in, page_of, company, bank):
    with inside(company):
        hold = reserve(bank.pk, Decimal(-1), key="h")
    client, place = signed_in("accountant"), page_of("ledger:limit-detail", bank.pk) + "?state=open&page=1"
    page = text(client.get(place))

    assert f'name="next" value="{place.replace("&", "&amp;")}"' in page
    elsewhere = {"reason": "", "next": "https://elsewhere.example/"}
    assert "elsewhere.example" not in text(client.post(page_of("ledger:hold-void", hold.pk), elsewhere))
    answer = client.post(page_of("ledger:hold-void", hold.pk), {"reason": "Gone", "next": place})
    assert answer.url == place
    assert fetched(company, Hold).pk == hold.pk


def test_acts_on_exceptions_and_templates_keep_the_page_of_the_list(signed_in, page_of, company):
    asked = as_role(
        company, "accountant", ask_exception, "all", start=DAY, expires_at=timezone.now() + SOON, reason="Late"
    )
    with inside(company):
        template = save_template("Rent", [])
    client, exceptions = signed_in("owner"), page_of("accounting:lock-exception-list") + "?page=1"
    templates = page_of("ledger:template-list") + "?page=1"

    assert text(client.get(exceptions)).count(f'name="next" value="{exceptions}"') == 2
    assert f'name="next" value="{templates}"' in text(client.get(templates))
    for name in ("approve", "end"):
        url = page_of(f"accounting:lock-exception-{name}", asked.pk)
        assert client.post(url, {"next": exceptions}).url == exceptions
    assert fetched(company, LockException).approved_at
    assert client.post(page_of("ledger:template-delete", template.pk), {"next": templates}).url == templates


def test_who_leaves_the_reversal_of_many_finds_the_filter_again(signed_in, page_of, company, post_entries):
    post_entries(sale("1.00", memo="Sale 1"), sale("2.00", memo="Sale 2"))
    client, query = signed_in("accountant"), "?text=Sale"
    page = text(client.post(page_of("ledger:bulk-reversal-new"), {"all": "yes", "filter": query}))
    fields = {"key": "k", "dated": "own", "date": "", "reason": ""}
    fields |= dict(re.findall(r'<input type="hidden" name="(entries|filter|all)" value="([^"]*)"', page))
    refused = text(client.post(page_of("ledger:bulk-reversal-start"), fields))

    for shown in (page, refused):
        assert f'href="{page_of("ledger:entry-list")}{query}"' in shown
        assert "Everything the filter shows" in shown
