"""What a dialog asked for and the books refused comes back whole, in sight, and at fields of its own."""

import datetime
import re
from collections import Counter
from decimal import Decimal

import pytest

from accounting.models import Account, FiscalYear, Period
from accounting.periods import close_period, set_lock_date
from ledger.auto_reversal import reverse_due
from ledger.draft_content import DraftedLine
from ledger.entry_templates import save_template
from ledger.holds import reserve
from ledger.limits import set_limit
from ledger.models import AutoReversal
from ledger.posting import post
from ledger.proposals import NEXT_PERIOD
from ledger.recurring import make_due, start_recurring
from ledger.year_closing import close_year
from tenants.refusal import NotFound, NotPermitted
from tests.books import sale
from tests.constitution.raw import ids_of
from tests.pages.conftest import as_role, fetched, inside
from tests.pages.items import MARCH

JANUARY = datetime.date(2026, 1, 31)


def text(answer):
    return answer.content.decode()


def refused(answer):
    """The page of a refused form: each id once, and every error leads to a field that no closed dialog hides."""
    page = text(answer)
    assert answer.status_code == 422
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert not [one for one, count in ids.items() if count > 1]
    shown = re.sub(r"<dialog.*?</dialog>", "", page, flags=re.DOTALL)
    for place in re.findall(r'<li><a href="#([^"]+)">', page):
        assert f'id="{place}"' in shown, place
    return shown


@pytest.fixture
def hold(company):
    with inside(company):
        post(sale("100.00", date=MARCH))
        limit = set_limit(ids_of(company).accounts["1000"], floor=Decimal(0))
        return reserve(limit.pk, Decimal(-1), key="h")


@pytest.fixture
def accrual(company):
    with inside(company):
        return post(sale("77.00", key="accrual", date=MARCH, reverse_on=NEXT_PERIOD)).id


@pytest.fixture
def stuck(company):
    lines = (DraftedLine("5000", Decimal(800)), DraftedLine("1000", Decimal(-800)))
    with inside(company):
        template = save_template("Rent", lines)
        set_lock_date("all", JANUARY)
        recurring = start_recurring(template.pk, start=JANUARY)
        make_due(JANUARY)
    return recurring


def test_a_hold_that_is_not_voided_asks_again_among_the_holds(signed_in, page_of, hold):
    client, place = signed_in("accountant"), page_of("ledger:limit-detail", hold.limit_id) + "?state=open"
    url = page_of("ledger:hold-void", hold.pk)
    page = refused(client.post(url, {"reason": "x" * 2001, "next": place}))

    assert "x" * 2001 in page
    assert f'action="{url}"' in page
    assert f'name="next" value="{place}"' in page


def test_a_hold_that_has_ended_is_said_with_the_reason_kept(signed_in, page_of, hold):
    client = signed_in("accountant")
    typed = {"amount": "-1", "against": "4000", "date": "2026-03-20"}
    client.post(page_of("ledger:hold-post", hold.pk), typed)
    page = refused(client.post(page_of("ledger:hold-void", hold.pk), {"reason": "Cancelled by the shop"}))

    assert 'value="Cancelled by the shop"' in page


def test_a_planned_reversal_that_is_not_cancelled_asks_again_in_the_list(signed_in, page_of, company, accrual):
    planned, client = fetched(company, AutoReversal), signed_in("accountant")
    place = page_of("ledger:planned-reversal-list") + "?state=waiting"
    url = page_of("ledger:planned-reversal-cancel", planned.pk)
    page = refused(client.post(url, {"reason": "x" * 2001, "next": place}))
    assert "x" * 2001 in page
    assert f'name="next" value="{place}"' in page
    assert 'href="?' not in page

    with inside(company):
        reverse_due(datetime.date(2026, 4, 1))
    page = refused(client.post(url, {"reason": "Booked by hand"}))
    assert 'value="Booked by hand"' in page


def test_an_occurrence_that_is_refused_keeps_its_day_and_names_the_line(signed_in, page_of, company, stuck):
    client, url = signed_in("accountant"), page_of("ledger:occurrence-act", stuck.pk, "2026-01-31")
    locked = refused(client.post(url, {"act": "retry", "on": "2026-01-30"}))
    assert 'value="2026-01-30"' in locked
    assert f'action="{url}"' in locked

    with inside(company):
        Account.objects.for_company(company).filter(code="5000").update(status="frozen")
    assert "Line 1:" in refused(client.post(url, {"act": "retry", "on": "2026-02-01"}))
    assert "This field is required" in refused(client.post(url, {"act": "skip", "reason": " "}))
    assert refused(client.post(url, {"act": "skip", "reason": "x" * 2001})).count("x" * 2001) == 1


