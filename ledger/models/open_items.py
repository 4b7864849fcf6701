"""What settles what: debit and credit lines of open-item accounts allocated to each other, never changed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounting.models import Account, SubAccount
from ledger.models.posted import Entry, Line, PostedModel, Xid8Field
from tenants.fields import CompanyForeignKey, CompanyModel


class Settlement(CompanyModel):
    """Allocations made together under one key, with the entry of their realised exchange difference.

    Undoing it is another settlement that takes each allocation back on its own date: past open items stay as they were.
    """

    key = models.CharField(_("idempotency key"), max_length=200)
    body_hash = models.BinaryField(max_length=32)
    date = models.DateField(_("date"))
    exchange_entry = CompanyForeignKey(
        Entry, null=True, related_name="settlements", verbose_name=_("exchange difference")
    )
    undoes = CompanyForeignKey("self", null=True, related_name="undone_by", verbose_name=_("undoes"))
    reason = models.TextField(_("reason"), blank=True)
    source = models.CharField(_("source"), max_length=63, blank=True)
    source_id = models.UUIDField(null=True)
    actor_type = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(_("settled by"), max_length=200)
    settled_at = models.DateTimeField(_("settled at"))
    settled_xid = Xid8Field()
    epoch = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["-date", "-id"]
        indexes = [
            models.Index(fields=["company", "-date", "-id"], name="settlement_date"),
            models.Index(fields=["company", "settled_at"], name="settlement_known"),
            models.Index(fields=["company", "epoch", "settled_xid"], name="settlement_known_at_block"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="settlement_key"),
            models.UniqueConstraint(fields=["company", "id", "date"], name="settlement_dated"),
            models.UniqueConstraint(
                fields=["company", "undoes"], condition=~Q(undoes=None), name="settlement_undone_once"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="settlement_key_present"),
            models.CheckConstraint(condition=Q(undoes=None) | ~Q(reason=""), name="settlement_undo_explained"),
            models.CheckConstraint(condition=Q(undoes=None) | ~Q(undoes=F("id")), name="settlement_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.key}"


class Allocation(PostedModel):
    """So much of a debit line is settled by so much of a credit line; below zero where a settlement is undone.

    The amounts are in the currency of each line; `base_amount` is what both lose in base currency, the same on both
    sides, so that the open items of an account always add up to its balance.
    """

    settlement = CompanyForeignKey(Settlement, related_name="allocations")
    number = models.PositiveIntegerField()
    date = models.DateField(_("date"))
    debit_line = CompanyForeignKey(Line, related_name="settled_by_credits", verbose_name=_("debit"))
    credit_line = CompanyForeignKey(Line, related_name="settled_by_debits", verbose_name=_("credit"))
    # The first days of the months of the lines: what was open on a past day is found month by month.
    debit_month = models.DateField()
    credit_month = models.DateField()
    debit_amount = models.DecimalField(_("of the debit"), max_digits=30, decimal_places=12)
    credit_amount = models.DecimalField(_("of the credit"), max_digits=30, decimal_places=12)
    base_amount = models.DecimalField(_("in base currency"), max_digits=24, decimal_places=6)

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["settlement", "number"]
        indexes = [
            models.Index(fields=["company", "debit_line"], name="allocation_debit"),
            models.Index(fields=["company", "credit_line"], name="allocation_credit"),
            models.Index(fields=["company", "debit_month", "date"], name="allocation_debit_span"),
            models.Index(fields=["company", "credit_month", "date"], name="allocation_credit_span"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "settlement", "number"], name="allocation_number"),
            models.CheckConstraint(
                condition=Q(debit_amount__gte=0, credit_amount__gte=0, base_amount__gte=0)
                | Q(debit_amount__lte=0, credit_amount__lte=0, base_amount__lte=0),
                name="allocation_one_sign",
            ),
            models.CheckConstraint(
                condition=~Q(debit_amount=0, credit_amount=0, base_amount=0), name="allocation_not_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.base_amount}"


class OpenLine(CompanyModel):
    """The index of open items: which lines of open-item accounts are not settled wholly, by their own id.

    Kept by the database with every posting and settlement. It holds no amount: what is open of a line is always its
    amount less its allocations (docs/decisions/0006).
    """

    account = CompanyForeignKey(Account, related_name="+")
    sub_account = CompanyForeignKey(SubAccount, null=True, related_name="+")
    date = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["company", "account", "sub_account", "date"], name="open_line_account")]

    def __str__(self) -> str:
        return str(self.pk)
