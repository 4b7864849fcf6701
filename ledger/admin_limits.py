"""Limits and holds in the admin: looked at; the acts are those of the pages."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.admin_acts import ask_reason, do_each
from ledger.admin_drafts import OnItsPage
from ledger.holds import void_hold
from ledger.limit_listing import list_limits
from ledger.models import Hold, HoldEnd, Limit
from tenants.admin_base import CompanyInline, ReadOnlyAdmin
from tenants.permissions import Permission
from tenants.templatetags.daybook import money


@admin.register(Limit)
class LimitAdmin(OnItsPage):
    """Floors and ceilings under accounts."""

    page = "limit"
    list_display = ["account", "sub_account", "currency", "amount_floor", "amount_ceiling", "amount_balance",
                    "amount_held", "on_its_page"]  # fmt: skip
    list_filter = ["currency"]
    list_select_related = ["account", "sub_account", "company"]
    search_fields = ["account__code", "account__name", "sub_account__code", "sub_account__name"]
    fields = readonly_fields = list_display

    def get_queryset(self, request: Any) -> Any:
        """By account."""
        rows = list_limits(request.company) if request.company else super().get_queryset(request)
        return rows.select_related("account", "sub_account", "company")

    @admin.display(description=gettext_lazy("floor"), ordering="floor")
    def amount_floor(self, limit: Any) -> str:
        return _bound(limit.floor)

    @admin.display(description=gettext_lazy("ceiling"), ordering="ceiling")
    def amount_ceiling(self, limit: Any) -> str:
        return _bound(limit.ceiling)

    @admin.display(description=gettext_lazy("balance"), ordering="balance")
    def amount_balance(self, limit: Any) -> str:
        return money(limit.balance)

    @admin.display(description=gettext_lazy("held"))
    def amount_held(self, limit: Any) -> str:
        return " ".join(money(amount) for amount in (limit.held_down, limit.held_up) if amount)


class HoldEndInline(CompanyInline):
    """How a hold ended."""

    model = HoldEnd
    fields = readonly_fields = ["outcome", "reason", "actor_name", "at"]


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Amounts that are held under limits."""

    list_display = ["held_at", "limit", "amount_text", "memo", "expires_at", "state", "actor_name"]
    list_filter = ["ends__outcome", "held_at"]
    list_select_related = ["limit__account"]
    search_fields = ["memo", "key", "actor_name"]
    ordering = ["-held_at", "-id"]
    fields = readonly_fields = ["limit", "amount_text", "memo", "expires_at", "state", "actor_name", "held_at", "key"]
    inlines = [HoldEndInline]
    actions = ["void"]

    def get_queryset(self, request: Any) -> Any:
        """The holds with how they ended, in one statement."""
        rows = super().get_queryset(request).defer("body_hash").select_related("limit__account")
        if not request.company:
            return rows
        ends = HoldEnd.objects.for_company(request.company).filter(hold_id=OuterRef("pk"))
        return rows.annotate(outcome=Subquery(ends.values("outcome")[:1]))

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def amount_text(self, hold: Any) -> str:
        return f"{money(hold.amount)} {hold.limit.currency}"

    @admin.display(description=gettext_lazy("state"), ordering="outcome")
    def state(self, hold: Any) -> str:
        return str(HoldEnd.Outcome(hold.outcome).label if hold.outcome else _("Held"))

    def has_post_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.POST_ENTRIES))

    @admin.action(description=gettext_lazy("Void"), permissions=["post"])
    def void(self, request: Any, queryset: Any) -> HttpResponse | None:
        """Ask for the reason, then free what the chosen holds keep."""
        reason, page = ask_reason(self, request, queryset, action="void", title=_("Void holds"), button=_("Void"))
        if page is None:
            do_each(request, queryset, lambda row: void_hold(row.pk, reason=reason), _("Holds voided: %d"))
        return page


def _bound(amount: Any) -> str:
    """A bound of zero is a bound, not a dash."""
    return "" if amount is None else money(amount) if amount else "0.00"
