"""How a company makes its documents: who it is on paper, how it rounds, what it may write off."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.models import Account, PaymentTerms
from invoicing.models.documents import Document
from tenants.fields import CompanyForeignKey, CompanyModel


class InvoicingSettings(CompanyModel):
    """One row a company; without one the defaults hold."""

    class Match(models.TextChoices):
        NOT = "", _("not compared")
        ORDER = "order", _("with the order")
        RECEIPT = "receipt", _("with the order and what arrived")

    prices_include_tax = models.BooleanField(_("prices include tax"), default=False)
    tax_rounding = models.CharField(
        _("rounding of taxes"), max_length=10, choices=Document.TaxRounding.choices,
        default=Document.TaxRounding.DOCUMENT,
    )  # fmt: skip
    cash_step = models.DecimalField(
        _("rounded to coins of"), max_digits=10, decimal_places=4, null=True, blank=True,
        help_text=_("0.05, where there are no smaller ones; of documents in base currency."),
    )  # fmt: skip
    write_off_cap = models.DecimalField(
        _("written off with a payment, at most"), max_digits=24, decimal_places=6, default=5,
        help_text=_("In base currency, for each document."),
    )  # fmt: skip
    customer_terms = CompanyForeignKey(
        PaymentTerms, null=True, blank=True, related_name="+", verbose_name=_("payment terms of customers")
    )
    supplier_terms = CompanyForeignKey(
        PaymentTerms, null=True, blank=True, related_name="+", verbose_name=_("payment terms of suppliers")
    )
    street = models.CharField(_("street"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    registration = models.CharField(_("registration number"), max_length=100, blank=True)
    bank_name = models.CharField(_("bank"), max_length=100, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    footer = models.TextField(_("foot of documents"), blank=True)
    logo = models.CharField(
        _("logo"), max_length=200, blank=True, editable=False, help_text=_("Its file in the storage.")
    )
    dunning_account = CompanyForeignKey(
        Account, null=True, blank=True, related_name="+", verbose_name=_("account of dunning fees and interest"),
        help_text=_("Where it is given, they are charged by a debit note; without one they are only asked for."),
    )  # fmt: skip
    dunning_by_itself = models.BooleanField(_("dunning runs by itself every day"), default=False)
    match_bills = models.CharField(
        _("bills of purchase orders are compared"), max_length=10, choices=Match.choices, default=Match.ORDER,
        blank=True, help_text=_("Outside of the tolerance somebody else agrees before a bill is posted."),
    )  # fmt: skip
    quantity_tolerance = models.DecimalField(
        _("tolerance of quantities, percent"), max_digits=9, decimal_places=6, default=0
    )
    price_tolerance = models.DecimalField(_("tolerance of prices, percent"), max_digits=9, decimal_places=6, default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("invoicing settings")
        verbose_name_plural = _("invoicing settings")
        constraints = [
            models.UniqueConstraint(fields=["company"], name="invoicing_settings_once"),
            models.CheckConstraint(condition=Q(tax_rounding__in=["document", "line"]), name="invoicing_tax_rounding"),
            models.CheckConstraint(condition=Q(cash_step=None) | Q(cash_step__gt=0), name="invoicing_cash_step"),
            models.CheckConstraint(condition=Q(write_off_cap__gte=0), name="invoicing_write_off_cap"),
            models.CheckConstraint(condition=Q(match_bills__in=["", "order", "receipt"]), name="invoicing_match_bills"),
            models.CheckConstraint(
                condition=Q(quantity_tolerance__gte=0, quantity_tolerance__lte=100), name="invoicing_quantity_tolerance"
            ),
            models.CheckConstraint(
                condition=Q(price_tolerance__gte=0, price_tolerance__lte=100), name="invoicing_price_tolerance"
            ),
        ]

    def __str__(self) -> str:
        return str(_("invoicing settings"))
