"""Legal numbers and their register; and the generations of cached lookups."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyForeignKey, CompanyModel


class NumberSeries(CompanyModel):
    """Where legal numbers of one kind of document come from; a year has its own count."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=100)
    pattern = models.CharField(_("pattern"), max_length=60, default="{code}-{year}-{number:05d}")

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="number_series_code")]

    def __str__(self) -> str:
        return self.name


class NumberCounter(CompanyModel):
    """The next number of a series in a fiscal year; its row is the lock that keeps the count without gap."""

    series = CompanyForeignKey(NumberSeries, related_name="counters")
    year = models.CharField(max_length=20)
    next_number = models.PositiveBigIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "series", "year"], name="number_counter_year"),
            models.CheckConstraint(condition=Q(next_number__gte=1), name="number_counter_positive"),
        ]


class NumberUse(CompanyModel):
    """What became of each number: used for a document, voided, or skipped with a reason."""

    class Outcome(models.TextChoices):
        USED = "used", _("Used")
        VOIDED = "voided", _("Voided")
        SKIPPED = "skipped", _("Skipped")

    series = CompanyForeignKey(NumberSeries, related_name="uses", verbose_name=_("series"))
    year = models.CharField(_("year"), max_length=20)
    number = models.PositiveBigIntegerField(_("number"))
    text = models.CharField(_("as printed"), max_length=60)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    subject = models.CharField(_("document"), max_length=63, blank=True)
    subject_id = models.UUIDField(null=True)
    reason = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("used number")
        verbose_name_plural = _("number register")
        ordering = ["series", "year", "number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "series", "year", "number"], name="number_use_once"),
            models.CheckConstraint(condition=Q(outcome="used") | ~Q(reason=""), name="number_use_explained"),
        ]

    def __str__(self) -> str:
        return self.text


class Generation(CompanyModel):
    """Which state of a cached subject is current; a trigger renews it with every change of its rows."""

    subject = models.CharField(max_length=30)
    generation = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "subject"], name="generation_subject")]