def test_a_period_that_is_not_reopened_asks_again_where_it_was_asked(signed_in, page_of, company):
    with inside(company):
        first, second = Period.objects.for_company(company).order_by("start")[:2]
        close_period(first), close_period(second)
    client, url = signed_in("controller"), page_of("accounting:period-status", first.pk)
    listed = refused(client.post(url, {"act": "reopen", "reason": "Late bill"}))
    assert 'value="Late bill"' in listed
    assert page_of("accounting:next-year") in listed

    own = page_of("accounting:period-checklist", first.pk)
    checked = refused(client.post(url, {"act": "reopen", "reason": "Late bill", "next": own}))
    assert 'value="Late bill"' in checked
    assert "Checklist of" in checked


def test_the_forms_of_an_entry_do_not_mix(signed_in, page_of, accrual):
    client = signed_in("accountant")
    for name in ("reverse", "correct"):
        page = refused(client.post(page_of(f"ledger:entry-{name}", accrual), {"date": "", "reason": "Twice"}))
        assert page.count('value="Twice"') == 1
    page = refused(client.post(page_of("ledger:entry-keep", accrual), {"reason": "x" * 2001}))
    assert page.count("x" * 2001) == 1
    assert f'action="{page_of("ledger:entry-keep", accrual)}"' in page


def test_a_last_date_and_a_year_that_are_refused_are_shown_outside_their_dialogs(signed_in, page_of, company, stuck):
    client = signed_in("owner")
    page = refused(client.post(page_of("ledger:recurring-change", stuck.pk), {"act": "end", "end": "soon"}))
    assert 'value="soon"' in page

    year = fetched(company, FiscalYear, name="2026")
    with inside(company):
        set_lock_date("all", None, reason="Test")
        post(sale("5.00", key="profit"))
        close_year(year.pk)
    page = refused(client.post(page_of("ledger:year-reopen", year.pk), {"reason": "x" * 1001 * 10}))
    assert f'action="{page_of("ledger:year-reopen", year.pk)}"' in page


ACTS = [
    ("accounting:lock-exception-list", "accounting.views_lock_exceptions.ask_exception",
     {"kind": "all", "start": "2026-03-01", "expires_at": "2026-12-01T10:00", "reason": "x"}),
    ("accounting:lock-exception-approve", "accounting.views_lock_exceptions.approve_exception", {}),
    ("ledger:entry-reverse", "ledger.views_entries.reverse", {"date": "2026-03-20", "reason": "x"}),
    ("ledger:entry-keep", "ledger.views_entries.cancel_auto_reversal", {"reason": "x"}),
    ("ledger:approval-rule-list", "ledger.views_approval_rules.set_rule", {"minimum": "5", "approvals": "1"}),
    ("ledger:template-delete", "ledger.views_templates.delete_template", {}),
    ("ledger:template-new", "ledger.views_templates.save_template", {"name": "x", "journal": "GEN"}),
    ("accounting:lock-date", "accounting.views_periods.set_lock_date", {"kind": "all"}),
    ("accounting:rate-list", "accounting.views_rates.set_rate",
     {"currency": "USD", "date": "2026-01-01", "rate": "1", "source": "x"}),
    ("tenants:delegation-list", "tenants.views_delegations.delegate", {"start": "2026-01-01", "end": "2026-01-02"}),
]  # fmt: skip


@pytest.mark.parametrize(("refusal", "status"), [(NotFound, 404), (NotPermitted, 403)])
@pytest.mark.parametrize(("name", "act", "fields"), ACTS, ids=[name for name, _act, _fields in ACTS])
def test_what_is_not_there_or_not_allowed_is_a_page_and_no_word_at_a_form(
    signed_in, page_of, company, accrual, monkeypatch, name, act, fields, refusal, status
):
    client = signed_in("owner")

    def refuse(*_args, **_fields):
        raise refusal("Somebody took it away.")

    if name == "tenants:delegation-list":
        me = client.session["_auth_user_id"]
        other = as_role(company, "clerk", lambda: _me())
        fields = {**fields, "delegator": me, "to": other}
    rows = {"ledger:entry-reverse": accrual, "ledger:entry-keep": accrual}
    loose = name in ("accounting:lock-exception-approve", "ledger:template-delete")
    args = [rows[name]] if name in rows else [accrual] if loose else []
    monkeypatch.setattr(act, refuse)
    assert client.post(page_of(name, *args), fields).status_code == status


def _me():
    from tenants.scope import current_scope

    return str(current_scope().actor.id)
