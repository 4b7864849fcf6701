"""Invoices, bills, credit notes and what comes before them: a head, its lines, its taxes and its instalments."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounting.models import Account, Contact, FiscalPosition, Item, PaymentTerms, TaxCode
from invoicing.models.approvable import Approvable
from ledger.models import Entry, Line
from tenants.fields import CompanyForeignKey, CompanyModel


class Document(Approvable):
    """A document of sales or purchases. Once it is posted it never changes; it is credited.

    Amounts are in the currency of the document and above zero as it is read: a credit note of 100 gives 100 back.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        DEBIT_NOTE = "debit_note", _("Debit note")
        CREDIT_NOTE = "credit_note", _("Credit note")
        BILL = "bill", _("Bill")
        SUPPLIER_CREDIT = "supplier_credit", _("Supplier credit note")
        QUOTE = "quote", _("Quote")
        PURCHASE_ORDER = "purchase_order", _("Purchase order")

    class TaxRounding(models.TextChoices):
        DOCUMENT = "document", _("By document")
        LINE = "line", _("By line")

    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    contact = CompanyForeignKey(Contact, related_name="documents", verbose_name=_("contact"))
    date = models.DateField(_("date"))
    tax_date = models.DateField(_("tax point"), help_text=_("When it was supplied: the rates of this day count."))
    due_date = models.DateField(_("due"))
    reference = models.CharField(
        _("reference"), max_length=200, blank=True, help_text=_("Their order; of a bill, the supplier's number.")
    )
    currency = models.CharField(_("currency"), max_length=24)
    rate = models.DecimalField(
        _("rate"), max_digits=24, decimal_places=12, null=True, blank=True,
        help_text=_("Base currency for one; empty: the rate of the date."),
    )  # fmt: skip
    rate_source = models.CharField(_("source of the rate"), max_length=100, blank=True)
    terms = CompanyForeignKey(PaymentTerms, null=True, blank=True, related_name="+", verbose_name=_("payment terms"))
    position = CompanyForeignKey(
        FiscalPosition, null=True, blank=True, related_name="+", verbose_name=_("fiscal position")
    )
    prices_include_tax = models.BooleanField(_("prices include tax"), default=False)
    tax_rounding = models.CharField(
        _("rounding of taxes"), max_length=10, choices=TaxRounding.choices, default=TaxRounding.DOCUMENT
    )
    cash_step = models.DecimalField(
        _("rounded to coins of"), max_digits=10, decimal_places=4, null=True, blank=True, help_text=_("0.05")
    )
    stated_taxes = models.JSONField(
        _("taxes as stated"), default=dict, blank=True, help_text=_("Of a bill: what the supplier reckoned, by code.")
    )
    discount_percent = models.DecimalField(_("early payment discount"), max_digits=9, decimal_places=6, default=0)
    discount_until = models.DateField(_("if paid by"), null=True, blank=True)
    memo = models.TextField(_("internal note"), blank=True)
    notes = models.TextField(_("note to the reader"), blank=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Of a credit note; opens a soft-closed period."))
    net = models.DecimalField(_("net"), max_digits=24, decimal_places=6, default=0)
    tax = models.DecimalField(_("tax"), max_digits=24, decimal_places=6, default=0)
    withheld = models.DecimalField(_("withheld"), max_digits=24, decimal_places=6, default=0)
    rounding = models.DecimalField(_("rounding"), max_digits=24, decimal_places=6, default=0)
    total = models.DecimalField(_("total"), max_digits=24, decimal_places=6, default=0)
    base_total = models.DecimalField(_("total in base currency"), max_digits=24, decimal_places=6, null=True)
    party = models.JSONField(_("as they were"), default=dict, help_text=_("Name, address and tax number at posting."))
    entry = CompanyForeignKey(Entry, null=True, related_name="documents", verbose_name=_("entry"))
    credits = CompanyForeignKey("self", null=True, related_name="credit_notes", verbose_name=_("credits"))
    made_from = CompanyForeignKey("self", null=True, related_name="made", verbose_name=_("made from"))

    # The billing address of the contact, where it was read along.
    billed: dict[str, str] | None = None

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-date", "-id"]
        indexes = [
            models.Index(fields=["company", "kind", "-date", "-id"], name="document_by_date"),
            models.Index(fields=["company", "contact", "kind", "-date", "-id"], name="document_by_contact"),
            models.Index(fields=["company", "kind", "state"], condition=~Q(state="posted"), name="document_unposted"),
            models.Index(fields=["company", "credits"], condition=~Q(credits=None), name="document_credits"),
            models.Index(
                fields=["company", "contact", "reference"], condition=~Q(reference=""), name="document_reference"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], condition=~Q(number=""), name="document_number"),
            models.UniqueConstraint(fields=["company", "entry"], condition=~Q(entry=None), name="document_entry_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[
                    "invoice", "debit_note", "credit_note", "bill", "supplier_credit", "quote", "purchase_order",
                ]),
                name="document_kind",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "approved", "rejected", "posted"]), name="document_state"
            ),
            models.CheckConstraint(condition=Q(tax_rounding__in=["document", "line"]), name="document_tax_rounding"),
            models.CheckConstraint(condition=Q(cash_step=None) | Q(cash_step__gt=0), name="document_cash_step"),
            models.CheckConstraint(condition=Q(rate=None) | Q(rate__gt=0), name="document_rate"),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0, discount_percent__lt=100), name="document_discount"
            ),
            models.CheckConstraint(
                condition=~Q(state="posted")
                | (~Q(number="") & Q(posted_at__isnull=False, base_total__isnull=False))
                & (Q(entry__isnull=False) | Q(net=0, total=0)),
                name="document_posted_whole",
            ),
            models.CheckConstraint(condition=Q(state="posted") | Q(number="", entry=None), name="document_not_posted"),
            models.CheckConstraint(
                condition=Q(total=F("net") + F("tax") - F("withheld") + F("rounding")), name="document_adds_up"
            ),
            models.CheckConstraint(
                condition=~Q(state="posted") | ~Q(kind__in=["quote", "purchase_order"]), name="document_no_books"
            ),
            models.CheckConstraint(
                condition=Q(credits=None) | Q(kind__in=["credit_note", "supplier_credit"]), name="document_credits_kind"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number or _('(draft)')}"

    @property
    def is_sale(self) -> bool:
        """Whether a customer is the other party."""
        return self.kind in SALES

    @property
    def is_credit(self) -> bool:
        return self.kind in CREDITS


