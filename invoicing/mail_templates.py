"""What e-mails say: the company's own words for a purpose and a language, or Daybook's."""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from invoicing.mail_words import BadWords, check_words
from invoicing.models import MailTemplate
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound
from tenants.scope import current_scope

# Purpose -> the places that its texts may have.
PLACES = {
    "document": (
        "kind", "number", "date", "due_date", "total", "open", "currency", "reference", "contact", "company", "link",
    ),
    "statement": ("start", "end", "balance", "currency", "contact", "company"),
}  # fmt: skip
OWN_WORDS = {
    "document": (
        gettext_lazy("{kind} {number} from {company}"),
        gettext_lazy(
            "Dear {contact},\n\nplease find attached our {kind} {number} of {date} over {total} {currency}."
            "\n\n{link}\n\nKind regards,\n{company}"
        ),
    ),
    "statement": (
        gettext_lazy("Statement of account from {company}"),
        gettext_lazy(
            "Dear {contact},\n\nplease find attached the statement of your account from {start} to {end}. "
            "Its balance is {balance} {currency}.\n\nKind regards,\n{company}"
        ),
    ),
}


class Words(NamedTuple):
    """A subject and a text, with their places still open."""

    subject: str
    body: str


class TemplateNotFound(NotFound):
    """No such e-mail template."""


def words_for(company: Company, purpose: str, language: str) -> Words:
    """What is sent in this language: the company's words for it, else for every language, else Daybook's."""
    rows = MailTemplate.objects.for_company(company).filter(purpose=purpose, language__in=["", language])
    # The empty language sorts first, so that the reader's own is the last.
    found = rows.order_by("language").last()
    if found:
        return Words(found.subject, found.body)
    with override(language or company.language):
        subject, body = OWN_WORDS[purpose]
        return Words(str(subject), str(body))


@transaction.atomic
def save_template(purpose: str, language: str, subject: str, body: str, *, version: int | None = None) -> MailTemplate:
    """Say it like this from now on. Refused: `invalid_template`, `conflict` (changed meanwhile), `not_permitted`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    if purpose not in PLACES:
        raise BadWords(_("There is no such purpose."), place="purpose")
    if len(language) > 10:
        raise BadWords(_("A language is a code such as “de”."), place="language")
    check_words(subject, body, PLACES[purpose])
    made = MailTemplate(company=scope.company, purpose=purpose, language=language, subject=subject, body=body)
    rows = MailTemplate.objects.for_company(scope.company).filter(purpose=purpose, language=language)
    found = rows.select_for_update().first()
    if found is None:
        MailTemplate.objects.bulk_create([made], ignore_conflicts=True)
        found = rows.select_for_update().get()
    if version is not None and found.pk != made.pk and found.version != version:
        raise Conflict(_("The text was changed meanwhile: look at it again."))
    found.subject, found.body = subject, body
    found.version += found.pk != made.pk
    found.save()
    return found


@transaction.atomic
def delete_template(template_id: UUID) -> None:
    """Send Daybook's own words again. Refused: `not_found`, `not_permitted`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    if not MailTemplate.objects.for_company(scope.company).filter(pk=template_id).delete()[0]:
        raise TemplateNotFound(_("There is no such template."))
