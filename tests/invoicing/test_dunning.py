"""Late customers are asked step by step, once a level; fee and interest are charged; who is spared is spared."""

import datetime
import threading
from decimal import Decimal

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from accounting.contacts import change_contact
from accounting.models import Account
from accounting.rates import set_rate
from invoicing.document_posting import post_documents
from invoicing.dunning import run_dunning
from invoicing.dunning_blocks import block_dunning, lift_block
from invoicing.dunning_job import ask_to_dun, dun_by_itself
from invoicing.dunning_letter import dunning_letter
from invoicing.dunning_levels import BadDunningLevel, add_level, add_usual_levels, change_level
from invoicing.dunning_plan import Dunned, dunning_plan, interest_of, next_level
from invoicing.invoicing_settings import change_settings
from invoicing.mail_words import BadWords
from invoicing.models import Document, DunnedDocument, DunningLevel, DunningNotice
from invoicing.overdue import tell_what_is_overdue
from invoicing.payment_posting import post_payment
from invoicing.payments import PartContent, PaymentContent, save_payment
from jobs.models import OutboundMail, WebhookEvent
from jobs.running import run
from jobs.webhook_endpoints import add_endpoint
from ledger.reversal import ReasonNeeded
from tenants.refusal import NotPermitted
from tenants.scope import Actor, company_scope
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import booked, customer, draft, line, posted, supplier

D = Decimal


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def levels(company):
    with system_scope(company):
        return add_usual_levels()


def after(days):
    """So many days after the invoices of these tests are due."""
    return DAY + datetime.timedelta(days=days)


def due_at_once(contact, *lines, **fields):
    return posted(contact, *lines, due_date=DAY, **fields)


def paid(invoice, amount):
    company = invoice.company
    bank = Account.objects.for_company(company).get(code="1000")
    content = PaymentContent(
        direction="in", role="customer", contact=invoice.contact_id, date=DAY, amount=D(amount), account=bank.pk,
        parts=[PartContent(document=invoice.pk, amount=D(amount))],
    )  # fmt: skip
    post_payment(save_payment(content).pk)


def planned(company, date):
    return [
        (one.contact.name, one.level.number, one.open_amount, one.interest, one.fee)
        for one in dunning_plan(company, date)
    ]  # fmt: skip


def sent(run):
    assert run.refused == []
    return [(one.level.number, one.open_amount, one.interest, one.fee) for one in run.notices]


# Reckoning


def test_interest_is_by_actual_days_of_a_year_of_365():
    assert interest_of(D("1000"), D("5"), DAY, after(73), 2) == D("10.00")
    assert interest_of(D("100"), D("9.25"), DAY, after(1), 2) == D("0.03")
    assert interest_of(D("100"), D("5"), DAY, DAY, 2) == interest_of(D("100"), D("5"), after(9), DAY, 2) == 0
    assert interest_of(D("10000"), D("5"), DAY, after(1), 0) == D("1")


def test_levels_come_one_at_a_time_as_far_apart_as_they_are(levels):
    first, second, third = levels
    assert next_level(levels, None, DAY, after(6)) is None
    assert next_level(levels, None, DAY, after(7)) == first
    # Found late, it begins at the beginning all the same, and the next waits as long as the levels are apart.
    assert next_level(levels, None, DAY, after(90)) == first
    assert next_level(levels, Dunned(first, after(90), None), DAY, after(103)) is None
    assert next_level(levels, Dunned(first, after(90), None), DAY, after(104)) == second
    assert next_level(levels, Dunned(third, after(200), None), DAY, after(900)) is None


def test_a_friendly_word_before_the_day_is_not_followed_up_before_it(company, levels):
    with system_scope(company):
        friendly = DunningLevel(number=0, days=-3)
        every = [friendly, *levels]
        assert next_level(every, None, DAY, after(-4)) is None
        assert next_level(every, None, DAY, after(-3)) == friendly
        assert next_level(every, None, DAY, after(3)) is None, "when it is late, a word before is too late"
        assert next_level(every, None, DAY, after(7)) == levels[0]


# The run


