"""What is bought and sold again and again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.models.chart import Account
from accounting.models.taxes import TaxCode
from tenants.fields import CompanyForeignKey, CompanyModel


class Item(CompanyModel):
    """A good or service, with what a line of a document starts from: text, price, account and tax."""

    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True, help_text=_("As it stands on documents."))
    unit = models.CharField(_("unit"), max_length=3, blank=True, help_text=_("UN/ECE rec. 20: C62, HUR, DAY."))
    sale_price = models.DecimalField(_("sale price"), max_digits=30, decimal_places=12, null=True, blank=True)
    purchase_price = models.DecimalField(_("purchase price"), max_digits=30, decimal_places=12, null=True, blank=True)
    currency = models.CharField(
        _("currency"), max_length=24, blank=True, help_text=_("Of the prices; empty: the base currency.")
    )
    income_account = CompanyForeignKey(
        Account, null=True, blank=True, related_name="+", verbose_name=_("income account")
    )
    expense_account = CompanyForeignKey(
        Account, null=True, blank=True, related_name="+", verbose_name=_("expense account")
    )
    sales_tax = CompanyForeignKey(TaxCode, null=True, blank=True, related_name="+", verbose_name=_("tax on sales"))
    purchase_tax = CompanyForeignKey(
        TaxCode, null=True, blank=True, related_name="+", verbose_name=_("tax on purchases")
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="item_code"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="item_named"),
            models.CheckConstraint(condition=Q(sale_price=None) | Q(sale_price__gte=0), name="item_sale_price"),
            models.CheckConstraint(
                condition=Q(purchase_price=None) | Q(purchase_price__gte=0), name="item_purchase_price"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