SALES = frozenset({"invoice", "debit_note", "credit_note", "quote"})
CREDITS = frozenset({"credit_note", "supplier_credit"})
# Those that make entries.
BOOKED = frozenset({"invoice", "debit_note", "credit_note", "bill", "supplier_credit"})


# What the files of documents are told apart by, among those of entries and drafts.
ATTACHED = "document"


class DocumentLine(CompanyModel):
    """So much of something at a price. The amounts follow from it; those of a posted document stay."""

    document = CompanyForeignKey(Document, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField(_("line"))
    item = CompanyForeignKey(Item, null=True, blank=True, related_name="+", verbose_name=_("item"))
    description = models.TextField(_("description"), blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=24, decimal_places=6, default=1)
    unit = models.CharField(_("unit"), max_length=3, blank=True)
    unit_price = models.DecimalField(_("unit price"), max_digits=30, decimal_places=12, default=0)
    discount_percent = models.DecimalField(_("discount"), max_digits=9, decimal_places=6, default=0)
    account = CompanyForeignKey(Account, null=True, related_name="+", verbose_name=_("account"))
    tax_code = CompanyForeignKey(TaxCode, null=True, blank=True, related_name="+", verbose_name=_("tax"))
    dimensions = models.JSONField(_("dimensions"), default=dict, blank=True)
    credits = CompanyForeignKey("self", null=True, related_name="credited_by", verbose_name=_("credits"))
    order_line = CompanyForeignKey(
        "self", null=True, related_name="charged_by", verbose_name=_("line of the purchase order")
    )
    net = models.DecimalField(_("net"), max_digits=24, decimal_places=6, default=0)
    gross = models.DecimalField(_("gross"), max_digits=24, decimal_places=6, default=0)
    cost_tax = models.DecimalField(
        _("tax in the cost"), max_digits=24, decimal_places=6, default=0, help_text=_("What of it is not deductible.")
    )

    class Meta:
        verbose_name = _("document line")
        verbose_name_plural = _("document lines")
        ordering = ["number"]
        indexes = [
            models.Index(fields=["company", "credits"], condition=~Q(credits=None), name="document_line_credits"),
            models.Index(fields=["company", "order_line"], condition=~Q(order_line=None), name="document_line_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "document", "number"], name="document_line_number"),
            models.CheckConstraint(condition=Q(discount_percent__range=(0, 100)), name="document_line_discount"),
        ]

    def __str__(self) -> str:
        return self.description


class DocumentTax(CompanyModel):
    """One tax of a document at one rate: its line of the tax return. Those of a cash basis wait for the payment."""

    document = CompanyForeignKey(Document, on_delete=models.CASCADE, related_name="taxes")
    number = models.PositiveSmallIntegerField()
    tax_code = CompanyForeignKey(TaxCode, related_name="+", verbose_name=_("tax"))
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=15)
    category = models.CharField(_("category"), max_length=2)
    exemption_code = models.CharField(max_length=30, blank=True)
    exemption_reason = models.CharField(max_length=200, blank=True)
    percent = models.DecimalField(_("percent"), max_digits=9, decimal_places=6)
    base = models.DecimalField(_("base"), max_digits=24, decimal_places=6)
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=6)
    deductible = models.DecimalField(_("deductible"), max_digits=24, decimal_places=6, default=0)
    base_in_base = models.DecimalField(_("base in base currency"), max_digits=24, decimal_places=6, default=0)
    amount_in_base = models.DecimalField(_("amount in base currency"), max_digits=24, decimal_places=6, default=0)
    deductible_in_base = models.DecimalField(
        _("deductible in base currency"), max_digits=24, decimal_places=6, default=0
    )
    pending = models.BooleanField(_("due with the payment"), default=False)

    class Meta:
        verbose_name = _("tax of a document")
        verbose_name_plural = _("taxes of a document")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "document", "number"], name="document_tax_number"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.amount}"


class Instalment(CompanyModel):
    """A part of a document's total and when it is due; posted, the open item that it became."""

    document = CompanyForeignKey(Document, on_delete=models.CASCADE, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    due_date = models.DateField(_("due"))
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=6)
    line = CompanyForeignKey(Line, null=True, related_name="instalments", verbose_name=_("open item"))

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "document", "number"], name="instalment_number"),
            models.UniqueConstraint(fields=["company", "line"], condition=~Q(line=None), name="instalment_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.due_date} {self.amount}"
