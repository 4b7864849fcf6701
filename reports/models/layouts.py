"""Layouts of statements that a company has written itself: every version stays as it was saved."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.fields import CompanyModel


class StatementLayout(CompanyModel):
    """One version of a layout: which rows a statement has, and what stands in them (reports/statement_layout.py)."""

    class Statement(models.TextChoices):
        PROFIT_AND_LOSS = "profit-and-loss", _("Profit and loss")
        BALANCE_SHEET = "balance-sheet", _("Balance sheet")
        CASH_FLOW_INDIRECT = "cash-flow-indirect", _("Cash flow, indirect")
        CASH_FLOW_DIRECT = "cash-flow-direct", _("Cash flow, direct")

    statement = models.CharField(_("statement"), max_length=20, choices=Statement.choices)
    name = models.CharField(_("name"), max_length=60)
    number = models.PositiveIntegerField(_("version"))
    data = models.JSONField(_("rows"))
    is_usual = models.BooleanField(_("usual"), default=False, help_text=_("Taken where no layout is named."))
    is_retired = models.BooleanField(_("retired"), default=False)
    saved_by = models.CharField(_("saved by"), max_length=200)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)

    class Meta:
        verbose_name = _("layout of a statement")
        verbose_name_plural = _("layouts of statements")
        ordering = ["statement", "name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "statement", "name", "number"], name="statement_layout_version"),
            models.UniqueConstraint(
                fields=["company", "statement"], condition=Q(is_usual=True), name="statement_layout_usual"
            ),
            models.CheckConstraint(condition=~Q(name="") & Q(number__gte=1), name="statement_layout_named"),
            models.CheckConstraint(
                condition=Q(
                    statement__in=["profit-and-loss", "balance-sheet", "cash-flow-indirect", "cash-flow-direct"]
                ),
                name="statement_layout_statement",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
