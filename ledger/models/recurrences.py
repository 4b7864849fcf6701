"""What comes again by the calendar, whatever it is."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyModel


class Recurrence(CompanyModel):
    """Every so many days, weeks, months or years from a first date on, until a last one or for ever."""

    class Frequency(models.TextChoices):
        DAY = "day", _("days")
        WEEK = "week", _("weeks")
        MONTH = "month", _("months")
        YEAR = "year", _("years")

    start = models.DateField(_("first date"))
    frequency = models.CharField(_("unit"), max_length=5, choices=Frequency.choices, default=Frequency.MONTH)
    interval = models.PositiveSmallIntegerField(
        _("every"), default=1, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    month_end = models.BooleanField(_("on the last day of the month"), default=False)
    end = models.DateField(_("last date"), null=True, blank=True)
    next_number = models.PositiveIntegerField(default=0, editable=False, help_text=_("Of the next occurrence."))
    next_date = models.DateField(_("next"), null=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
