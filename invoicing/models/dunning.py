"""What happens when a customer does not pay: the levels of dunning, what was sent, and who is spared."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.models import Contact
from invoicing.models.documents import Document
from tenants.fields import CompanyForeignKey, CompanyModel


class DunningLevel(CompanyModel):
    """How an invoice is asked for so many days after it was due: in which words, with what fee and interest.

    Before the due date (`days` below zero) it is a friendly word, without either.
    """

    number = models.PositiveSmallIntegerField(_("level"))
    name = models.CharField(_("name"), max_length=100)
    days = models.SmallIntegerField(_("days after it is due"))
    fee = models.DecimalField(
        _("fee"), max_digits=24, decimal_places=6, default=0, help_text=_("In base currency, for each notice.")
    )
    interest_percent = models.DecimalField(
        _("interest"), max_digits=9, decimal_places=6, default=0, help_text=_("Percent a year, on what is late.")
    )
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("dunning level")
        verbose_name_plural = _("dunning levels")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="dunning_level_number"),
            models.CheckConstraint(
                condition=Q(fee__gte=0, interest_percent__gte=0, interest_percent__lt=100)
                & (Q(days__gt=0) | Q(fee=0, interest_percent=0)),
                name="dunning_level_charges",
            ),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(body=""), name="dunning_level_says"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class DunningNotice(CompanyModel):
    """What was sent to a customer on a day: all their late invoices of a currency in one letter; never changed.

    `charged_by` is the debit note over fee and interest, where the company charges them.
    """

    contact = CompanyForeignKey(Contact, related_name="dunning_notices", verbose_name=_("customer"))
    level = CompanyForeignKey(DunningLevel, related_name="notices", verbose_name=_("level"))
    date = models.DateField(_("date"))
    currency = models.CharField(_("currency"), max_length=24)
    open_amount = models.DecimalField(_("open"), max_digits=24, decimal_places=6)
    fee = models.DecimalField(_("fee"), max_digits=24, decimal_places=6)
    interest = models.DecimalField(_("interest"), max_digits=24, decimal_places=6)
    charged_by = CompanyForeignKey(Document, null=True, related_name="+", verbose_name=_("charged by"))
    mail_id = models.UUIDField(_("e-mail"), null=True)
    created_by = models.CharField(_("made by"), max_length=200)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("dunning notice")
        verbose_name_plural = _("dunning notices")
        ordering = ["-date", "-id"]
        indexes = [
            models.Index(fields=["company", "-date", "-id"], name="dunning_notice_by_date"),
            models.Index(fields=["company", "contact", "-date"], name="dunning_notice_by_contact"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(open_amount__gt=0, fee__gte=0, interest__gte=0), name="dunning_notice_amounts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.contact}"


class DunnedDocument(CompanyModel):
    """One invoice in a notice: it gets each level once."""

    notice = CompanyForeignKey(DunningNotice, related_name="documents", verbose_name=_("notice"))
    document = CompanyForeignKey(Document, related_name="dunned", verbose_name=_("document"))
    level = CompanyForeignKey(DunningLevel, related_name="+", verbose_name=_("level"))
    days_late = models.IntegerField(_("days late"))
    open_amount = models.DecimalField(_("open"), max_digits=24, decimal_places=6)
    interest = models.DecimalField(_("interest"), max_digits=24, decimal_places=6)
    interest_until = models.DateField(_("interest until"), null=True)

    class Meta:
        verbose_name = _("dunned document")
        verbose_name_plural = _("dunned documents")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["company", "document", "level"], name="dunned_once_a_level"),
            models.CheckConstraint(condition=Q(open_amount__gt=0, interest__gte=0), name="dunned_document_amounts"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.level}"


class DunningBlock(CompanyModel):
    """A customer, or one invoice, is not dunned until a day, or until the block is lifted."""

    contact = CompanyForeignKey(Contact, related_name="dunning_blocks", verbose_name=_("customer"))
    document = CompanyForeignKey(Document, null=True, related_name="dunning_blocks", verbose_name=_("document"))
    until = models.DateField(_("until"), null=True)
    reason = models.TextField(_("reason"))
    created_by = models.CharField(_("made by"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("dunning block")
        verbose_name_plural = _("dunning blocks")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "contact", "document"], name="dunning_block_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="dunning_block_reason"),
        ]

    def __str__(self) -> str:
        return str(self.document or self.contact)
