"""When documents are due, in how many parts, and what paying early saves."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyForeignKey, CompanyModel


class PaymentTerms(CompanyModel):
    """Due in one part or in several; a discount for paying early, counted from the date of the document."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200, help_text=_("As it stands on documents."))
    discount_percent = models.DecimalField(_("discount"), max_digits=9, decimal_places=6, default=0)
    discount_days = models.PositiveSmallIntegerField(_("within days"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="payment_terms_code"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="payment_terms_named"),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0, discount_percent__lt=100), name="payment_terms_discount"
            ),
            models.CheckConstraint(condition=Q(discount_days__lte=3660), name="payment_terms_discount_days"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class TermsInstalment(CompanyModel):
    """One part: so many percent, so many months and days after the document, or on a day of that month."""

    terms = CompanyForeignKey(
        PaymentTerms, on_delete=models.CASCADE, related_name="instalments", verbose_name=_("payment terms")
    )
    number = models.PositiveSmallIntegerField()
    percent = models.DecimalField(_("percent"), max_digits=9, decimal_places=6, default=100)
    months = models.PositiveSmallIntegerField(_("months"), default=0)
    days = models.PositiveSmallIntegerField(_("days"), default=0)
    day_of_month = models.PositiveSmallIntegerField(
        _("on the day of the month"), null=True, blank=True, help_text=_("31: on its last day.")
    )

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "terms", "number"], name="terms_instalment_number"),
            models.CheckConstraint(condition=Q(percent__gt=0, percent__lte=100), name="terms_instalment_percent"),
            models.CheckConstraint(condition=Q(months__lte=120, days__lte=3660), name="terms_instalment_time"),
            models.CheckConstraint(
                condition=Q(day_of_month=None) | Q(day_of_month__range=(1, 31)), name="terms_instalment_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} %"
