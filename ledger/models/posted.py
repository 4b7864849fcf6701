"""The posted truth. Rows here are written by the database function `ledger_post` and the sealer, and never changed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounting.models import Account, SubAccount
from tenants.fields import CompanyForeignKey, CompanyModel


class Xid8Field(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction number."""

    def db_type(self, connection: object) -> str:
        return "xid8"


class Journal(CompanyModel):
    """A book of first entry; its entries share one numbering a year."""

    class Kind(models.TextChoices):
        GENERAL = "general", _("General")
        SALES = "sales", _("Sales")
        PURCHASES = "purchases", _("Purchases")
        BANK = "bank", _("Bank")
        CASH = "cash", _("Cash")
        OPENING = "opening", _("Opening")
        CLOSING = "closing", _("Closing")

    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.GENERAL)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("journal")
        verbose_name_plural = _("journals")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="journal_code"),
            models.CheckConstraint(
                condition=Q(kind__in=["general", "sales", "purchases", "bank", "cash", "opening", "closing"]),
                name="journal_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PostedModel(CompanyModel):
    """A row whose other composite keys imply its company: no key of its own to the company is checked per row."""

    company = models.ForeignKey("tenants.Company", on_delete=models.PROTECT, related_name="+", editable=False,
                                db_index=False, db_constraint=False)  # fmt: skip

    class Meta:
        abstract = True


class Entry(PostedModel):
    """A posted journal entry: it balances, and it never changes."""

    journal = CompanyForeignKey(Journal, related_name="entries", verbose_name=_("journal"))
    key = models.CharField(_("idempotency key"), max_length=200)
    body_hash = models.BinaryField(max_length=32)
    date = models.DateField(_("date"))
    memo = models.TextField(_("memo"), blank=True)
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    line_count = models.PositiveIntegerField()
    reverses = CompanyForeignKey("self", null=True, related_name="reversed_by", verbose_name=_("reverses"))
    reason = models.TextField(_("reason"), blank=True)
    source = models.CharField(_("source"), max_length=63, blank=True)
    source_id = models.UUIDField(null=True)
    actor_type = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(_("posted by"), max_length=200)
    request_id = models.CharField(max_length=64)
    posted_at = models.DateTimeField(_("posted at"))
    posted_xid = Xid8Field()
    epoch = models.PositiveIntegerField(default=1)
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering = ["-date", "-id"]
        indexes = [
            models.Index(fields=["company", "epoch", "posted_xid"], name="entry_tail"),
            models.Index(fields=["company", "-date", "-id"], name="entry_date"),
            models.Index(fields=["company", "posted_at"], name="entry_posted_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="entry_key"),
            models.UniqueConstraint(fields=["company", "id", "date"], name="entry_dated"),
            models.UniqueConstraint(
                fields=["company", "reverses"], condition=Q(reverses__isnull=False), name="entry_reversed_once"
            ),
            models.CheckConstraint(condition=Q(line_count__gte=2), name="entry_two_lines"),
            models.CheckConstraint(condition=Q(reverses__isnull=True) | ~Q(reverses=F("id")), name="entry_not_itself"),
            models.CheckConstraint(condition=~Q(key=""), name="entry_key_present"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.memo}".strip()


class Line(PostedModel):
    """One debit (above zero) or credit (below zero) of an entry.

    `amount` is in base currency, `currency_amount` in the line's own currency or unit. A statistical line has no
    amount in base currency; such lines balance in their own unit. An exchange difference has no amount in its currency.
    """

    entry = CompanyForeignKey(Entry, related_name="lines", verbose_name=_("entry"))
    number = models.PositiveIntegerField(_("line"))
    date = models.DateField(_("date"))
    account = CompanyForeignKey(Account, related_name="lines", verbose_name=_("account"))
    sub_account = CompanyForeignKey(SubAccount, null=True, related_name="lines", verbose_name=_("sub-account"))
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=6)
    currency = models.CharField(_("currency"), max_length=24)
    currency_amount = models.DecimalField(_("amount in currency"), max_digits=30, decimal_places=12)
    rate = models.DecimalField(_("rate"), max_digits=24, decimal_places=12, null=True)
    rate_source = models.CharField(_("source of the rate"), max_length=100, blank=True)
    statistical = models.BooleanField(_("statistical"), default=False)
    memo = models.TextField(_("memo"), blank=True)
    dimensions = models.JSONField(_("dimensions"), default=dict)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["entry", "number"]
        indexes = [
            models.Index(fields=["company", "account", "date"], include=["amount"], name="line_account_date"),
            models.Index(
                fields=["company", "sub_account", "date"],
                condition=Q(sub_account__isnull=False),
                name="line_sub_account_date",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "entry", "number"], name="line_number"),
            models.CheckConstraint(condition=~Q(currency_amount=0) | ~Q(amount=0), name="line_not_zero"),
            models.CheckConstraint(condition=Q(statistical=False) | Q(amount=0), name="line_statistical"),
            models.CheckConstraint(
                condition=Q(amount=0)
                | Q(currency_amount=0)
                | Q(amount__gt=0, currency_amount__gt=0)
                | Q(amount__lt=0, currency_amount__lt=0),
                name="line_one_side",
            ),
            models.CheckConstraint(condition=Q(rate__isnull=True) | Q(rate__gte=0), name="line_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.amount}"


class Refusal(CompanyModel):
    """A refusal that depended on the state of the books, frozen under its key: a retry gets the same answer."""

    key = models.CharField(max_length=200)
    body_hash = models.BinaryField(max_length=32)
    code = models.CharField(max_length=60)
    message = models.TextField()
    place = models.CharField(max_length=100, blank=True)
    refused_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="refusal_key")]


class SealState(CompanyModel):
    """How far a company's entries are sealed."""

    epoch = models.PositiveIntegerField(default=1)
    next_xid = Xid8Field()
    block_number = models.BigIntegerField(default=0)
    head = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company"], name="seal_state_once")]


class Block(CompanyModel):
    """A sealed run of entries: Merkle root, control totals, and the hash of the block before."""

    number = models.BigIntegerField(_("block"))
    previous_hash = models.BinaryField(max_length=32)
    merkle_root = models.BinaryField(max_length=32)
    entry_count = models.PositiveIntegerField(_("entries"))
    line_count = models.PositiveIntegerField(_("lines"))
    debit_total = models.DecimalField(_("debits"), max_digits=30, decimal_places=6)
    sealed_at = models.DateTimeField(_("sealed at"))
    # What transactions of an earlier epoch, or of this one below the watermark, wrote was known at the block; no other
    # will ever finish there.
    epoch = models.PositiveIntegerField()
    watermark = Xid8Field()
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="block_number")]


