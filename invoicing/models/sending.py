"""How documents reach their readers: the texts of e-mails, and addresses that show a document without signing in."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invoicing.models.documents import Document
from tenants.fields import CompanyForeignKey, CompanyModel


class MailTemplate(CompanyModel):
    """What an e-mail says, for a purpose and a language; without one Daybook's own words are sent."""

    class Purpose(models.TextChoices):
        DOCUMENT = "document", _("Document")
        STATEMENT = "statement", _("Statement of account")

    purpose = models.CharField(_("purpose"), max_length=15, choices=Purpose.choices)
    language = models.CharField(_("language"), max_length=10, blank=True, help_text=_("Empty: for every other one."))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("e-mail template")
        verbose_name_plural = _("e-mail templates")
        ordering = ["purpose", "language"]
        constraints = [
            models.UniqueConstraint(fields=["company", "purpose", "language"], name="mail_template_once"),
            models.CheckConstraint(condition=Q(purpose__in=["document", "statement"]), name="mail_template_purpose"),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(body=""), name="mail_template_says"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.language}".strip()


class DocumentLink(CompanyModel):
    """An address that shows one document to whoever has it, until it is revoked.

    The secret of the address is a signature of the row's id (`invoicing.public_links`): the database alone opens none.
    """

    document = CompanyForeignKey(Document, related_name="links", verbose_name=_("document"))
    created_by = models.CharField(_("made by"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    first_seen_at = models.DateTimeField(_("first opened"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    revoked_by = models.CharField(_("revoked by"), max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("public link")
        verbose_name_plural = _("public links")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "document"], condition=Q(revoked_at=None), name="document_link_once"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.document)
