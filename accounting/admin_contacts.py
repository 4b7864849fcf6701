"""Customers, suppliers and their bank accounts in the admin: looked at; they are changed on their pages."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.contact_bank_accounts import decide_bank_account, retire_bank_account
from accounting.contacts import change_contact
from accounting.models import Contact, ContactAddress, ContactBankAccount
from tenants.admin_base import CompanyInline, ReadOnlyAdmin, do_each
from tenants.navigation import address
from tenants.permissions import Permission


class ContactAddressInline(CompanyInline):
    """Where the contact lives."""

    model = ContactAddress
    fields = readonly_fields = ["kind", "street", "supplement", "postal_code", "city", "region", "country"]
    ordering = ["number"]


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """Customers and suppliers."""

    list_display = ["code", "name", "is_customer", "is_supplier", "country", "tax_number", "is_active", "on_its_page"]
    list_filter = ["is_customer", "is_supplier", "is_active", "country"]
    list_select_related = ["company"]
    search_fields = ["code", "name", "email", "tax_number"]
    fields = readonly_fields = [
        "code", "name", "is_customer", "is_supplier", "country", "tax_number", "registration", "email", "phone",
        "language", "currency", "credit_limit_text", "income_account", "expense_account", "sales_tax", "purchase_tax",
        "fiscal_position", "customer_terms", "supplier_terms", "notes", "is_active", "merged_into", "on_its_page",
    ]  # fmt: skip
    inlines = [ContactAddressInline]
    actions = ["retire", "use"]

    @admin.display(description=gettext_lazy("page"))
    def on_its_page(self, contact: Any) -> str:
        url = f"{address('accounting:contact-list', contact.company.slug)}{contact.pk}/"
        return format_html('<a href="{}">{}</a>', url, _("Open"))

    @admin.display(description=gettext_lazy("credit limit"))
    def credit_limit_text(self, contact: Any) -> str:
        return "" if contact.credit_limit is None else f"{contact.credit_limit.normalize():f}"

    def has_manage_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.MANAGE_CONTACTS))

    @admin.action(description=gettext_lazy("Take out of use"), permissions=["manage"])
    def retire(self, request: Any, queryset: Any) -> None:
        """Offer them for nothing new."""
        do_each(request, queryset, lambda contact: change_contact(contact, is_active=False), _("Out of use: %d"))

    @admin.action(description=gettext_lazy("Use again"), permissions=["manage"])
    def use(self, request: Any, queryset: Any) -> None:
        """Offer them again."""
        do_each(request, queryset, lambda contact: change_contact(contact, is_active=True), _("In use: %d"))


@admin.register(ContactBankAccount)
class ContactBankAccountAdmin(ReadOnlyAdmin):
    """Where contacts are paid; what is noted of one never changes, so what is seen is what is agreed to."""

    list_display = ["contact", "iban", "account_number", "holder", "state", "proposed_by", "proposed_at", "decided_by"]
    list_filter = ["state"]
    list_select_related = ["contact"]
    search_fields = ["iban", "account_number", "holder", "contact__name", "contact__code"]
    fields = readonly_fields = [
        "contact", "iban", "account_number", "bic", "holder", "currency", "state", "proposed_by", "proposed_at",
        "decided_by", "decided_at", "reason",
    ]  # fmt: skip
    actions = ["agree", "retire"]

    def has_agree_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.APPROVE))

    def has_manage_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.MANAGE_CONTACTS))

    @admin.action(description=gettext_lazy("Agree"), permissions=["agree"])
    def agree(self, request: Any, queryset: Any) -> None:
        """Let them be paid there."""
        do_each(request, queryset, lambda account: decide_bank_account(account.pk, approve=True), _("Agreed to: %d"))

    @admin.action(description=gettext_lazy("Retire"), permissions=["manage"])
    def retire(self, request: Any, queryset: Any) -> None:
        """Pay there no longer."""
        do_each(request, queryset, lambda account: retire_bank_account(account.pk), _("Retired: %d"))
