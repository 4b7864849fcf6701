"""Send an e-mail: a row in the transaction of the act, which the mail server gets after its commit.

Who may send what is for the act to say. `jobs.mail_sending` hands the mails over.
"""

import dataclasses
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from jobs.models import OutboundMail
from jobs.plain_values import plain_text
from tenants.fields import new_id
from tenants.refusal import Conflict, Refused
from tenants.scope import current_scope

MOST_PEOPLE = 50
LONGEST_KEY, LONGEST_SUBJECT, LONGEST_BODY = 200, 250, 1_000_000
# What a mail says; another wish under the same key differs in one of them.
CONTENT = ("to", "cc", "reply_to", "subject", "body_text", "body_html", "attachments", "about", "about_id")


class BadMail(Refused):
    """A mail cannot be sent like this."""

    code = "invalid_mail"


class MailKeyReused(Conflict):
    """The key belongs to a mail with another content."""

    code = "mail_key_reused"


@dataclasses.dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to attach: it lies in the default storage already, and stays there until the mail is sent."""

    name: str
    content_type: str
    path: str


@transaction.atomic
def send_mail_later(
    *,
    key: str,
    to: Sequence[str],
    subject: str,
    body_text: str,
    body_html: str = "",
    cc: Sequence[str] = (),
    reply_to: str = "",
    attachments: Sequence[StoredFile] = (),
    about: str = "",
    about_id: UUID | None = None,
) -> OutboundMail:
    """Send a mail of the current company after the commit. The same key answers with the mail it already made.

    Refused: `invalid_mail`, `mail_key_reused`.
    """
    mail = OutboundMail(
        company=current_scope().company, key=key, to=list(to), cc=list(cc), reply_to=reply_to, subject=subject.strip(),
        body_text=plain_text(body_text), body_html=plain_text(body_html), about=about, about_id=about_id,
        attachments=[dataclasses.asdict(file) for file in attachments],
    )  # fmt: skip
    _check(mail)
    _sign(mail)
    # A twin that holds the key makes this wait for its commit, then do nothing.
    OutboundMail.objects.bulk_create([mail], ignore_conflicts=True)
    kept: OutboundMail = OutboundMail.objects.for_company(mail.company).get(key=key)
    if kept.pk != mail.pk and _content(kept) != _content(mail):
        raise MailKeyReused(_("The key “%s” belongs to another mail.") % key, place="key")
    return kept


def _sign(mail: OutboundMail) -> None:
    actor = current_scope().actor
    mail.id = new_id()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mail.message_id = f"<{mail.id}@{domain}>"
    mail.actor_type, mail.actor_id, mail.actor_name = actor.type, actor.id, actor.name[:200]
    # The database's time, like every other time of a mail.
    mail.at = mail.next_at = Now()


def _content(mail: OutboundMail) -> list[Any]:
    return [getattr(mail, name) for name in CONTENT]


def _check(mail: OutboundMail) -> None:
    if not 1 <= len(mail.key) <= LONGEST_KEY or mail.key != plain_text(mail.key):
        raise BadMail(_("A key has 1 to 200 characters."), place="key")
    if not mail.to:
        raise BadMail(_("A mail goes to somebody."), place="to")
    if len(mail.to) + len(mail.cc) > MOST_PEOPLE:
        raise BadMail(_("A mail goes to at most %d people.") % MOST_PEOPLE, place="to")
    for place, people in (("to", mail.to), ("cc", mail.cc), ("reply_to", [mail.reply_to] if mail.reply_to else [])):
        for address in people:
            _check_address(address, place)
    if not mail.subject or len(mail.subject) > LONGEST_SUBJECT or not mail.subject.isprintable():
        raise BadMail(_("A subject has 1 to %d characters on one line.") % LONGEST_SUBJECT, place="subject")
    if len(mail.body_text) > LONGEST_BODY or len(mail.body_html) > LONGEST_BODY:
        raise BadMail(_("The text is too long."), place="body_text")


def _check_address(address: str, place: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadMail(_("“%s” is no e-mail address.") % address, place=place) from error
