"""E-mails leave after the commit, once, and say what became of them; one that was perhaps sent waits for a person."""

import datetime
import uuid

import pytest
from django.core import mail as locmem
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.utils import timezone

from config.environment import mail_server
from jobs.mail import BadMail, MailKeyReused, StoredFile, send_mail_later
from jobs.mail_deciding import MailOnItsWay, NothingToSend, cancel_mail, retry_mail
from jobs.mail_sending import Outcome, claim_mail, record, send_due, send_one
from jobs.models import OutboundMail
from tenants.refusal import NotPermitted
from tenants.scope import Actor, company_scope
from tests.conftest import make_company
from tests.jobs.outgoing import inside, mail_of, move
from tests.jobs.receiver import MailServer, running

ABOUT = uuid.uuid4()


@pytest.fixture
def mail_server_here(settings):
    with running(MailServer()) as server:
        settings.EMAIL_IS_SET_UP, settings.EMAIL_BACKEND = True, "jobs.smtp.OutboxBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 1
        settings.DEFAULT_FROM_EMAIL = "Daybook <books@example.com>"
        yield server


def ask(company, key="invoice:1:send", **fields):
    wanted = {"to": ["anna@example.com"], "subject": "Invoice 1", "body_text": "Please pay.", **fields}
    with inside(company):
        return send_mail_later(key=key, **wanted)


def try_again(company):
    move(company, OutboundMail, next_at=timezone.now())
    return send_one(company)


def test_a_mail_leaves_after_the_commit_with_all_that_it_holds(committed_company, mail_server_here, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    path = default_storage.save("invoice.pdf", ContentFile(b"%PDF"))
    with inside(committed_company):
        asked = ask(
            committed_company, cc=["ben@example.com"], reply_to="cash@example.com", body_html="<b>Please</b> pay.",
            attachments=[StoredFile("Rechnung für März.pdf", "application/pdf", path)], about="invoice", about_id=ABOUT,
        )  # fmt: skip
        assert (asked.state, mail_server_here.mails) == ("waiting", [])
    assert send_one(committed_company)
    assert not send_one(committed_company)

    (got,) = mail_server_here.mails
    sent = mail_of(committed_company)
    assert (sent.state, sent.attempts, sent.error, sent.about_id) == ("sent", 1, "", ABOUT)
    assert sent.sent_at is not None
    assert (got["Message-ID"], got["Subject"], got["Cc"]) == (sent.message_id, "Invoice 1", "ben@example.com")
    assert got["From"].addresses[0].addr_spec == "books@example.com"
    assert got["From"].addresses[0].display_name == committed_company.name
    assert got["Reply-To"] == "cash@example.com"
    assert mail_server_here.recipients == ["anna@example.com", "ben@example.com"]
    assert got.get_body(("plain",)).get_content().strip() == "Please pay."
    assert got.get_body(("html",)).get_content().strip() == "<b>Please</b> pay."
    (file,) = got.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Rechnung für März.pdf", b"%PDF")


def test_what_is_rolled_back_is_never_sent(committed_company, mail_server_here):
    with pytest.raises(ZeroDivisionError), inside(committed_company):
        ask(committed_company)
        raise ZeroDivisionError

    assert not send_one(committed_company)


def test_one_key_sends_one_mail_and_takes_no_other_content(committed_company, mail_server_here):
    first = ask(committed_company)
    assert ask(committed_company).pk == first.pk
    with pytest.raises(MailKeyReused):
        ask(committed_company, subject="Invoice 2")
    send_one(committed_company)
    assert ask(committed_company).state == "sent"
    assert not send_one(committed_company)
    assert len(mail_server_here.mails) == 1


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("to", {"to": []}),
        ("to", {"to": ["nobody"]}),
        ("to", {"to": ["a@example.com\nBcc: b@example.com"]}),
        ("to", {"to": [f"a{number}@example.com" for number in range(51)]}),
        ("cc", {"cc": ["@"]}),
        ("reply_to", {"reply_to": "x"}),
        ("subject", {"subject": " "}),
        ("subject", {"subject": "Invoice\r\nBcc: b@example.com"}),
        ("subject", {"subject": "x" * 251}),
        ("body_text", {"body_text": "x" * 1_000_001}),
        ("key", {"key": "x" * 201}),
        ("key", {"key": ""}),
    ],
)
def test_what_is_no_mail_is_refused_where_it_is_wrong(company, db, place, wrong):
    with pytest.raises(BadMail) as refused:
        ask(company, **wrong)
    assert refused.value.place == place


def test_without_a_mail_server_mails_wait_and_say_so(committed_company, settings):
    settings.EMAIL_IS_SET_UP = False
    ask(committed_company)
    assert not send_one(committed_company)

    waiting = mail_of(committed_company)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert waiting.error == "No mail server is set up (EMAIL_URL): the mail waits for one."
    settings.EMAIL_IS_SET_UP = True
    assert send_one(committed_company)
    assert [mail.subject for mail in locmem.outbox] == ["Invoice 1"]
    assert mail_of(committed_company).error == ""


def test_a_server_that_is_away_is_asked_again_and_given_up_in_the_end(committed_company, mail_server_here, settings):
    settings.EMAIL_PORT = 9
    ask(committed_company)
    send_one(committed_company)
    failed = mail_of(committed_company)
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert failed.error
    assert datetime.timedelta(seconds=5) < failed.next_at - timezone.now() < datetime.timedelta(seconds=13)
    assert not send_one(committed_company)

    for _number in range(11):
        assert try_again(committed_company)
    given_up = mail_of(committed_company)
    assert (given_up.state, given_up.attempts, given_up.next_at) == ("abandoned", 12, None)


