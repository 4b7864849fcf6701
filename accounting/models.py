"""The accountant's master data: units and rates, the chart of accounts, dimensions, years and periods, numbers."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyForeignKey, CompanyModel


class Currency(models.Model):
    """A currency of ISO 4217, with the number of decimals that its amounts carry."""

    code = models.CharField(_("code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    decimals = models.PositiveSmallIntegerField(_("decimals"))

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Unit(CompanyModel):
    """What a line counts: a currency in use, a commodity (shares), or a statistical unit (hours, days)."""

    class Kind(models.TextChoices):
        CURRENCY = "currency", _("Currency")
        COMMODITY = "commodity", _("Commodity")
        STATISTICAL = "statistical", _("Statistical")

    code = models.CharField(_("code"), max_length=24, validators=[RegexValidator(r"^[A-Z][A-Z0-9'._-]{0,23}$")])
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=2, validators=[MaxValueValidator(12)])

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="unit_code"),
            models.CheckConstraint(condition=Q(decimals__lte=12), name="unit_decimals"),
            models.CheckConstraint(condition=Q(code__regex="^[A-Z][A-Z0-9'._-]*$"), name="unit_code_form"),
        ]

    def __str__(self) -> str:
        return self.code


class ExchangeRate(CompanyModel):
    """What one unit of a currency is worth in the company's base currency on a day, and who says so."""

    currency = models.CharField(_("currency"), max_length=24)
    date = models.DateField(_("date"))
    rate = models.DecimalField(_("rate"), max_digits=24, decimal_places=12)
    source = models.CharField(_("source"), max_length=100)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-date", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["company", "currency", "date"], name="exchange_rate_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate.normalize():f} ({self.date})"


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
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("sub-account")
        verbose_name_plural = _("sub-accounts")
        ordering = ["code"]
        constraints = [
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


class DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class FiscalYear(CompanyModel):
    """Twelve months of books, as a rule; the first and the last may be shorter or longer."""

    name = models.CharField(_("name"), max_length=20)
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("fiscal year")
        verbose_name_plural = _("fiscal years")
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="fiscal_year_name"),
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="fiscal_year_order"),
            ExclusionConstraint(
                name="fiscal_year_once",
                expressions=[
                    ("company", RangeOperators.EQUAL),
                    (DateRange("start", "end", models.Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Period(CompanyModel):
    """A month of a fiscal year, open or closed for posting."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        SOFT_CLOSED = "soft_closed", _("Soft-closed")
        CLOSED = "closed", _("Closed")

    fiscal_year = CompanyForeignKey(FiscalYear, related_name="periods", verbose_name=_("fiscal year"))
    number = models.PositiveSmallIntegerField(_("number"))
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["company", "fiscal_year", "number"], name="period_number"),
            models.CheckConstraint(condition=Q(status__in=["open", "soft_closed", "closed"]), name="period_status"),
            models.CheckConstraint(condition=Q(end__gte=models.F("start")), name="period_order"),
            ExclusionConstraint(
                name="period_once",
                expressions=[
                    ("company", RangeOperators.EQUAL),
                    (DateRange("start", "end", models.Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start:%B %Y}"


class LockDate(CompanyModel):
    """Nothing of this kind is posted on or before the date."""

    class Kind(models.TextChoices):
        ALL = "all", _("Everything")
        SALES = "sales", _("Sales")
        PURCHASES = "purchases", _("Purchases")
        TAX = "tax", _("Tax")

    kind = models.CharField(_("what is locked"), max_length=10, choices=Kind.choices)
    until = models.DateField(_("up to and including"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("lock date")
        verbose_name_plural = _("lock dates")
        constraints = [
            models.UniqueConstraint(fields=["company", "kind"], name="lock_date_kind"),
            models.CheckConstraint(condition=Q(kind__in=["all", "sales", "purchases", "tax"]), name="lock_date_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.until}"


class NumberSeries(CompanyModel):
    """Where legal numbers of one kind of document come from; a year has its own count."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=100)
    pattern = models.CharField(_("pattern"), max_length=60, default="{code}-{year}-{number:05d}")

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="number_series_code")]

    def __str__(self) -> str:
        return self.name


class NumberCounter(CompanyModel):
    """The next number of a series in a fiscal year; its row is the lock that keeps the count without gap."""

    series = CompanyForeignKey(NumberSeries, related_name="counters")
    year = models.CharField(max_length=20)
    next_number = models.PositiveBigIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "series", "year"], name="number_counter_year"),
            models.CheckConstraint(condition=Q(next_number__gte=1), name="number_counter_positive"),
        ]


class NumberUse(CompanyModel):
    """What became of each number: used for a document, voided, or skipped with a reason."""

    class Outcome(models.TextChoices):
        USED = "used", _("Used")
        VOIDED = "voided", _("Voided")
        SKIPPED = "skipped", _("Skipped")

    series = CompanyForeignKey(NumberSeries, related_name="uses", verbose_name=_("series"))
    year = models.CharField(_("year"), max_length=20)
    number = models.PositiveBigIntegerField(_("number"))
    text = models.CharField(_("as printed"), max_length=60)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    subject = models.CharField(_("document"), max_length=63, blank=True)
    subject_id = models.UUIDField(null=True)
    reason = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("used number")
        verbose_name_plural = _("number register")
        ordering = ["series", "year", "number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "series", "year", "number"], name="number_use_once"),
            models.CheckConstraint(condition=Q(outcome="used") | ~Q(reason=""), name="number_use_explained"),
        ]

    def __str__(self) -> str:
        return self.text


class Generation(CompanyModel):
    """Which state of a cached subject is current; a trigger renews it with every change of its rows."""

    subject = models.CharField(max_length=30)
    generation = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "subject"], name="generation_subject")]
