"""Files that belong to entries and drafts. What a file holds is kept outside the database; its hash is kept here."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger.models.drafts import Draft
from ledger.models.posted import Entry
from tenants.fields import CompanyForeignKey, CompanyModel

LARGEST_ATTACHMENT = 25 * 1024 * 1024


class Attachment(CompanyModel):
    """A receipt, a contract, a scan: of a draft, and from its posting on of the entry too; or of a row of another app,
    which `source` and `source_id` name."""

    draft = CompanyForeignKey(Draft, null=True, related_name="attachments", verbose_name=_("draft"))
    entry = CompanyForeignKey(Entry, null=True, related_name="attachments", verbose_name=_("entry"))
    source = models.CharField(_("source"), max_length=63, blank=True)
    source_id = models.UUIDField(null=True)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.BinaryField(max_length=32)
    path = models.CharField(max_length=200, editable=False)
    added_by = models.CharField(_("added by"), max_length=200)
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["added_at", "id"]
        indexes = [
            models.Index(fields=["company", "draft"], condition=~Q(draft=None), name="attachment_draft"),
            models.Index(fields=["company", "entry"], condition=~Q(entry=None), name="attachment_entry"),
            models.Index(fields=["company", "source_id"], condition=~Q(source_id=None), name="attachment_source"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(draft=None, entry=None, source=""), name="attachment_of_something"),
            models.CheckConstraint(
                condition=Q(source="", source_id=None) | (~Q(source="") & Q(source_id__isnull=False)),
                name="attachment_source_whole",
            ),
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=LARGEST_ATTACHMENT), name="attachment_size"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sha256_hex(self) -> str:
        return bytes(self.sha256).hex()
