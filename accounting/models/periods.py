"""Fiscal years, their periods, and lock dates."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils import timezone
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


class LockException(CompanyModel):
    """For a while, one person (or everybody) may post behind a lock date: asked for, approved by another, ended."""

    kind = models.CharField(_("which lock"), max_length=10, choices=LockDate.Kind.choices)
    start = models.DateField(_("from this day on"), help_text=_("Days before it stay locked."))
    person_id = models.UUIDField(_("for"), null=True, help_text=_("Everybody who may post, where empty."))
    person = models.CharField(_("for"), max_length=200, blank=True)
    reason = models.TextField(_("reason"))
    expires_at = models.DateTimeField(_("expires"))
    requested_by_id = models.UUIDField(null=True)
    requested_by = models.CharField(_("asked for by"), max_length=200)
    requested_at = models.DateTimeField(_("asked"), default=timezone.now)
    approved_by_id = models.UUIDField(null=True)
    approved_by = models.CharField(_("approved by"), max_length=200, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True)
    revoked_by = models.CharField(_("ended by"), max_length=200, blank=True)
    revoked_at = models.DateTimeField(_("ended"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("lock exception")
        verbose_name_plural = _("lock exceptions")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["all", "sales", "purchases", "tax"]), name="lock_exception_kind"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="lock_exception_reason"),
            models.CheckConstraint(
                condition=Q(approved_at=None) | ~Q(approved_by=""), name="lock_exception_approved_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(approved_by_id=None)
                | Q(requested_by_id=None)
                | ~Q(approved_by_id=models.F("requested_by_id")),
                name="lock_exception_second_person",
            ),
            models.CheckConstraint(
                condition=Q(approved_by_id=None) | Q(person_id=None) | ~Q(approved_by_id=models.F("person_id")),
                name="lock_exception_not_for_oneself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start}"