class EntrySeal(PostedModel):
    """The place of an entry in its block, and the number that accountants quote."""

    entry = CompanyForeignKey(Entry, related_name="seals")
    block_number = models.BigIntegerField(_("block"))
    position = models.PositiveIntegerField(_("position"))
    series = models.CharField(_("series"), max_length=40)
    number = models.PositiveBigIntegerField(_("number"))
    number_text = models.CharField(_("number"), max_length=60)
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "entry"], name="entry_seal_once"),
            models.UniqueConstraint(fields=["company", "block_number", "position"], name="entry_seal_position"),
            models.UniqueConstraint(fields=["company", "series", "number"], name="entry_seal_number"),
        ]
        indexes = [models.Index(fields=["company", "number_text"], name="entry_seal_text")]


class PeriodBalance(PostedModel):
    """Movements of an account in a currency, summed by the sealer."""

    account = CompanyForeignKey(Account, related_name="+")
    currency = models.CharField(max_length=24)
    debit = models.DecimalField(max_digits=24, decimal_places=6)
    credit = models.DecimalField(max_digits=24, decimal_places=6)
    currency_debit = models.DecimalField(max_digits=30, decimal_places=12)
    currency_credit = models.DecimalField(max_digits=30, decimal_places=12)
    line_count = models.BigIntegerField()

    class Meta:
        abstract = True


class MonthBalance(PeriodBalance):
    """Movements of a calendar month."""

    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "month", "account", "currency"], name="month_balance_once")
        ]


class DayBalance(PeriodBalance):
    """Movements of a day: what a part of a month is read from."""

    date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "date", "account", "currency"], name="day_balance_once")
        ]


class SubAccountBalance(PeriodBalance):
    """Movements of a calendar month on a sub-account."""

    sub_account = CompanyForeignKey(SubAccount, related_name="+")
    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "sub_account", "month", "currency"], name="sub_account_balance_once"
            )
        ]
