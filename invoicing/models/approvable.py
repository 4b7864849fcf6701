"""What documents and payments have in common: who made them, and their way past maker and checker into the books."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyModel


class Approvable(CompanyModel):
    """Drafted, submitted, approved by others than its makers, posted. `version` counts what was changed or decided."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Awaiting approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        POSTED = "posted", _("Posted")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    number = models.CharField(_("number"), max_length=60, blank=True)
    makers = ArrayField(models.UUIDField(), default=list, editable=False)
    created_by = models.CharField(_("made by"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    submitted_by = models.CharField(_("submitted by"), max_length=200, blank=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    approvals_needed = models.PositiveSmallIntegerField(_("approvals needed"), default=0, editable=False)
    posted_by = models.CharField(_("posted by"), max_length=200, blank=True, editable=False)
    posted_at = models.DateTimeField(_("posted"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    @property
    def is_editable(self) -> bool:
        """Whether it may still be worked on as it is."""
        return self.state in (self.State.DRAFT, self.State.REJECTED)
