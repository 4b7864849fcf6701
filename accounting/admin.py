"""The accountant's master data in the admin; what the books depend on goes through the same acts as the pages."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting import admin_contacts, admin_items, admin_taxes  # noqa: F401
from accounting.account_ranking import ranked_rows
from accounting.accounts import activate_account, archive_account, change_account, freeze_account, open_account
from accounting.lock_exceptions import STATES, approve_exception, end_exception, state_of
from accounting.models import (
    Account,
    AccountMapping,
    Dimension,
    DimensionValue,
    ExchangeRate,
    FiscalYear,
    LockDate,
    LockException,
    Period,
    SubAccount,
    Unit,
)
from accounting.periods import close_period
from tenants.admin_base import CompanyInline, CompanyModelAdmin, CompanyModelForm, ReadOnlyAdmin, do_each
from tenants.permissions import Permission


class MasterAdmin(CompanyModelAdmin):
    """Master data that accountants change."""

    change_permission = Permission.MANAGE_ACCOUNTS


class AccountMappingForm(CompanyModelForm):
    """Says it at the row when the account has a code in the scheme already: Django leaves the parent of an inline, and
    with it every constraint that names the parent, out of what it checks."""

    def validate_unique(self) -> None:
        super().validate_unique()
        self.instance.company_id = self.instance.company_id or self.instance.account.company_id
        try:
            self.instance.validate_constraints(exclude=self._get_validation_exclusions())
        except ValidationError as error:
            self.add_error(None, error)


class AccountMappingInline(CompanyInline):
    """What the account is called in statutory schemes; saving the account counts its version."""

    model = AccountMapping
    form = AccountMappingForm
    change_permission = Permission.MANAGE_ACCOUNTS
    delete_permission = Permission.MANAGE_ACCOUNTS
    fields = ["scheme", "code"]
    max_num = len(AccountMapping.Scheme.values)
    hide_title = True


@admin.register(Account)
class AccountAdmin(MasterAdmin):
    """The chart of accounts; a search lists the best match first, here and in autocomplete boxes."""

    list_display = ["code", "name", "type", "subtype", "status", "control", "open_item", "currency", "sub_count"]
    list_filter = ["type", "status", "control", "open_item"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]
    fields = ["code", "name", "type", "subtype", "parent", "currency", "control", "open_item", "status", "role", "tags",
              "description"]  # fmt: skip
    actions = ["freeze", "archive", "activate"]
    ordering = ["code"]
    inlines = [AccountMappingInline]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("parent").annotate(sub_total=Count("sub_accounts"))

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return ranked_rows(queryset, search_term), False

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["type"] if obj else []

    @admin.display(description=gettext_lazy("sub-accounts"), ordering="sub_total")
    def sub_count(self, account: Any) -> int:
        return int(account.sub_total)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Through the acts, so that the version counts and the chart's rules hold."""
        values = dict(form.cleaned_data)
        if change:
            saved = change_account(obj, version=obj.version, **{name: values[name] for name in form.changed_data})
        else:
            saved = open_account(**values)
        obj.pk, obj.version = saved.pk, saved.version

    @admin.action(description=gettext_lazy("Freeze"), permissions=["change"])
    def freeze(self, request: Any, queryset: Any) -> None:
        do_each(request, queryset, freeze_account, _("Done: %d"))

    @admin.action(description=gettext_lazy("Archive"), permissions=["change"])
    def archive(self, request: Any, queryset: Any) -> None:
        do_each(request, queryset, archive_account, _("Done: %d"))

    @admin.action(description=gettext_lazy("Activate"), permissions=["change"])
    def activate(self, request: Any, queryset: Any) -> None:
        do_each(request, queryset, activate_account, _("Done: %d"))


