"""What a company plans to spend and to earn: budgets in versions, by account, month and value of a dimension."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.models import Account, Dimension, DimensionValue
from tenants.fields import CompanyForeignKey, CompanyModel


class Budget(CompanyModel):
    """One version of a budget, over whole months. It changes as a draft; active it is fixed, retired it stays readable.

    At most one version of a name is active. A budget with a dimension may plan each account by the values of it: such a
    plan is for the lines that carry the value, and a plan without a value for all other lines of the account.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    class Control(models.TextChoices):
        NONE = "none", _("None: only compared in reports")
        WARN = "warn", _("Warn who posts past it")
        STOP = "stop", _("Stop what goes past it")

    class Basis(models.TextChoices):
        YEAR_TO_DATE = "year_to_date", _("From the first month on")
        MONTH = "month", _("Each month by itself")

    name = models.CharField(_("name"), max_length=100)
    number = models.PositiveIntegerField(_("version"))
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.DRAFT)
    control = models.CharField(_("control"), max_length=4, choices=Control.choices, default=Control.NONE)
    basis = models.CharField(_("compared"), max_length=12, choices=Basis.choices, default=Basis.YEAR_TO_DATE)
    dimension = CompanyForeignKey(Dimension, null=True, related_name="+", verbose_name=_("dimension"))
    created_by = models.CharField(_("made by"), max_length=200, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ["name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name", "number"], name="budget_number"),
            models.UniqueConstraint(fields=["company", "name"], condition=Q(state="active"), name="budget_active_once"),
            models.CheckConstraint(condition=~Q(name=""), name="budget_named"),
            models.CheckConstraint(condition=Q(state__in=["draft", "active", "retired"]), name="budget_state"),
            models.CheckConstraint(condition=Q(control__in=["none", "warn", "stop"]), name="budget_control"),
            models.CheckConstraint(condition=Q(basis__in=["year_to_date", "month"]), name="budget_basis"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="budget_order"),
        ]
        indexes = [
            # What every posting asks first: is there anything to keep?
            models.Index(
                fields=["company", "control"], condition=Q(state="active") & ~Q(control="none"), name="budget_kept"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class BudgetLine(CompanyModel):
    """What is planned for an account in a month, in base currency, on the account's normal side.

    So both an expense and an income are planned above zero; an amount below zero is a plan on the other side.
    """

    budget = CompanyForeignKey(Budget, on_delete=models.CASCADE, related_name="lines", verbose_name=_("budget"))
    account = CompanyForeignKey(Account, related_name="+", verbose_name=_("account"))
    value = CompanyForeignKey(DimensionValue, null=True, related_name="+", verbose_name=_("dimension value"))
    month = models.DateField(_("month"), help_text=_("Its first day."))
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=6)

    class Meta:
        verbose_name = _("line of a budget")
        verbose_name_plural = _("lines of budgets")
        ordering = ["budget", "account", "value", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "budget", "account", "value", "month"], nulls_distinct=False, name="budget_line_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="budget_line_month"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month:%Y-%m}"
