"""Documents that come again: subscriptions, rents, the bills of every month."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invoicing.models.documents import Document
from ledger.models import Recurrence
from tenants.fields import CompanyForeignKey, CompanyModel

# Quotes and orders are asked for, credit notes credit something: neither comes by the calendar.
REPEATED = frozenset({"invoice", "bill"})


class RecurringDocument(Recurrence):
    """An invoice or bill that comes again by the calendar, each time as its pattern says then."""

    class Does(models.TextChoices):
        DRAFT = "draft", _("Draft it")
        POST = "post", _("Post it")
        SEND = "send", _("Post it and send it")

    pattern = CompanyForeignKey(Document, related_name="recurring", verbose_name=_("made like"))
    does = models.CharField(_("what is done"), max_length=5, choices=Does.choices, default=Does.DRAFT)
    created_by = models.CharField(_("made by"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("recurring document")
        verbose_name_plural = _("recurring documents")
        ordering = ["next_date", "id"]
        indexes = [
            models.Index(fields=["company", "next_date"], condition=Q(is_active=True), name="recurring_document_due")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(frequency__in=["day", "week", "month", "year"]), name="recurring_document_unit"
            ),
            models.CheckConstraint(condition=Q(interval__range=(1, 366)), name="recurring_document_interval"),
            models.CheckConstraint(condition=Q(end=None) | Q(end__gte=F("start")), name="recurring_document_order"),
            models.CheckConstraint(condition=Q(does__in=["draft", "post", "send"]), name="recurring_document_does"),
        ]

    def __str__(self) -> str:
        return str(self.pattern)


class DocumentOccurrence(CompanyModel):
    """One date of a recurring document: the document that it became, or why it did not; or it was left out.

    With a document, the problem is why that was not sent.
    """

    recurring = CompanyForeignKey(RecurringDocument, related_name="occurrences", verbose_name=_("recurring document"))
    date = models.DateField(_("date"))
    document = CompanyForeignKey(Document, null=True, related_name="occurrences", verbose_name=_("document"))
    problem_code = models.CharField(max_length=60, blank=True)
    problem = models.TextField(_("what is in the way"), blank=True)
    skipped = models.BooleanField(_("left out"), default=False)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("occurrence of a document")
        verbose_name_plural = _("occurrences of documents")
        ordering = ["-date"]
        constraints = [
            models.UniqueConstraint(fields=["company", "recurring", "date"], name="document_occurrence_once"),
            models.CheckConstraint(
                condition=Q(document__isnull=False) | ~Q(problem="") | Q(skipped=True),
                name="document_occurrence_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recurring} {self.date}"
