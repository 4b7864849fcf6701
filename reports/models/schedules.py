"""When a report is made by itself, for which days, and who gets it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyModel


class ReportSchedule(CompanyModel):
    """A report that is made again and again: every day, every month, or when a period is closed."""

    class Cadence(models.TextChoices):
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")
        AFTER_CLOSE = "after_close", _("After a period is closed")

    class Span(models.TextChoices):
        DAY = "day", _("The day before")
        MONTH = "month", _("The last whole month")
        QUARTER = "quarter", _("The last whole quarter")
        YEAR_TO_DATE = "year_to_date", _("The fiscal year so far")

    name = models.CharField(_("name"), max_length=100)
    report = models.CharField(_("report"), max_length=40)
    asked = models.JSONField(_("what is asked"), default=dict, help_text=_("Besides the days."))
    cadence = models.CharField(_("when"), max_length=12, choices=Cadence.choices)
    span = models.CharField(_("days"), max_length=14, choices=Span.choices)
    forms = ArrayField(models.CharField(max_length=4), verbose_name=_("files"), default=list)
    recipients = ArrayField(models.EmailField(), verbose_name=_("by e-mail to"), default=list, blank=True)
    next_date = models.DateField(
        _("next"), help_text=_("The day on which it is made; after a closing, the day after the last period had ended.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    kept_by_id = models.UUIDField(null=True)
    kept_by = models.CharField(_("kept by"), max_length=200)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("schedule of a report")
        verbose_name_plural = _("schedules of reports")
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["company", "next_date"], condition=Q(is_active=True), name="report_schedule_due")
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="report_schedule_named"),
            models.CheckConstraint(
                condition=Q(cadence__in=["daily", "weekly", "monthly", "after_close"]), name="report_schedule_cadence"
            ),
            models.CheckConstraint(
                condition=Q(span__in=["day", "month", "quarter", "year_to_date"]), name="report_schedule_span"
            ),
        ]

    def __str__(self) -> str:
        return self.name
