"""Customers and suppliers: who they are, where they live, and where their money goes."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.models.chart import Account
from accounting.models.taxes import FiscalPosition, TaxCode
from accounting.models.terms import PaymentTerms
from tenants.fields import CompanyForeignKey, CompanyModel

COUNTRY = RegexValidator(r"^[A-Z]{2}$", _("A country is two capital letters (ISO 3166)."))


class Contact(CompanyModel):
    """A customer, a supplier, or both; their part of receivables and payables is a sub-account each."""

    code = models.CharField(_("number"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    is_customer = models.BooleanField(_("customer"), default=False)
    is_supplier = models.BooleanField(_("supplier"), default=False)
    country = models.CharField(_("country"), max_length=2, blank=True, validators=[COUNTRY])
    tax_number = models.CharField(
        _("tax number"), max_length=40, blank=True, help_text=_("VAT, GST or other number, checked by its country.")
    )
    registration = models.CharField(_("registration number"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Of what is sent to them; empty: the company's.")
    )
    currency = models.CharField(_("currency"), max_length=24, blank=True, help_text=_("Of new documents."))
    credit_limit = models.DecimalField(
        _("credit limit"), max_digits=24, decimal_places=6, null=True, blank=True,
        help_text=_("In base currency; empty: none."),
    )  # fmt: skip
    income_account = CompanyForeignKey(
        Account, null=True, blank=True, related_name="+", verbose_name=_("income account"),
        help_text=_("Offered for what they buy."),
    )  # fmt: skip
    expense_account = CompanyForeignKey(
        Account, null=True, blank=True, related_name="+", verbose_name=_("expense account"),
        help_text=_("Offered for what they supply."),
    )  # fmt: skip
    sales_tax = CompanyForeignKey(
        TaxCode, null=True, blank=True, related_name="+", verbose_name=_("tax on what they buy")
    )
    purchase_tax = CompanyForeignKey(
        TaxCode, null=True, blank=True, related_name="+", verbose_name=_("tax on what they supply")
    )
    fiscal_position = CompanyForeignKey(
        FiscalPosition, null=True, blank=True, related_name="+", verbose_name=_("fiscal position"),
        help_text=_("Empty: found by their country."),
    )  # fmt: skip
    customer_terms = CompanyForeignKey(
        PaymentTerms, null=True, blank=True, related_name="+", verbose_name=_("payment terms"),
        help_text=_("When they pay us."),
    )  # fmt: skip
    supplier_terms = CompanyForeignKey(
        PaymentTerms, null=True, blank=True, related_name="+", verbose_name=_("terms of the supplier"),
        help_text=_("When we pay them."),
    )  # fmt: skip
    notes = models.TextField(_("notes"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    merged_into = CompanyForeignKey("self", null=True, related_name="merged", verbose_name=_("merged into"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["company", "name", "id"], name="contact_by_name"),
            models.Index(fields=["company", "tax_number"], condition=~Q(tax_number=""), name="contact_by_tax_number"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="contact_code"),
            models.CheckConstraint(condition=~Q(code=""), name="contact_code_present"),
            models.CheckConstraint(condition=~Q(name=""), name="contact_name_present"),
            models.CheckConstraint(condition=Q(country="") | Q(country__regex="^[A-Z]{2}$"), name="contact_country"),
            models.CheckConstraint(
                condition=Q(credit_limit=None) | Q(credit_limit__gte=0), name="contact_credit_limit"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(is_active=False) & ~Q(merged_into=models.F("id"))),
                name="contact_merged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ContactAddress(CompanyModel):
    """Where a contact lives, is billed, or takes deliveries."""

    class Kind(models.TextChoices):
        BILLING = "billing", _("Billing")
        DELIVERY = "delivery", _("Delivery")
        OTHER = "other", _("Other")

    contact = CompanyForeignKey(Contact, on_delete=models.CASCADE, related_name="addresses", verbose_name=_("contact"))
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.BILLING)
    street = models.CharField(_("street"), max_length=200, blank=True)
    supplement = models.CharField(_("supplement"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, validators=[COUNTRY])

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "contact", "number"], name="contact_address_number"),
            models.CheckConstraint(condition=Q(kind__in=["billing", "delivery", "other"]), name="contact_address_kind"),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex="^[A-Z]{2}$"), name="contact_address_country"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.street, f"{self.postal_code} {self.city}".strip()) if part)


class ContactBankAccount(CompanyModel):
    """Where a contact is paid. What it says never changes; it counts once a second person has agreed to it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        RETIRED = "retired", _("No longer used")

    contact = CompanyForeignKey(Contact, related_name="bank_accounts", verbose_name=_("contact"))
    holder = models.CharField(_("account holder"), max_length=200)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    account_number = models.CharField(_("account number"), max_length=60, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    proposed_by_id = models.UUIDField(null=True)
    proposed_by = models.CharField(_("proposed by"), max_length=200)
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    decided_by_id = models.UUIDField(null=True)
    decided_by = models.CharField(_("decided by"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "contact", "iban"],
                condition=Q(state__in=["waiting", "approved"]) & ~Q(iban=""), name="contact_bank_account_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "approved", "rejected", "retired"]), name="contact_bank_account_state"
            ),
            models.CheckConstraint(condition=~Q(iban="") | ~Q(account_number=""), name="contact_bank_account_named"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_at__isnull=False), name="contact_bank_account_decided"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_by_id=None) | Q(proposed_by_id=None)
                | ~Q(decided_by_id=models.F("proposed_by_id")),
                name="contact_bank_account_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(reason=""), name="contact_bank_account_explained"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.iban or self.account_number} {self.holder}"