def test_a_late_invoice_is_asked_for_with_fee_and_interest(company, levels):
    with system_scope(company):
        buyer = customer(email="buyer@example.com")
        invoice = due_at_once(buyer, line("1000.00"))
        paid(due_at_once(buyer, line("50.00")), "50")
        due_at_once(supplier(), line("10.00"))
        assert planned(company, after(6)) == []
        assert sent(run_dunning(after(7))) == [(1, D("1000.00"), D("0.00"), D("0"))]
        assert sent(run_dunning(after(7))) == [], "twice is once"
        paid(invoice, "270")
        assert planned(company, after(21)) == [("Adatum", 2, D("730.00"), D("2.10"), D("5"))]
        assert sent(run_dunning(after(21))) == [(2, D("730.00"), D("2.10"), D("5"))]
        # From the last notice on: 14 days of 5 % on 730.
        assert sent(run_dunning(after(35))) == [(3, D("730.00"), D("1.40"), D("10"))]
        assert planned(company, after(900)) == [], "after the last level nothing more is sent"
        mails = OutboundMail.objects.for_company(company).order_by("id")
        assert [(mail.to, len(mail.attachments)) for mail in mails] == [(["buyer@example.com"], 1)] * 3
        assert "Please pay 741.40 EUR" in mails[2].body_text


def test_the_invoices_of_a_customer_go_into_one_letter_by_currency(company, levels, tmp_path):
    with system_scope(company):
        buyer = customer()
        due_at_once(buyer, line("10.00"), reference="A")
        first = due_at_once(buyer, line("20.00"))
        run_dunning(after(7))
        second = posted(buyer, line("5.00"), due_date=after(14))
        set_rate("USD", DAY, D("0.5"), source="test")
        due_at_once(buyer, line("40.00"), currency="USD")
        done = run_dunning(after(21))
        by_currency = {one.currency: one for one in done.notices}
        assert by_currency["EUR"].level.number == 2 and by_currency["EUR"].open_amount == D("35.00")
        assert (by_currency["USD"].level.number, by_currency["USD"].fee) == (1, 0)
        items = list(by_currency["EUR"].documents.select_related("document", "level"))
        assert {(one.document, one.level.number) for one in items} >= {(first, 2), (second, 1)}
        pdf = dunning_letter(by_currency["EUR"], items)
        (tmp_path / "letter.pdf").write_bytes(pdf)
        text = "".join(page.extract_text() for page in PdfReader(tmp_path / "letter.pdf").pages)
        assert first.number in text and "First dunning notice" in text and buyer.name in text


def test_a_fee_in_another_currency_is_reckoned_at_the_rate_of_the_day(company, levels):
    with system_scope(company):
        change_level(levels[0].pk, fee=D("5"))
        buyer = customer()
        invoice = due_at_once(buyer, line("40.00"), currency="USD", rate=D("0.5"))
        assert "no exchange rate" in dunning_plan(company, after(7))[0].problem
        run = run_dunning(after(7))
        assert [(refusal.code) for _key, refusal in run.refused] == ["cannot_dun"]
        set_rate("USD", DAY, D("0.4"), source="test")
        assert sent(run_dunning(after(7))) == [(1, D("40.00"), 0, D("12.50"))]
        assert DunnedDocument.objects.for_company(company).get().document == invoice


def test_fee_and_interest_are_charged_by_a_debit_note_that_bears_no_interest(company, levels):
    with system_scope(company):
        income = Account.objects.for_company(company).get(code="4000")
        change_settings(dunning_account=income)
        due_at_once(customer(), line("730.00"))
        run_dunning(after(7))
        (notice,) = run_dunning(after(21)).notices
        charge = notice.charged_by
        assert (charge.kind, charge.total) == ("debit_note", D("7.10"))
        assert sorted(booked(charge)) == [("1100", D("7.1")), ("4000", D("-7.1"))]
        last = next(one for one in dunning_plan(company, after(70)) if one.currency == "EUR")
        interest = {one.document.kind: one.interest for one in last.documents}
        assert interest == {"invoice": D("4.90"), "debit_note": 0}


def test_a_letter_that_is_refused_keeps_no_other_from_being_sent(company, levels):
    with system_scope(company):
        change_settings(dunning_account=Account.objects.for_company(company).get(code="4000"))
        change_level(levels[0].pk, fee=D("5"))
        for name in ("Adatum", "Contoso"):
            due_at_once(customer(name), line("10.00"))
        change_contact(Document.objects.for_company(company).get(contact__name="Adatum").contact, credit_limit=D("1"))
        run = run_dunning(after(7))
        assert [one.contact.name for one in run.notices] == ["Contoso"]
        assert [refusal.code for _key, refusal in run.refused] == ["credit_limit_passed"]
        assert DunningNotice.objects.for_company(company).count() == 1


