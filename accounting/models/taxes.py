"""Taxes: what a line of a document carries, at which rate on which day, and where it stands in books and return."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.models.chart import Account
from tenants.fields import CompanyForeignKey, CompanyModel


def boxes(label: Any) -> Any:
    """Boxes of the tax return that an amount is added to."""
    return ArrayField(models.CharField(max_length=20), verbose_name=label, default=list, blank=True)


class TaxCode(CompanyModel):
    """One tax, or a group of several, under the code that a line of a document carries."""

    class Use(models.TextChoices):
        SALES = "sales", _("Sales")
        PURCHASES = "purchases", _("Purchases")

    class Kind(models.TextChoices):
        CHARGED = "charged", _("Charged")
        REVERSE_CHARGE = "reverse_charge", _("Reverse charge")
        WITHHELD = "withheld", _("Withheld")
        GROUP = "group", _("Group of taxes")

    class Category(models.TextChoices):
        """UNCL 5305, as EN 16931 uses it."""

        STANDARD = "S", _("Standard or reduced rate")
        ZERO = "Z", _("Zero rate")
        EXEMPT = "E", _("Exempt")
        REVERSE = "AE", _("Reverse charge")
        INTRA_COMMUNITY = "K", _("Intra-community supply")
        EXPORT = "G", _("Export")
        OUTSIDE = "O", _("Outside the scope")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=100, help_text=_("As it stands on documents."))
    use = models.CharField(_("use"), max_length=10, choices=Use.choices)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices, default=Kind.CHARGED)
    category = models.CharField(_("category"), max_length=2, choices=Category.choices, default=Category.STANDARD)
    exemption_code = models.CharField(_("exemption code"), max_length=30, blank=True, help_text=_("VATEX code."))
    exemption_reason = models.CharField(_("exemption reason"), max_length=200, blank=True)
    compound = models.BooleanField(
        _("compound"), default=False, help_text=_("Also on the taxes that stand before it in a group.")
    )
    deductible_percent = models.DecimalField(
        _("deductible"), max_digits=9, decimal_places=6, default=100,
        help_text=_("Percent of a tax on purchases; the rest is cost."),
    )  # fmt: skip
    account = CompanyForeignKey(Account, null=True, blank=True, related_name="+", verbose_name=_("tax account"))
    counter_account = CompanyForeignKey(
        Account, null=True, blank=True, related_name="+", verbose_name=_("other side"),
        help_text=_("Where the tax that is owed under reverse charge stands."),
    )  # fmt: skip
    pending_account = CompanyForeignKey(
        Account, null=True, blank=True, related_name="+", verbose_name=_("until it is paid"),
        help_text=_("Named for a tax on cash basis: due with the payment."),
    )  # fmt: skip
    base_boxes = boxes(_("boxes of the base"))
    tax_boxes = boxes(_("boxes of the tax"))
    counter_boxes = boxes(_("boxes of the other side"))
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")
        ordering = ["use", "code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="tax_code_code"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="tax_code_named"),
            models.CheckConstraint(condition=Q(use__in=["sales", "purchases"]), name="tax_code_use"),
            models.CheckConstraint(
                condition=Q(kind__in=["charged", "reverse_charge", "withheld", "group"]), name="tax_code_kind"
            ),
            models.CheckConstraint(
                condition=Q(category__in=["S", "Z", "E", "AE", "K", "G", "O"]), name="tax_code_category"
            ),
            models.CheckConstraint(condition=Q(deductible_percent__range=(0, 100)), name="tax_code_deductible"),
            models.CheckConstraint(
                condition=~Q(kind="group")
                | Q(account=None, counter_account=None, pending_account=None, compound=False, deductible_percent=100),
                name="tax_code_group",
            ),
            models.CheckConstraint(
                condition=Q(kind="reverse_charge", use="purchases", counter_account__isnull=False)
                | (~Q(kind="reverse_charge") & Q(counter_account=None)),
                name="tax_code_other_side",
            ),
            models.CheckConstraint(
                condition=Q(pending_account=None) | Q(kind="charged", account__isnull=False), name="tax_code_cash_basis"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_group(self) -> bool:
        return self.kind == self.Kind.GROUP


class TaxRate(CompanyModel):
    """The percentage of a tax from a day on, until the next one."""

    tax = CompanyForeignKey(TaxCode, on_delete=models.CASCADE, related_name="rates", verbose_name=_("tax"))
    start = models.DateField(_("from"))
    percent = models.DecimalField(_("percent"), max_digits=9, decimal_places=6)

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["company", "tax", "start"], name="tax_rate_start"),
            models.CheckConstraint(condition=Q(percent__range=(0, 100)), name="tax_rate_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} % ({self.start})"


class TaxGroupMember(CompanyModel):
    """A tax of a group, in its place."""

    group = CompanyForeignKey(TaxCode, on_delete=models.CASCADE, related_name="members", verbose_name=_("group"))
    tax = CompanyForeignKey(TaxCode, related_name="groups", verbose_name=_("tax"))
    number = models.PositiveSmallIntegerField(_("place"))

    class Meta:
        verbose_name = _("tax of a group")
        verbose_name_plural = _("taxes of a group")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "group", "tax"], name="tax_group_member_once"),
            models.UniqueConstraint(fields=["company", "group", "number"], name="tax_group_member_number"),
            models.CheckConstraint(condition=~Q(group=models.F("tax")), name="tax_group_member_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.tax}"


class TaxBox(CompanyModel):
    """A box of the tax return: filled by the taxes that name it, or reckoned from other boxes."""

    code = models.CharField(_("box"), max_length=20, validators=[RegexValidator(r"^[A-Za-z0-9_.-]+$")])
    name = models.CharField(_("name"), max_length=300)
    formula = models.CharField(
        _("formula"), max_length=200, blank=True, help_text=_("Boxes added and taken off: 1 + 2 - 4.")
    )
    number = models.PositiveSmallIntegerField(_("place"))

    class Meta:
        verbose_name = _("tax return box")
        verbose_name_plural = _("tax return boxes")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="tax_box_code"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="tax_box_named"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FiscalPosition(CompanyModel):
    """Whose documents carry other taxes and accounts than usual: customers abroad, the reverse charge, the exempt."""

    class Who(models.TextChoices):
        ANY = "any", _("Anybody")
        BUSINESS = "business", _("Who has a tax number")
        PRIVATE = "private", _("Who has none")

    name = models.CharField(_("name"), max_length=100)
    automatic = models.BooleanField(
        _("found by itself"), default=True, help_text=_("By the country of the contact; otherwise only where named.")
    )
    countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True,
        help_text=_("ISO 3166; empty: every other country."),
    )  # fmt: skip
    who = models.CharField(_("for"), max_length=10, choices=Who.choices, default=Who.ANY)
    number = models.PositiveSmallIntegerField(_("place"), default=1, help_text=_("The first that fits counts."))
    note = models.TextField(_("note"), blank=True, help_text=_("Printed on documents."))
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("fiscal position")
        verbose_name_plural = _("fiscal positions")
        ordering = ["number", "name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="fiscal_position_name"),
            models.CheckConstraint(condition=~Q(name=""), name="fiscal_position_named"),
            models.CheckConstraint(condition=Q(who__in=["any", "business", "private"]), name="fiscal_position_who"),
        ]

    def __str__(self) -> str:
        return self.name


class FiscalPositionTax(CompanyModel):
    """In this position one tax stands for another; none, where the target is empty."""

    position = CompanyForeignKey(
        FiscalPosition, on_delete=models.CASCADE, related_name="taxes", verbose_name=_("fiscal position")
    )
    source = CompanyForeignKey(TaxCode, related_name="+", verbose_name=_("instead of"))
    target = CompanyForeignKey(TaxCode, null=True, blank=True, related_name="+", verbose_name=_("tax"))

    class Meta:
        verbose_name = _("tax of a fiscal position")
        verbose_name_plural = _("taxes of a fiscal position")
        constraints = [models.UniqueConstraint(fields=["company", "position", "source"], name="fiscal_position_tax")]

    def __str__(self) -> str:
        return f"{self.source} → {self.target or '-'}"


class FiscalPositionAccount(CompanyModel):
    """In this position one account stands for another: sales abroad instead of sales."""

    position = CompanyForeignKey(
        FiscalPosition, on_delete=models.CASCADE, related_name="accounts", verbose_name=_("fiscal position")
    )
    source = CompanyForeignKey(Account, related_name="+", verbose_name=_("instead of"))
    target = CompanyForeignKey(Account, related_name="+", verbose_name=_("account"))

    class Meta:
        verbose_name = _("account of a fiscal position")
        verbose_name_plural = _("accounts of a fiscal position")
        constraints = [
            models.UniqueConstraint(fields=["company", "position", "source"], name="fiscal_position_account")
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
