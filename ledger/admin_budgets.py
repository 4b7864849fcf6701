"""Budgets in the admin: looked at, activated and retired; they are planned on their pages."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.admin_drafts import OnItsPage
from ledger.budget_versions import activate_budget, retire_budget
from ledger.models import Budget, BudgetLine
from tenants.admin_base import ReadOnlyAdmin, do_each
from tenants.permissions import Permission
from tenants.templatetags.daybook import money


@admin.register(Budget)
class BudgetAdmin(OnItsPage):
    """Versions of budgets."""

    page = "budget"
    list_display = ["name", "number", "state", "start", "end", "control", "basis", "dimension", "on_its_page"]
    list_filter = ["state", "control"]
    list_select_related = ["dimension", "company"]
    search_fields = ["name"]
    fields = readonly_fields = [*list_display, "created_by", "created_at"]
    actions = ["activate", "retire"]

    def has_plan_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.MANAGE_ACCOUNTS))

    @admin.action(description=gettext_lazy("Activate"), permissions=["plan"])
    def activate(self, request: Any, queryset: Any) -> None:
        """Put drafts into force."""
        do_each(request, queryset, lambda row: activate_budget(row.pk), _("Active: %d"))

    @admin.action(description=gettext_lazy("Retire"), permissions=["plan"])
    def retire(self, request: Any, queryset: Any) -> None:
        """Take active versions out of force."""
        do_each(request, queryset, lambda row: retire_budget(row.pk), _("Retired: %d"))


@admin.register(BudgetLine)
class BudgetLineAdmin(ReadOnlyAdmin):
    """What is planned."""

    list_display = ["budget", "account", "value", "month", "planned"]
    list_filter = ["budget__state"]
    list_select_related = ["budget", "account", "value"]
    search_fields = ["budget__name", "account__code", "account__name", "value__code"]
    fields = readonly_fields = list_display

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def planned(self, line: BudgetLine) -> str:
        return money(line.amount)
