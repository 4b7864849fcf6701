"""Currencies, commodities and statistical units, and what they are worth."""

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyModel


class Currency(models.Model):
    """A currency of ISO 4217, with the number of decimals that its amounts carry."""

    code = models.CharField(_("code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    decimals = models.PositiveSmallIntegerField(_("decimals"))

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Unit(CompanyModel):
    """What a line counts: a currency in use, a commodity (shares), or a statistical unit (hours, days)."""

    class Kind(models.TextChoices):
        CURRENCY = "currency", _("Currency")
        COMMODITY = "commodity", _("Commodity")
        STATISTICAL = "statistical", _("Statistical")

    code = models.CharField(_("code"), max_length=24, validators=[RegexValidator(r"^[A-Z][A-Z0-9'._-]{0,23}$")])
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=2, validators=[MaxValueValidator(12)])

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="unit_code"),
            models.CheckConstraint(condition=Q(decimals__lte=12), name="unit_decimals"),
            models.CheckConstraint(condition=Q(code__regex="^[A-Z][A-Z0-9'._-]*$"), name="unit_code_form"),
        ]

    def __str__(self) -> str:
        return self.code


class ExchangeRate(CompanyModel):
    """What one unit of a currency is worth in the company's base currency on a day, and who says so."""

    currency = models.CharField(_("currency"), max_length=24)
    date = models.DateField(_("date"))
    rate = models.DecimalField(_("rate"), max_digits=24, decimal_places=12)
    source = models.CharField(_("source"), max_length=100)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-date", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["company", "currency", "date"], name="exchange_rate_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate.normalize():f} ({self.date})"
