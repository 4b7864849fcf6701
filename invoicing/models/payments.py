"""Money in and out: for which documents it is, and what of them is discounted or written off."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.models import Account, Contact
from invoicing.models.approvable import Approvable
from invoicing.models.documents import Document
from ledger.models import Entry, Line
from tenants.fields import CompanyForeignKey, CompanyModel


class Payment(Approvable):
    """Received from or paid to a customer or supplier; what it is not for stays open on their account.

    From a customer in, or to a supplier out; the other way round it is a refund. Posted, it never changes: it is
    reversed.
    """

    class Direction(models.TextChoices):
        IN = "in", _("Received")
        OUT = "out", _("Paid")

    class Role(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        SUPPLIER = "supplier", _("Supplier")

    class Method(models.TextChoices):
        TRANSFER = "transfer", _("Bank transfer")
        DIRECT_DEBIT = "direct_debit", _("Direct debit")
        CARD = "card", _("Card")
        CASH = "cash", _("Cash")
        CHEQUE = "cheque", _("Cheque")
        OTHER = "other", _("Other")

    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
    role = models.CharField(_("from or to a"), max_length=10, choices=Role.choices)
    contact = CompanyForeignKey(Contact, related_name="payments", verbose_name=_("contact"))
    date = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=6)
    currency = models.CharField(_("currency"), max_length=24)
    rate = models.DecimalField(_("rate"), max_digits=24, decimal_places=12, null=True, blank=True)
    rate_source = models.CharField(_("source of the rate"), max_length=100, blank=True)
    account = CompanyForeignKey(Account, related_name="+", verbose_name=_("bank or cash account"))
    method = models.CharField(_("method"), max_length=15, choices=Method.choices, default=Method.TRANSFER)
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    memo = models.TextField(_("memo"), blank=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Of a write-off; opens a soft-closed period."))
    prepayment = models.BooleanField(
        _("in advance"), default=False, help_text=_("What is not for a document stands as an advance.")
    )
    entry = CompanyForeignKey(Entry, null=True, related_name="payments", verbose_name=_("entry"))
    line = CompanyForeignKey(Line, null=True, related_name="+", verbose_name=_("open item"))

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-date", "-id"]
        indexes = [
            models.Index(fields=["company", "-date", "-id"], name="payment_by_date"),
            models.Index(fields=["company", "contact", "-date", "-id"], name="payment_by_contact"),
            models.Index(fields=["company", "state"], condition=~Q(state="posted"), name="payment_unposted"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], condition=~Q(number=""), name="payment_number"),
            models.UniqueConstraint(fields=["company", "entry"], condition=~Q(entry=None), name="payment_entry_once"),
            models.CheckConstraint(condition=Q(direction__in=["in", "out"]), name="payment_direction"),
            models.CheckConstraint(condition=Q(role__in=["customer", "supplier"]), name="payment_role"),
            models.CheckConstraint(
                condition=Q(method__in=["transfer", "direct_debit", "card", "cash", "cheque", "other"]),
                name="payment_method",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "approved", "rejected", "posted"]), name="payment_state"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount"),
            models.CheckConstraint(condition=Q(rate=None) | Q(rate__gt=0), name="payment_rate"),
            models.CheckConstraint(
                condition=Q(state="posted", entry__isnull=False, posted_at__isnull=False) & ~Q(number="")
                | ~Q(state="posted") & Q(entry=None, line=None, number=""),
                name="payment_posted_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.number or _('(draft)')}"

    @property
    def is_refund(self) -> bool:
        """Money that goes back the way it usually comes."""
        return (self.direction, self.role) in (("out", "customer"), ("in", "supplier"))


class PaymentPart(CompanyModel):
    """How much of a document the payment settles, in the document's currency: paid, discounted, written off. A refund
    may give back what is left of another payment instead.

    `spent` is what of the payment goes into it, in the payment's own currency.
    """

    payment = CompanyForeignKey(Payment, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    document = CompanyForeignKey(Document, null=True, related_name="payment_parts", verbose_name=_("document"))
    refunds = CompanyForeignKey(Payment, null=True, related_name="refunded_by", verbose_name=_("payment given back"))
    amount = models.DecimalField(_("paid"), max_digits=24, decimal_places=6)
    spent = models.DecimalField(_("of the payment"), max_digits=24, decimal_places=6)
    discount = models.DecimalField(_("discount"), max_digits=24, decimal_places=6, default=0)
    write_off = models.DecimalField(_("written off"), max_digits=24, decimal_places=6, default=0)

    class Meta:
        verbose_name = _("part of a payment")
        verbose_name_plural = _("parts of a payment")
        ordering = ["number"]
        indexes = [models.Index(fields=["company", "document"], name="payment_part_document")]
        constraints = [
            models.UniqueConstraint(fields=["company", "payment", "number"], name="payment_part_number"),
            models.UniqueConstraint(fields=["company", "payment", "document"], name="payment_part_once"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, spent__gte=0, discount__gte=0, write_off__gte=0),
                name="payment_part_amounts",
            ),
            models.CheckConstraint(
                condition=Q(document=None, refunds__isnull=False) | Q(document__isnull=False, refunds=None),
                name="payment_part_of_one",
            ),
            models.CheckConstraint(condition=Q(refunds=None) | Q(discount=0, write_off=0), name="payment_part_refund"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.amount}"
