"""Fiscal years, their periods, and lock dates."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyForeignKey, CompanyModel


class DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class FiscalYear(CompanyModel):
    """Twelve months of books, as a rule; the first and the last may be shorter or longer."""

    name = models.CharField(_("name"), max_length=20)
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("fiscal year")
        verbose_name_plural = _("fiscal years")
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="fiscal_year_name"),
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="fiscal_year_order"),
            ExclusionConstraint(
                name="fiscal_year_once",
                expressions=[
                    ("company", RangeOperators.EQUAL),
                    (DateRange("start", "end", models.Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Period(CompanyModel):
    """A month of a fiscal year, open or closed for posting."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        SOFT_CLOSED = "soft_closed", _("Soft-closed")
        CLOSED = "closed", _("Closed")

    fiscal_year = CompanyForeignKey(FiscalYear, related_name="periods", verbose_name=_("fiscal year"))
    number = models.PositiveSmallIntegerField(_("number"))
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["company", "fiscal_year", "number"], name="period_number"),
            models.CheckConstraint(condition=Q(status__in=["open", "soft_closed", "closed"]), name="period_status"),
            models.CheckConstraint(condition=Q(end__gte=models.F("start")), name="period_order"),
            ExclusionConstraint(
                name="period_once",
                expressions=[
                    ("company", RangeOperators.EQUAL),
                    (DateRange("start", "end", models.Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start:%B %Y}"


class LockDate(CompanyModel):
    """Nothing of this kind is posted on or before the date."""

    class Kind(models.TextChoices):
        ALL = "all", _("Everything")
        SALES = "sales", _("Sales")
        PURCHASES = "purchases", _("Purchases")
        TAX = "tax", _("Tax")

    kind = models.CharField(_("what is locked"), max_length=10, choices=Kind.choices)
    until = models.DateField(_("up to and including"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("lock date")
        verbose_name_plural = _("lock dates")
        constraints = [
            models.UniqueConstraint(fields=["company", "kind"], name="lock_date_kind"),
            models.CheckConstraint(condition=Q(kind__in=["all", "sales", "purchases", "tax"]), name="lock_date_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.until}"