def test_who_is_spared_is_not_dunned_until_the_day(company, levels):
    with system_scope(company):
        first, second = customer("Adatum"), customer("Contoso")
        one, _two, other = (due_at_once(contact, line("10.00")) for contact in (first, first, second))
        block = block_dunning(document_id=one.pk, reason="Disputed", until=after(10))
        assert block_dunning(document_id=one.pk, reason="Again", until=after(11)).pk == block.pk
        block_dunning(contact_id=second.pk, reason="Agreed")
        assert planned(company, after(11)) == [("Adatum", 1, D("10.00"), 0, 0)]
        assert planned(company, after(12))[0][2] == D("20.00")
        lift_block(block.pk)
        assert planned(company, after(8))[0][2] == D("20.00")
        with pytest.raises(ReasonNeeded):
            block_dunning(document_id=other.pk, reason=" ")


def test_two_runs_at_once_send_each_letter_once(committed_company):
    with system_scope(committed_company):
        add_usual_levels()
        for name in ("Adatum", "Contoso", "Fabrikam"):
            due_at_once(customer(name, email="a@example.com"), line("10.00"))
    problems = []

    def one_run():
        try:
            with system_scope(committed_company):
                run_dunning(after(7))
        except Exception as error:
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one_run) for _run in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with system_scope(committed_company):
        assert DunningNotice.objects.for_company(committed_company).count() == 3
        assert OutboundMail.objects.for_company(committed_company).count() == 3


def test_a_run_in_the_background_sends_what_was_chosen(committed_company):
    company = committed_company
    with system_scope(company):
        add_usual_levels()
        for name in ("Adatum", "Contoso"):
            due_at_once(customer(name), line("10.00"))
        key = dunning_plan(company, after(7))[1].key
        job = ask_to_dun(after(7), [key], key="one")
        assert ask_to_dun(after(7), [key], key="one").pk == job.pk
    run(company.pk, job.pk)
    with system_scope(company):
        job.refresh_from_db()
        assert job.result == {"sent": 1, "refused": 0, "refusals": []}
        assert DunningNotice.objects.for_company(company).get().contact.name == "Contoso"


def test_it_runs_by_itself_where_the_company_wants_it(company, levels, monkeypatch):
    with system_scope(company):
        due_at_once(customer(), line("10.00"))
        monkeypatch.setattr("invoicing.dunning_job.business_day", lambda company: after(7))
        assert dun_by_itself(after(7)) == 0
        change_settings(dunning_by_itself=True)
        assert dun_by_itself(after(7)) == 1
        assert dun_by_itself(after(7)) == 0


def test_an_overdue_invoice_is_told_of_once(company):
    with system_scope(company):
        add_endpoint("https://example.com/", events=["invoice.overdue"])
        invoice = due_at_once(customer(), line("10.00"))
        assert tell_what_is_overdue(DAY) == 0
        assert tell_what_is_overdue(after(1)) == 1
        assert tell_what_is_overdue(after(2)) == 0
        assert WebhookEvent.objects.for_company(company).get().subject_id == invoice.pk


# Levels


def test_levels_that_cannot_be_are_refused(company, levels):
    with system_scope(company):
        words = {"name": "x", "subject": "x", "body": "x"}
        for wrong, place in (
            ({"days": 30}, "days"), ({"days": -1, "fee": D(1)}, "days"), ({"days": 40, "fee": D(-1)}, "fee"),
            ({"days": 40, "interest_percent": D(100)}, "interest_percent"), ({"days": 40, "name": " "}, "name"),
        ):  # fmt: skip
            with pytest.raises(BadDunningLevel) as refused:
                add_level(**{**words, **wrong})
            assert refused.value.place == place
        with pytest.raises(BadWords):
            change_level(levels[0].pk, body="{nobody}")
        assert add_level(**words, days=40).number == 4


# By page and API


def page(company, name, *args):
    return reverse(f"invoicing:{name}", args=[company.slug, *args])


