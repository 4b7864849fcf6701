"""The chart of accounts, its sub-accounts, and the dimensions of its lines."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyForeignKey, CompanyModel


class AccountType(models.TextChoices):
    ASSET = "asset", _("Asset")
    LIABILITY = "liability", _("Liability")
    EQUITY = "equity", _("Equity")
    INCOME = "income", _("Income")
    EXPENSE = "expense", _("Expense")
    STATISTICAL = "statistical", _("Statistical")


HEADING = "heading"

SUBTYPES: dict[str, tuple[str, ...]] = {
    AccountType.ASSET: (
        "cash", "bank", "receivable", "tax_receivable", "current_asset", "inventory", "prepayment", "fixed_asset",
        "accumulated_depreciation", "intangible_asset", "non_current_asset", "clearing",
    ),
    AccountType.LIABILITY: (
        "payable", "credit_card", "tax_payable", "payroll_liability", "current_liability", "accrual",
        "deferred_income", "provision", "loan", "non_current_liability", "customer_deposit",
    ),
    AccountType.EQUITY: ("share_capital", "reserves", "retained_earnings", "drawings", "opening_balance"),
    AccountType.INCOME: ("revenue", "other_income", "finance_income", "exchange_gain"),
    AccountType.EXPENSE: (
        "cost_of_sales", "payroll", "operating", "depreciation", "finance_cost", "income_tax", "exchange_loss",
        "rounding",
    ),
    AccountType.STATISTICAL: ("statistical",),
}  # fmt: skip


class Account(CompanyModel):
    """One account of the chart. A heading groups others and takes no lines."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        FROZEN = "frozen", _("Frozen")
        ARCHIVED = "archived", _("Archived")

    code = models.CharField(_("code"), max_length=120)
    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=12, choices=AccountType.choices)
    subtype = models.CharField(_("subtype"), max_length=30, blank=True)
    parent = CompanyForeignKey("self", null=True, blank=True, related_name="children", verbose_name=_("heading"))
    currency = models.CharField(
        _("only in currency or unit"), max_length=24, blank=True, help_text=_("Empty: lines in any currency.")
    )
    control = models.BooleanField(
        _("control account"), default=False, help_text=_("Closed to manual posting; detailed by sub-accounts.")
    )
    open_item = models.BooleanField(_("open items"), default=False, help_text=_("Its lines are settled one by one."))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    role = models.CharField(
        _("posting role"), max_length=40, blank=True, help_text=_("What the system posts here by itself.")
    )
    tags = models.JSONField(_("tags"), default=list, blank=True)
    description = models.TextField(_("description"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("chart of accounts")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="account_code"),
            models.UniqueConstraint(fields=["company", "role"], condition=~Q(role=""), name="account_role"),
            models.CheckConstraint(condition=Q(type__in=AccountType.values), name="account_type"),
            models.CheckConstraint(condition=Q(status__in=["active", "frozen", "archived"]), name="account_status"),
            models.CheckConstraint(condition=~Q(code=""), name="account_code_present"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_heading(self) -> bool:
        return self.subtype == HEADING


class SubAccount(CompanyModel):
    """A detail of an account: a customer of receivables, a wallet, an employee's leave. The account is their sum."""

    account = CompanyForeignKey(Account, related_name="sub_accounts", verbose_name=_("account"))
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    contact = CompanyForeignKey("Contact", null=True, related_name="sub_accounts", verbose_name=_("contact"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("sub-account")
        verbose_name_plural = _("sub-accounts")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "account", "contact"], name="sub_account_contact"),
            models.UniqueConstraint(fields=["company", "account", "code"], name="sub_account_code"),
            models.UniqueConstraint(fields=["company", "account", "id"], name="sub_account_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Dimension(CompanyModel):
    """A way to cut the figures: cost centre, project, department."""

    code = models.CharField(_("code"), max_length=30, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")])
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("dimension")
        verbose_name_plural = _("dimensions")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="dimension_code")]

    def __str__(self) -> str:
        return self.name


class DimensionValue(CompanyModel):
    """One cost centre, one project, one department."""

    dimension = CompanyForeignKey(Dimension, related_name="values", verbose_name=_("dimension"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("dimension value")
        verbose_name_plural = _("dimension values")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["company", "dimension", "code"], name="dimension_value_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AccountDimension(CompanyModel):
    """Lines of this account must carry a value of this dimension."""

    account = CompanyForeignKey(Account, related_name="mandatory_dimensions", verbose_name=_("account"))
    dimension = CompanyForeignKey(Dimension, related_name="+", verbose_name=_("dimension"))

    class Meta:
        verbose_name = _("mandatory dimension")
        verbose_name_plural = _("mandatory dimensions")
        constraints = [models.UniqueConstraint(fields=["company", "account", "dimension"], name="account_dimension")]

    def __str__(self) -> str:
        return f"{self.account.code} · {self.dimension.code}"
