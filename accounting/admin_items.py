"""Items and payment terms in the admin: looked at; they are changed on their pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.amounts import rate_text
from accounting.items import change_item
from accounting.models import Item, PaymentTerms, TermsInstalment
from accounting.payment_terms import change_terms
from tenants.admin_base import CompanyInline, ReadOnlyAdmin, do_each
from tenants.navigation import address
from tenants.permissions import Permission


class MasterListAdmin(ReadOnlyAdmin):
    """Master data with a page of its own, taken out of use and used again by the list."""

    manage_permission: Permission
    page: str
    change: Callable[..., Any]
    actions = ["retire", "use"]

    @admin.display(description=gettext_lazy("page"))
    def on_its_page(self, row: Any) -> str:
        url = f"{address(self.page, row.company.slug)}{row.pk}/"
        return format_html('<a href="{}">{}</a>', url, _("Open"))

    def has_manage_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(self.manage_permission))

    @admin.action(description=gettext_lazy("Take out of use"), permissions=["manage"])
    def retire(self, request: Any, queryset: Any) -> None:
        """Offer them for nothing new."""
        do_each(request, queryset, lambda row: self.change(row, is_active=False), _("Out of use: %d"))

    @admin.action(description=gettext_lazy("Use again"), permissions=["manage"])
    def use(self, request: Any, queryset: Any) -> None:
        """Offer them again."""
        do_each(request, queryset, lambda row: self.change(row, is_active=True), _("In use: %d"))


@admin.register(Item)
class ItemAdmin(MasterListAdmin):
    """Goods and services."""

    manage_permission = Permission.MANAGE_CONTACTS
    page = "accounting:item-list"
    change = staticmethod(change_item)
    list_display = ["code", "name", "unit", "sale_price_text", "purchase_price_text", "currency", "is_active",
                    "on_its_page"]  # fmt: skip
    list_filter = ["is_active", "unit"]
    list_select_related = ["company"]
    search_fields = ["code", "name", "description"]
    fields = readonly_fields = [
        "code", "name", "description", "unit", "sale_price_text", "purchase_price_text", "currency", "income_account",
        "expense_account", "sales_tax", "purchase_tax", "is_active", "on_its_page",
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("sale price"), ordering="sale_price")
    def sale_price_text(self, item: Any) -> str:
        return rate_text(item.sale_price) or ""

    @admin.display(description=gettext_lazy("purchase price"), ordering="purchase_price")
    def purchase_price_text(self, item: Any) -> str:
        return rate_text(item.purchase_price) or ""


class InstalmentInline(CompanyInline):
    """When how much is due."""

    model = TermsInstalment
    fields = readonly_fields = ["percent_text", "months", "days", "day_of_month"]
    ordering = ["number"]

    @admin.display(description=gettext_lazy("percent"))
    def percent_text(self, row: Any) -> str:
        return rate_text(row.percent) or ""


@admin.register(PaymentTerms)
class PaymentTermsAdmin(MasterListAdmin):
    """When documents are due."""

    manage_permission = Permission.MANAGE_ACCOUNTS
    page = "accounting:payment-terms-list"
    change = staticmethod(change_terms)
    list_display = ["code", "name", "discount_text", "discount_days", "is_active", "on_its_page"]
    list_filter = ["is_active"]
    list_select_related = ["company"]
    search_fields = ["code", "name"]
    fields = readonly_fields = ["code", "name", "discount_text", "discount_days", "is_active", "on_its_page"]
    inlines = [InstalmentInline]

    @admin.display(description=gettext_lazy("discount"), ordering="discount_percent")
    def discount_text(self, terms: Any) -> str:
        return f"{rate_text(terms.discount_percent)} %" if terms.discount_percent else ""
