"""Taxes, boxes of the return and fiscal positions in the admin: looked at; they are changed on their pages."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounting.admin_items import MasterListAdmin
from accounting.amounts import amount_text
from accounting.fiscal_positions import change_position
from accounting.models import (
    FiscalPosition,
    FiscalPositionAccount,
    FiscalPositionTax,
    TaxBox,
    TaxCode,
    TaxGroupMember,
    TaxRate,
)
from accounting.taxes import change_tax
from tenants.admin_base import CompanyInline, ReadOnlyAdmin
from tenants.permissions import Permission


class TaxRateInline(CompanyInline):
    """From which day how many percent."""

    model = TaxRate
    fields = readonly_fields = ["start", "percent_text"]
    ordering = ["start"]

    @admin.display(description=gettext_lazy("percent"))
    def percent_text(self, rate: Any) -> str:
        return amount_text(rate.percent, 0)


class TaxGroupMemberInline(CompanyInline):
    """The taxes of a group."""

    model = TaxGroupMember
    fk_name = "group"
    fields = readonly_fields = ["number", "tax"]
    ordering = ["number"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("tax")


@admin.register(TaxCode)
class TaxCodeAdmin(MasterListAdmin):
    """What lines of documents carry."""

    manage_permission = Permission.MANAGE_ACCOUNTS
    page = "accounting:tax-list"
    change = staticmethod(change_tax)
    list_display = ["code", "name", "use", "kind", "category", "account", "is_active", "on_its_page"]
    list_filter = ["use", "kind", "category", "is_active"]
    list_select_related = ["company", "account"]
    search_fields = ["code", "name"]
    fields = readonly_fields = [
        "code", "name", "use", "kind", "category", "exemption_code", "exemption_reason", "compound", "deductible_text",
        "account", "counter_account", "pending_account", "base_boxes", "tax_boxes", "counter_boxes", "is_active",
        "on_its_page",
    ]  # fmt: skip
    inlines = [TaxRateInline, TaxGroupMemberInline]

    @admin.display(description=gettext_lazy("deductible"))
    def deductible_text(self, tax: Any) -> str:
        return f"{amount_text(tax.deductible_percent, 0)} %"


@admin.register(TaxBox)
class TaxBoxAdmin(ReadOnlyAdmin):
    """The boxes of the tax return."""

    list_display = ["code", "name", "formula", "number"]
    search_fields = ["code", "name"]
    ordering = ["number"]


class FiscalPositionTaxInline(CompanyInline):
    """Which taxes stand for which."""

    model = FiscalPositionTax
    fields = readonly_fields = ["source", "target"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("source", "target")


class FiscalPositionAccountInline(CompanyInline):
    """Which accounts stand for which."""

    model = FiscalPositionAccount
    fields = readonly_fields = ["source", "target"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("source", "target")


@admin.register(FiscalPosition)
class FiscalPositionAdmin(MasterListAdmin):
    """Whose documents carry other taxes."""

    manage_permission = Permission.MANAGE_ACCOUNTS
    page = "accounting:fiscal-position-list"
    change = staticmethod(change_position)
    list_display = ["number", "name", "automatic", "who", "is_active"]
    list_display_links = ["name"]
    list_filter = ["automatic", "who", "is_active"]
    search_fields = ["name"]
    fields = readonly_fields = ["name", "automatic", "countries", "who", "number", "note", "is_active"]
    inlines = [FiscalPositionTaxInline, FiscalPositionAccountInline]