def test_the_pages_of_dunning(signed_in, company):
    client = signed_in("owner")
    assert "There are no dunning levels yet" in client.get(page(company, "dunning")).content.decode()
    client.post(page(company, "dunning-levels-usual"))
    assert "First dunning notice" in client.get(page(company, "dunning-level-list")).content.decode()
    with system_scope(company):
        buyer = customer()
        invoice = due_at_once(buyer, line("1234.00"))
        level = DunningLevel.objects.for_company(company).get(number=1)
    edit = page(company, "dunning-level-edit", level.pk)
    typed = {"name": "Hello", "days": "7", "fee": "1.5", "interest_percent": "", "subject": "S", "body": "{due}",
             "is_active": "on", "version": level.version}  # fmt: skip
    assert client.post(edit, {**typed, "body": "{nobody}"}).status_code == 422
    assert client.post(edit, typed).status_code == 302
    assert client.post(edit, typed).status_code == 409, "it was changed meanwhile"
    shown = client.get(page(company, "dunning"), {"date": after(7)}).content.decode()
    assert "1,234.00" in shown and "1,235.50" in shown and "no e-mail address" in shown
    rows = client.get(page(company, "dunning"), {"date": after(7), "format": "csv"})
    assert invoice.number in b"".join(rows).decode()
    blocked = {"document_id": invoice.pk, "contact_id": buyer.pk, "whom": "document", "reason": "Disputed"}
    assert "Disputed" in client.post(page(company, "dunning-block"), blocked, follow=True).content.decode()
    assert "Nobody is to be asked" in client.get(page(company, "dunning"), {"date": after(7)}).content.decode()
    with system_scope(company):
        (block,) = buyer.dunning_blocks.all()
    client.post(page(company, "dunning-block"), {"lift": block.pk})
    for made_up in ({"lift": "x"}, {"document_id": "x", "reason": "y"}):
        assert client.post(page(company, "dunning-block"), made_up).status_code == 404
    nothing = client.post(page(company, "dunning"), {"date": after(7)})
    assert "Choose whom to dun." in nothing.content.decode()
    started = client.post(page(company, "dunning"), {"date": after(7), "notice": f"{buyer.pk}:EUR"})
    assert started.status_code == 302 and "/jobs/" in started["Location"]
    assert signed_in("auditor").post(page(company, "dunning"), {"notice": "x"}).status_code == 403


def test_what_was_sent_is_listed_and_printed(signed_in, company, levels):
    client = signed_in("accountant")
    assert "Nobody was dunned yet." in client.get(page(company, "dunning-notice-list")).content.decode()
    with system_scope(company):
        due_at_once(customer(), line("10.00"))
        (notice,) = run_dunning(after(7)).notices
    assert "Adatum" in client.get(page(company, "dunning-notice-list")).content.decode()
    assert "Payment reminder" in client.get(page(company, "dunning-notice-detail", notice.pk)).content.decode()
    assert client.get(page(company, "dunning-notice-file", notice.pk)).content.startswith(b"%PDF")
    rows = client.get(page(company, "dunning-notice-list"), {"format": "csv"})
    assert "10.00" in b"".join(rows).decode()


def test_the_api_of_dunning(api, company):
    office = api("read", "write", "post", "admin")
    level = {"name": "Reminder", "days": 7, "fee": "2.50", "subject": "S", "body": "B"}
    made = office.post("dunning-levels/", level)
    assert (made.status_code, made.json()["number"], made.json()["fee"]) == (201, 1, "2.50")
    changed = office.patch(made["Location"].split("/", 5)[5], {"days": 8}, **{"If-Match": made["ETag"]})
    assert changed.json()["days"] == 8
    refused = office.post("dunning-levels/", {**level, "days": 5})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_dunning_level")
    with system_scope(company):
        buyer = customer()
        invoice = due_at_once(buyer, line("10.00"))
    (planned,) = office.get("dunning/", date=str(after(8))).json()
    assert (D(planned["due"]), planned["documents"][0]["number"]) == (D("12.50"), invoice.number)
    block = office.post("dunning-blocks/", {"document": str(invoice.pk), "reason": "Disputed"})
    assert office.get("dunning/", date=str(after(8))).json() == []
    assert office.delete(f"dunning-blocks/{block.json()['id']}/").status_code == 204
    started = office.post("dunning/run/", {"date": str(after(8))}, key="run")
    assert (started.status_code, started.json()["kind"]) == (202, "invoicing.run_dunning")
    with system_scope(company):
        run_dunning(after(8))
    (notice,) = office.get("dunning-notices/").json()["results"]
    assert (D(notice["fee"]), notice["documents"][0]["document"]) == (D("2.50"), str(invoice.pk))
    assert api("read", "write").post("dunning/run/", {}).status_code == 403


@pytest.mark.parametrize("many", [1, 20])
def test_the_plan_costs_the_same_for_one_and_for_many(company, levels, many):
    with system_scope(company):
        drafts = [draft(customer(f"Customer {number}"), line("10.00"), due_date=DAY) for number in range(many)]
        post_documents([one.pk for one in drafts])
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(dunning_plan(company, after(7))) == many
    assert len(asked) <= 5


def test_it_takes_the_right_to_post(company, levels):
    nobody = Actor(type="person", name="x", permissions=frozenset())
    with company_scope(company, actor=nobody), pytest.raises(NotPermitted):
        run_dunning(after(7))
