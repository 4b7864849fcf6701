"""The ledger in the admin: posted rows are looked at, never written; reversing and sealing call the same acts."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from accounting.business_day import business_day
from ledger import (  # registers what is not posted yet, and what stands beside the entries
    admin_budgets,  # noqa: F401
    admin_drafts,  # noqa: F401
    admin_limits,  # noqa: F401
    admin_settlements,  # noqa: F401
)
from ledger.admin_acts import do_each
from ledger.models import Block, Entry, EntrySeal, Journal, Line
from ledger.reversal import reverse
from ledger.sealing import seal
from tenants.admin_base import CompanyInline, CompanyModelAdmin, ReadOnlyAdmin
from tenants.permissions import Permission
from tenants.templatetags.daybook import money


@admin.register(Journal)
class JournalAdmin(CompanyModelAdmin):
    """Books of first entry."""

    change_permission = Permission.MANAGE_ACCOUNTS
    list_display = ["code", "name", "kind", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["code", "name"]


class LineInline(CompanyInline):
    """The lines of an entry."""

    model = Line
    fields = readonly_fields = ["number", "account", "sub_account", "memo", "amount_debit", "amount_credit",
                                "amount_currency"]  # fmt: skip
    ordering = ["number"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("account", "sub_account")

    @admin.display(description=gettext_lazy("debit"))
    def amount_debit(self, line: Any) -> str:
        return money(line.amount) if line.amount > 0 else ""

    @admin.display(description=gettext_lazy("credit"))
    def amount_credit(self, line: Any) -> str:
        return money(-line.amount) if line.amount < 0 else ""

    @admin.display(description=gettext_lazy("in currency"))
    def amount_currency(self, line: Any) -> str:
        return f"{money(line.currency_amount)} {line.currency}"


class ReversalAskForm(forms.Form):
    """When and why the chosen entries are reversed."""

    date = forms.DateField(label=gettext_lazy("Date"), widget=UnfoldAdminDateWidget)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000, widget=UnfoldAdminTextInputWidget)


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Posted entries."""

    list_display = ["number", "date", "journal", "memo", "reference", "amount_total", "actor_name"]
    list_filter = ["journal", "date"]
    list_select_related = ["journal"]
    search_fields = ["memo", "reference", "seals__number_text"]
    date_hierarchy = "date"
    ordering = ["-date", "-id"]
    fields = ["number", "date", "journal", "memo", "reference", "reason", "reverses", "actor_name", "posted_at", "key"]
    readonly_fields = fields
    inlines = [LineInline]
    actions = ["reverse_entries", "seal_now"]

    def get_queryset(self, request: Any) -> Any:
        """The entries with their number and total, in one statement."""
        seals = EntrySeal.objects.for_company(request.company).filter(entry_id=OuterRef("pk")).values("number_text")
        lines = Line.objects.for_company(request.company).filter(Q(entry_id=OuterRef("pk"), amount__gt=0)).order_by()
        totals = lines.values("entry_id").annotate(total=Sum("amount")).values("total")
        found = super().get_queryset(request).defer("body_hash", "leaf_hash", "posted_xid")
        return found.annotate(number_text=Coalesce(Subquery(seals[:1]), _as_text("")), total=Subquery(totals))

    @admin.display(description=gettext_lazy("number"), ordering="number_text")
    def number(self, entry: Any) -> str:
        return entry.number_text or _("not sealed")

    @admin.display(description=gettext_lazy("total"), ordering="total")
    def amount_total(self, entry: Any) -> str:
        return money(entry.total or 0)

    def has_reverse_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.REVERSE_ENTRIES))

    def has_seal_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.POST_ENTRIES))

    @admin.action(description=gettext_lazy("Reverse"), permissions=["reverse"])
    def reverse_entries(self, request: Any, queryset: Any) -> HttpResponse | None:
        """Ask for date and reason, then post a mirror of each chosen entry."""
        asked = "reason" in request.POST
        form = ReversalAskForm(request.POST if asked else None, initial={"date": business_day(request.company)})
        if asked and form.is_valid():
            asked_for = form.cleaned_data
            do_each(request, queryset, lambda row: reverse(row.pk, **asked_for), _("Entries reversed: %d"))
            return None
        context = {
            **self.admin_site.each_context(request), "title": _("Reverse entries"), "form": form, "entries": queryset,
            "opts": self.opts, "action": "reverse_entries", "selected": ACTION_CHECKBOX_NAME, "button": _("Reverse"),
            "sentence": _("A mirror of each of these entries is posted and linked:"),
        }  # fmt: skip
        return TemplateResponse(request, "ledger/admin_ask.html", context)

    @admin.action(description=gettext_lazy("Seal now"), permissions=["seal"])
    def seal_now(self, request: Any, queryset: Any) -> None:
        """Number and seal what is posted, whatever is chosen."""
        count = seal(request.company)
        messages.success(request, _("Entries sealed: %d") % count)


@admin.register(Line)
class LineAdmin(ReadOnlyAdmin):
    """Lines of posted entries."""

    list_display = ["date", "account", "amount_text", "amount_currency", "memo", "entry"]
    list_filter = ["currency", "statistical"]
    list_select_related = ["account", "entry"]
    search_fields = ["account__code", "account__name", "memo"]
    ordering = ["-date", "-id"]
    fields = readonly_fields = ["entry", "number", "date", "account", "sub_account", "amount_text", "amount_currency",
                                "rate", "rate_source", "memo", "dimensions"]  # fmt: skip

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def amount_text(self, line: Any) -> str:
        return money(line.amount)

    @admin.display(description=gettext_lazy("in currency"), ordering="currency_amount")
    def amount_currency(self, line: Any) -> str:
        return f"{money(line.currency_amount)} {line.currency}"


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    """Sealed blocks."""

    list_display = ["number", "sealed_at", "entry_count", "line_count", "amount_debits"]
    fields = readonly_fields = list_display
    ordering = ["-number"]

    @admin.display(description=gettext_lazy("debits"), ordering="debit_total")
    def amount_debits(self, block: Any) -> str:
        return money(block.debit_total)


def _as_text(value: str) -> Any:
    from django.db.models import CharField, Value

    return Value(value, output_field=CharField())