@admin.register(SubAccount)
class SubAccountAdmin(MasterAdmin):
    """Details of control accounts."""

    list_display = ["code", "name", "account", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["account"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["account"]


@admin.register(Unit)
class UnitAdmin(MasterAdmin):
    """Currencies, commodities and statistical units in use; what a unit means is fixed once it is there."""

    list_display = ["code", "name", "kind", "decimals"]
    list_filter = ["kind"]
    search_fields = ["code", "name"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["code", "kind", "decimals"] if obj else []


@admin.register(ExchangeRate)
class ExchangeRateAdmin(MasterAdmin):
    """What currencies are worth, day by day."""

    delete_permission = Permission.MANAGE_ACCOUNTS
    list_display = ["date", "currency", "rate_text", "source"]
    list_filter = ["currency"]
    search_fields = ["currency", "source"]
    date_hierarchy = "date"

    @admin.display(description=gettext_lazy("rate"), ordering="rate")
    def rate_text(self, rate: Any) -> str:
        return f"{rate.rate.normalize():f}"


class DimensionValueInline(CompanyInline):
    """The values of a dimension."""

    model = DimensionValue
    change_permission = Permission.MANAGE_ACCOUNTS
    fields = ["code", "name", "is_active"]
    show_title = False


@admin.register(Dimension)
class DimensionAdmin(MasterAdmin):
    """Ways to cut the figures."""

    list_display = ["code", "name", "value_count"]
    search_fields = ["code", "name"]
    inlines = [DimensionValueInline]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).annotate(value_total=Count("values"))

    @admin.display(description=gettext_lazy("values"), ordering="value_total")
    def value_count(self, dimension: Any) -> int:
        return int(dimension.value_total)


@admin.register(FiscalYear)
class FiscalYearAdmin(ReadOnlyAdmin):
    """Fiscal years; opened on the page “Periods”."""

    view_permission = Permission.VIEW_BOOKS
    list_display = ["name", "start", "end"]


@admin.register(Period)
class PeriodAdmin(ReadOnlyAdmin):
    """Periods; closed here or on the page “Periods”, reopened there with a reason."""

    list_display = ["start", "end", "fiscal_year", "number", "status"]
    list_filter = ["status", "fiscal_year"]
    list_select_related = ["fiscal_year"]
    actions = ["close", "soft_close"]

    def has_close_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.MANAGE_PERIODS))

    @admin.action(description=gettext_lazy("Close"), permissions=["close"])
    def close(self, request: Any, queryset: Any) -> None:
        do_each(request, queryset.order_by("start"), close_period, _("Done: %d"))

    @admin.action(description=gettext_lazy("Soft-close"), permissions=["close"])
    def soft_close(self, request: Any, queryset: Any) -> None:
        do_each(request, queryset.order_by("start"), lambda period: close_period(period, soft=True), _("Done: %d"))


@admin.register(LockDate)
class LockDateAdmin(ReadOnlyAdmin):
    """Lock dates; moved on the page “Periods”, where a reason is asked."""

    list_display = ["kind", "until", "version"]


@admin.register(LockException)
class LockExceptionAdmin(ReadOnlyAdmin):
    """Exceptions from lock dates; asked for on their page, approved here or there by another person."""

    list_display = ["kind", "start", "person", "requested_by", "requested_at", "approved_by", "expires_at", "state"]
    list_filter = ["kind", "requested_at"]
    search_fields = ["reason", "person", "requested_by", "approved_by"]
    fields = readonly_fields = ["kind", "start", "person", "reason", "expires_at", "requested_by", "requested_at",
                                "approved_by", "approved_at", "revoked_by", "revoked_at", "state"]  # fmt: skip
    actions = ["approve", "end"]

    @admin.display(description=gettext_lazy("state"))
    def state(self, asked: Any) -> str:
        return str(STATES[state_of(asked)])

    def has_decide_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.MANAGE_PERIODS))

    @admin.action(description=gettext_lazy("Approve"), permissions=["decide"])
    def approve(self, request: Any, queryset: Any) -> None:
        """Open the locks as asked for."""
        do_each(request, queryset, lambda asked: approve_exception(asked.pk), _("Done: %d"))

    @admin.action(description=gettext_lazy("End or decline"), permissions=["decide"])
    def end(self, request: Any, queryset: Any) -> None:
        """Lock again at once."""
        do_each(request, queryset, lambda asked: end_exception(asked.pk), _("Done: %d"))
