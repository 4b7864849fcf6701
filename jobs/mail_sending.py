"""Hand the e-mails to the mail server: claim one, send it outside any transaction, record what came of it.

A mail whose content was on its way when the connection broke, or whose worker died with it, was perhaps sent: it is
recorded as unknown, and only a person sends it again.
"""

import contextlib
import dataclasses
import datetime
import smtplib
import time
from email.utils import formataddr, parseaddr
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from prometheus_client import Counter

from jobs.backoff import delay_after
from jobs.models import DUE, MailState, OutboundMail
from jobs.models.outgoing import LONGEST_ERROR
from jobs.plain_values import plain_text
from tenants.models import Company
from tenants.scope import Actor, company_scope

log = structlog.get_logger(__name__)

MAILS = Counter("daybook_mails", "E-mails handed to the mail server, by what came of them.", ["outcome"])
SENDER = Actor.system("mail sender")
MOST_ATTEMPTS = 12
ROUND_SECONDS = 25.0


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt."""

    state: str
    error: str = ""


def send_due() -> int:
    """Send the due mails of all companies; returns how many were tried. Safe to be run twice at once."""
    deadline = time.monotonic() + ROUND_SECONDS
    companies, tried = list(Company.objects.filter(is_active=True)), 0
    while companies and time.monotonic() < deadline:
        more = [company for company in companies if time.monotonic() < deadline and send_one(company)]
        tried += len(more)
        companies = more
    return tried


def send_one(company: Company) -> bool:
    """Send the mail of the company that is due first; False where none is. One company's trouble is its own."""
    try:
        claimed = claim_mail(company)
        if claimed is None:
            return False
        mail, token = claimed
        outcome = hand_over(company, mail)
        # A connection that was closed meanwhile must not break the record.
        connection.close_if_unusable_or_obsolete()
        record(company, mail, token, outcome)
    except DatabaseFailure as error:
        log.warning("mails_put_off", company=company.slug, error=str(error))
        connection.close_if_unusable_or_obsolete()
        return False
    return True


def claim_mail(company: Company) -> tuple[OutboundMail, UUID] | None:
    """Take the mail that is due first. Without a mail server the mails say that they wait for one."""
    with transaction.atomic(durable=True), company_scope(company, actor=SENDER, act="claim mail"):
        mails = OutboundMail.objects.for_company(company)
        mails.orphaned().update(**_values(Outcome(MailState.UNKNOWN, _interrupted())))
        if not settings.EMAIL_IS_SET_UP:
            reason = _("No mail server is set up (EMAIL_URL): the mail waits for one.")
            mails.due().exclude(error=reason).update(error=reason)
            return None
        mail = mails.due().order_by("next_at", "pk").held(skip_locked=True).first()
        if mail is None:
            return None
        token = uuid4()
        mails.filter(pk=mail.pk).update(
            state=MailState.CLAIMED, claim_token=token, claimed_until=Now() + _lease(), next_at=None,
            attempts=F("attempts") + 1, version=F("version") + 1,
        )  # fmt: skip
        mail.refresh_from_db()
        return mail, token


def hand_over(company: Company, mail: OutboundMail) -> Outcome:
    """Give the mail to the mail server and say what came of it; never raises."""
    backend: Any = get_connection()
    try:
        message = _message(company, mail, backend)
        backend.open()
        message.send()
        not_taken = ", ".join(getattr(backend, "not_taken", []))
        return Outcome(MailState.SENT, _("The mail server did not take: %s.") % not_taken if not_taken else "")
    except Exception as error:  # whatever the server, the storage or the backend came up with
        log.warning("mail_not_sent", mail=str(mail.pk), error=str(error))
        return _understood(error, mail, getattr(backend, "content_sent", isinstance(error, TimeoutError)))
    finally:
        with contextlib.suppress(Exception):
            backend.close()


def record(company: Company, mail: OutboundMail, token: UUID, outcome: Outcome) -> bool:
    """Write down what became of the mail; False where the claim had run out."""
    with transaction.atomic(durable=True), company_scope(company, actor=SENDER, act="record mail"):
        mine = OutboundMail.objects.for_company(company).filter(pk=mail.pk, claim_token=token, state=MailState.CLAIMED)
        values = _values(outcome)
        if outcome.state in DUE:
            values["next_at"] = Now() + delay_after(mail.attempts)
        recorded = bool(mine.update(**values))
    MAILS.labels(str(outcome.state) if recorded else "lost").inc()
    return recorded


def _message(company: Company, mail: OutboundMail, backend: Any) -> EmailMultiAlternatives:
    sender = formataddr((company.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    message = EmailMultiAlternatives(
        mail.subject, mail.body_text, sender, to=mail.to, cc=mail.cc, connection=backend,
        reply_to=[mail.reply_to] if mail.reply_to else None,
        # One for all attempts: who gets a mail twice sees that it is the same.
        headers={"Message-ID": mail.message_id},
    )  # fmt: skip
    if mail.body_html:
        message.attach_alternative(mail.body_html, "text/html")
    for file in mail.attachments:
        with default_storage.open(file["path"]) as stored:
            message.attach(file["name"], stored.read(), file["content_type"])
    return message


def _understood(error: Exception, mail: OutboundMail, content_sent: bool) -> Outcome:
    said = plain_text(_words_of(error), LONGEST_ERROR - 200)
    code = _code_of(error)
    if code is None and content_sent:
        return Outcome(MailState.UNKNOWN, _("The connection broke before the mail server confirmed it: %s.") % said)
    if code is not None and 500 <= code < 600 and not isinstance(error, smtplib.SMTPAuthenticationError):
        return Outcome(MailState.ABANDONED, said)
    if mail.attempts >= MOST_ATTEMPTS:
        return Outcome(
            MailState.ABANDONED, _("%(said)s (tried %(count)d times)") % {"said": said, "count": mail.attempts}
        )
    return Outcome(MailState.FAILED, said)


def _code_of(error: Exception) -> int | None:
    """The mail server's own word; where it refused every person, the mildest of its words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min(code for code, _text in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _words_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(
            f"{who}: {code} {text.decode(errors='replace')}" for who, (code, text) in error.recipients.items()
        )
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return str(error) or type(error).__name__


def _interrupted() -> str:
    return _("The worker ended while it was sending the mail: it may have gone out.")


def _lease() -> datetime.timedelta:
    # A mail server may be slow at each of a dozen steps.
    return datetime.timedelta(seconds=5 * settings.OUTGOING_LEASE_SECONDS)


def _values(outcome: Outcome) -> dict[str, Any]:
    return {
        "state": outcome.state, "error": outcome.error, "claim_token": None, "claimed_until": None, "next_at": None,
        "sent_at": Now() if outcome.state == MailState.SENT else None, "version": F("version") + 1,
    }  # fmt: skip
