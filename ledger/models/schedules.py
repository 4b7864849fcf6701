"""What the ledger posts by itself when its day comes."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger.models.posted import Entry
from tenants.fields import CompanyForeignKey, CompanyModel


class AutoReversal(CompanyModel):
    """An entry that is to be reversed by itself, once: on its day, or on the first open day after it."""

    entry = CompanyForeignKey(Entry, related_name="auto_reversals", verbose_name=_("entry"))
    date = models.DateField(_("reverse on"))
    reversal = CompanyForeignKey(Entry, null=True, related_name="+", verbose_name=_("reversed by"))
    cancelled = models.BooleanField(_("cancelled"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    problem_code = models.CharField(max_length=60, blank=True)
    problem = models.TextField(_("why it is not reversed"), blank=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)

    class Meta:
        verbose_name = _("auto-reversal")
        verbose_name_plural = _("auto-reversals")
        ordering = ["date", "id"]
        indexes = [
            models.Index(
                fields=["company", "date"], condition=Q(reversal=None, cancelled=False), name="auto_reversal_due"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "entry"], name="auto_reversal_once"),
            models.CheckConstraint(
                condition=Q(cancelled=False) | (Q(reversal=None) & ~Q(reason="")), name="auto_reversal_cancelled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.date}"
