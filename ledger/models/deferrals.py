"""Amounts that are spread over time: prepaid expenses and deferred income."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.models import Account
from ledger.models.posted import Entry
from tenants.fields import CompanyForeignKey, CompanyModel


class Deferral(CompanyModel):
    """An amount that moves from one account to another in parts, each posted on its day; the parts add up to it.

    The sign is that of the lines on the account where it ends: debit above zero (an expense), credit below (income).
    """

    class Method(models.TextChoices):
        MONTHS = "months", _("The same every month")
        DAYS = "days", _("By days")

    name = models.CharField(_("name"), max_length=200)
    from_account = CompanyForeignKey(Account, related_name="+", verbose_name=_("deferred on"))
    to_account = CompanyForeignKey(Account, related_name="+", verbose_name=_("recognised on"))
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=6, help_text=_("In base currency."))
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    method = models.CharField(_("spread"), max_length=6, choices=Method.choices, default=Method.MONTHS)
    dimensions = models.JSONField(_("dimensions"), default=dict)
    entry = CompanyForeignKey(Entry, null=True, related_name="deferrals", verbose_name=_("entry that it comes from"))
    stopped_on = models.DateField(_("stopped on"), null=True, editable=False)
    reason = models.TextField(_("reason"), blank=True)
    created_by = models.CharField(_("made by"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("deferral")
        verbose_name_plural = _("deferrals")
        ordering = ["-start", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="deferral_not_zero"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="deferral_order"),
            models.CheckConstraint(condition=~Q(from_account=F("to_account")), name="deferral_two_accounts"),
            models.CheckConstraint(condition=Q(method__in=["months", "days"]), name="deferral_method"),
        ]

    def __str__(self) -> str:
        return self.name


class DeferralPart(CompanyModel):
    """One part of a deferral: planned for a day, posted on it or on the first open day after it."""

    deferral = CompanyForeignKey(Deferral, related_name="parts")
    number = models.PositiveIntegerField(_("part"))
    date = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=6)
    entry = CompanyForeignKey(Entry, null=True, related_name="+", verbose_name=_("entry"))
    problem_code = models.CharField(max_length=60, blank=True)
    problem = models.TextField(_("why it is not posted"), blank=True)

    class Meta:
        verbose_name = _("part of a deferral")
        verbose_name_plural = _("parts of deferrals")
        ordering = ["deferral", "number"]
        indexes = [models.Index(fields=["company", "date"], condition=Q(entry=None), name="deferral_part_due")]
        constraints = [
            models.UniqueConstraint(fields=["company", "deferral", "number"], name="deferral_part_number"),
            models.UniqueConstraint(fields=["company", "entry"], condition=~Q(entry=None), name="deferral_part_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.amount}"
