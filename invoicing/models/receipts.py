"""What arrived of a purchase order: counted in, and sent back, never rewritten."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invoicing.models.documents import Document, DocumentLine
from tenants.fields import CompanyForeignKey, CompanyModel


class Receipt(CompanyModel):
    """A delivery for a purchase order, or goods that went back."""

    order = CompanyForeignKey(Document, related_name="receipts", verbose_name=_("purchase order"))
    date = models.DateField(_("date"))
    reference = models.CharField(
        _("delivery note"), max_length=200, blank=True, help_text=_("The supplier's number of the delivery.")
    )
    received_by = models.CharField(_("received by"), max_length=200)
    received_at = models.DateTimeField(_("entered"), default=timezone.now)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["date", "id"]
        indexes = [models.Index(fields=["company", "order", "date"], name="receipt_of_order")]

    def __str__(self) -> str:
        return f"{self.date} {self.reference}".strip()


class ReceiptLine(CompanyModel):
    """So much of a line of the order; below zero it went back."""

    receipt = CompanyForeignKey(Receipt, related_name="lines")
    order_line = CompanyForeignKey(DocumentLine, related_name="receipts", verbose_name=_("line of the order"))
    quantity = models.DecimalField(_("quantity"), max_digits=24, decimal_places=6)

    class Meta:
        verbose_name = _("line of a receipt")
        verbose_name_plural = _("lines of receipts")
        indexes = [models.Index(fields=["company", "order_line"], name="receipt_line_order")]
        constraints = [
            models.UniqueConstraint(fields=["company", "receipt", "order_line"], name="receipt_line_once"),
            models.CheckConstraint(condition=~Q(quantity=0), name="receipt_line_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
