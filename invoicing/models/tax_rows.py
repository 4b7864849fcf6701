"""The tax ledger: what each document and each payment adds to the tax return, and when; rows are only added."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.models import TaxCode
from invoicing.models.documents import Document
from ledger.models import Entry
from tenants.fields import CompanyForeignKey, CompanyModel


class TaxRow(CompanyModel):
    """So much of a tax, on so much, at a tax point, in base currency; below zero where it is taken back.

    `deductible` is what of a tax on purchases may be claimed; the boxes are those of the tax at that time.
    """

    document = CompanyForeignKey(Document, null=True, related_name="tax_rows", verbose_name=_("document"))
    entry = CompanyForeignKey(Entry, related_name="+", verbose_name=_("entry"))
    number = models.PositiveSmallIntegerField()
    date = models.DateField(_("tax point"))
    tax_code = CompanyForeignKey(TaxCode, related_name="+", verbose_name=_("tax"))
    percent = models.DecimalField(_("percent"), max_digits=9, decimal_places=6)
    base = models.DecimalField(_("base"), max_digits=24, decimal_places=6)
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=6)
    deductible = models.DecimalField(_("deductible"), max_digits=24, decimal_places=6)
    base_boxes = ArrayField(models.CharField(max_length=20), default=list)
    tax_boxes = ArrayField(models.CharField(max_length=20), default=list)
    counter_boxes = ArrayField(models.CharField(max_length=20), default=list)

    class Meta:
        verbose_name = _("tax row")
        verbose_name_plural = _("tax rows")
        ordering = ["date", "id"]
        indexes = [
            models.Index(fields=["company", "date", "id"], name="tax_row_date"),
            models.Index(fields=["company", "document"], condition=~Q(document=None), name="tax_row_document"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "entry", "number"], name="tax_row_number"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.tax_code} {self.amount}"