@pytest.mark.parametrize(
    ("wish", "state", "said"),
    [
        ("later", "failed", "anna@example.com: 450 come back later"),
        ("nobody", "abandoned", "anna@example.com: 550 no such person"),
        ("spam", "abandoned", "554 spam"),
        ("hang-up", "unknown", "The connection broke before the mail server confirmed it"),
        ("silence", "unknown", "The connection broke before the mail server confirmed it"),
    ],
)
def test_what_the_server_says_decides_what_becomes_of_the_mail(committed_company, mail_server_here, wish, state, said):
    mail_server_here.wish = wish
    ask(committed_company)
    send_one(committed_company)

    mail = mail_of(committed_company)
    assert mail.state == state
    assert mail.error.startswith(said)
    assert (mail.next_at is not None) == (state == "failed")


def test_people_whom_the_server_did_not_take_are_named(committed_company, mail_server_here):
    mail_server_here.wish = "not-all"
    ask(committed_company, to=["anna@example.com", "gone@example.com"])
    send_one(committed_company)

    mail = mail_of(committed_company)
    assert (mail.state, mail.error) == ("sent", "The mail server did not take: gone@example.com.")


def test_a_mail_that_was_perhaps_sent_is_sent_again_by_a_person_alone(committed_company, mail_server_here):
    mail_server_here.wish = "hang-up"
    ask(committed_company)
    send_one(committed_company)
    assert not send_one(committed_company)

    mail_server_here.wish = ""
    with inside(committed_company):
        again = retry_mail(mail_of(committed_company))
        assert (again.state, again.attempts, again.decided_by) == ("waiting", 0, "test")
        with pytest.raises(NothingToSend):
            retry_mail(again)
    send_one(committed_company)
    assert mail_of(committed_company).state == "sent"
    assert len({mail["Message-ID"] for mail in mail_server_here.mails}) == 1


def test_a_mail_whose_worker_died_was_perhaps_sent(committed_company, mail_server_here):
    ask(committed_company)
    mail, token = claim_mail(committed_company)
    assert claim_mail(committed_company) is None
    move(committed_company, OutboundMail, claimed_until=timezone.now() - datetime.timedelta(seconds=1))
    assert not send_one(committed_company)

    assert mail_of(committed_company).state == "unknown"
    assert record(committed_company, mail, token, Outcome("sent")) is False
    assert mail_server_here.mails == []


def test_a_file_that_is_not_there_stops_the_mail_and_says_so(committed_company, mail_server_here):
    ask(committed_company, attachments=[StoredFile("a.pdf", "application/pdf", "nowhere/a.pdf")])
    send_one(committed_company)

    failed = mail_of(committed_company)
    assert failed.state == "failed"
    assert "a.pdf" in failed.error
    assert mail_server_here.mails == []


def test_a_cancelled_mail_is_not_sent(committed_company, mail_server_here):
    mail = ask(committed_company)
    with inside(committed_company):
        assert cancel_mail(mail).state == "cancelled"
        assert cancel_mail(mail).state == "cancelled"
    assert not send_one(committed_company)

    with inside(committed_company):
        retry_mail(mail)
    send_one(committed_company)
    with inside(committed_company), pytest.raises(MailOnItsWay):
        cancel_mail(mail)


def test_who_may_not_draft_decides_nothing(company, scope):
    mail = send_mail_later(key="k", to=["a@example.com"], subject="S", body_text="T")
    with company_scope(company, actor=Actor(type="user", name="Nina", permissions=frozenset())):
        for act in (retry_mail, cancel_mail):
            with pytest.raises(NotPermitted):
                act(mail)


def test_a_round_serves_every_company_and_one_sees_no_mail_of_another(committed_company, mail_server_here):
    other = make_company()
    ask(committed_company)
    ask(other, to=["theirs@example.com"])
    send_due()

    assert mail_of(committed_company).to == ["anna@example.com"]
    assert mail_of(other).to == ["theirs@example.com"]
    with inside(other), pytest.raises(OutboundMail.DoesNotExist):
        OutboundMail.objects.for_company(committed_company).get()


def test_the_database_keeps_a_sent_mail_with_its_time(company, scope):
    send_mail_later(key="k", to=["a@example.com"], subject="S", body_text="T")
    with pytest.raises(DatabaseError):
        OutboundMail.objects.for_company(company).update(state="sent", next_at=None)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", ("", 25, "", "", False, False)),
        ("smtp://mail", ("mail", 25, "", "", False, False)),
        ("smtp://me%40a.example:p%2Fw@mail", ("mail", 587, "me@a.example", "p/w", True, False)),
        ("smtp://me:pw@mail:2525?tls=0", ("mail", 2525, "me", "pw", False, False)),
        ("smtp://mail?tls=1", ("mail", 25, "", "", True, False)),
        ("smtps://me:pw@mail", ("mail", 465, "me", "pw", False, True)),
    ],
)
def test_the_mail_server_is_read_from_its_address(url, told):
    assert mail_server(url) == told


@pytest.mark.parametrize("url", ["mail", "http://mail", "smtp://"])
def test_what_is_no_mail_server_stops_the_installation(url):
    with pytest.raises(RuntimeError):
        mail_server(url)
