"""What people decide about e-mails: send one again that did not go out, cancel one that waits."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from jobs.models import DUE, MailState, OutboundMail
from tenants.permissions import Permission
from tenants.refusal import Conflict
from tenants.scope import current_scope

AGAIN = [MailState.FAILED, MailState.UNKNOWN, MailState.ABANDONED, MailState.CANCELLED]
STOPPABLE = [*DUE, MailState.UNKNOWN, MailState.ABANDONED]


class NothingToSend(Conflict):
    """The mail is sent, or on its way."""

    code = "nothing_to_send"


class MailOnItsWay(Conflict):
    """The mail cannot be cancelled any more."""

    code = "mail_on_its_way"


@transaction.atomic
def retry_mail(mail: OutboundMail) -> OutboundMail:
    """Send a mail again that failed, was given up, was cancelled, or was perhaps sent: then somebody may get it twice.

    Refused: `not_permitted`, `nothing_to_send`.
    """
    locked = _held(mail)
    if locked.state not in AGAIN:
        raise NothingToSend(_("The mail is sent, or goes out by itself."))
    return _changed(locked, state=MailState.WAITING, attempts=0, next_at=Now(), error="")


@transaction.atomic
def cancel_mail(mail: OutboundMail) -> OutboundMail:
    """Do not send a mail. Asking again changes nothing. Refused: `not_permitted`, `mail_on_its_way`."""
    locked = _held(mail)
    if locked.state == MailState.CANCELLED:
        return locked
    if locked.state not in STOPPABLE:
        raise MailOnItsWay(_("The mail is sent, or on its way: it cannot be cancelled any more."))
    return _changed(locked, state=MailState.CANCELLED, next_at=None)


def _held(mail: OutboundMail) -> OutboundMail:
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    locked: OutboundMail = OutboundMail.objects.for_company(scope.company).held().get(pk=mail.pk)
    return locked


def _changed(mail: OutboundMail, **values: object) -> OutboundMail:
    mine = OutboundMail.objects.for_company(mail.company_id).filter(pk=mail.pk)
    mine.update(**values, decided_by=current_scope().actor.name[:200], version=F("version") + 1)
    mail.refresh_from_db()
    return mail
