"""Settlements, deferrals and files in the admin: looked at; the acts are those of the pages."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpResponse
from django.urls import reverse as address
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from accounting.business_day import business_day
from ledger.admin_acts import ask, do_each
from ledger.admin_drafts import OnItsPage
from ledger.allocation_undo import undo_settlement
from ledger.attachments import remove_attachment
from ledger.deferral_listing import list_deferrals
from ledger.deferrals import stop_deferral
from ledger.models import Allocation, Attachment, Deferral, DeferralPart, Settlement
from ledger.shown_settlement import list_settlements
from tenants.admin_base import CompanyInline, ReadOnlyAdmin
from tenants.permissions import Permission
from tenants.templatetags.daybook import money


class DayAndReasonForm(forms.Form):
    """When, and why; it stays in the trail."""

    date = forms.DateField(label=gettext_lazy("Date"), widget=UnfoldAdminDateWidget)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=2000, widget=UnfoldAdminTextInputWidget)


class AllocationInline(CompanyInline):
    """The pairs of a settlement."""

    model = Allocation
    fields = readonly_fields = ["number", "debit_line", "credit_line", "of_debit", "of_credit", "in_base"]
    ordering = ["number"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("debit_line__account", "credit_line__account")

    @admin.display(description=gettext_lazy("of the debit"))
    def of_debit(self, row: Any) -> str:
        return f"{money(row.debit_amount)} {row.debit_line.currency}"

    @admin.display(description=gettext_lazy("of the credit"))
    def of_credit(self, row: Any) -> str:
        return f"{money(row.credit_amount)} {row.credit_line.currency}"

    @admin.display(description=gettext_lazy("in base currency"))
    def in_base(self, row: Any) -> str:
        return money(row.base_amount)


@admin.register(Settlement)
class SettlementAdmin(OnItsPage):
    """What was settled together."""

    page = "settlement"
    list_display = ["date", "pairs", "amount_settled", "undone", "reason", "actor_name", "settled_at", "on_its_page"]
    list_filter = ["source", "date"]
    list_select_related = ["company"]
    search_fields = ["reason", "actor_name"]
    ordering = ["-date", "-id"]
    fields = readonly_fields = ["date", "reason", "source", "exchange_entry", "undoes", "actor_name", "settled_at",
                                "key", "on_its_page"]  # fmt: skip
    inlines = [AllocationInline]
    actions = ["take_back"]

    def get_queryset(self, request: Any) -> Any:
        """The settlements with what they settled, in one statement."""
        rows = list_settlements(request.company) if request.company else super().get_queryset(request)
        return rows.defer("body_hash").select_related("company", "exchange_entry", "undoes")

    @admin.display(description=gettext_lazy("pairs"), ordering="pair_count")
    def pairs(self, row: Any) -> int:
        return int(row.pair_count)

    @admin.display(description=gettext_lazy("settled"), ordering="base_total")
    def amount_settled(self, row: Any) -> str:
        return money(row.base_total or 0)

    @admin.display(description=gettext_lazy("taken back"), boolean=True)
    def undone(self, row: Any) -> bool:
        return bool(row.is_undone)

    def has_settle_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.POST_ENTRIES))

    @admin.action(description=gettext_lazy("Take back"), permissions=["settle"])
    def take_back(self, request: Any, queryset: Any) -> HttpResponse | None:
        """Ask for date and reason, then open the items of the chosen settlements again."""
        form = DayAndReasonForm(
            request.POST if "reason" in request.POST else None, initial={"date": business_day(request.company)}
        )
        page = ask(self, request, queryset, form, action="take_back", title=_("Take settlements back"))
        if page is None:
            done = _("Settlements taken back: %d")
            do_each(request, queryset, lambda row: undo_settlement(row.pk, **form.cleaned_data), done)
        return page


class DeferralPartInline(CompanyInline):
    """The parts of a deferral."""

    model = DeferralPart
    fields = readonly_fields = ["number", "date", "amount_text", "entry", "problem"]
    ordering = ["number"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("entry")

    @admin.display(description=gettext_lazy("amount"))
    def amount_text(self, part: Any) -> str:
        return money(part.amount)


@admin.register(Deferral)
class DeferralAdmin(OnItsPage):
    """Amounts that are spread over time."""

    page = "deferral"
    list_display = ["name", "from_account", "to_account", "start", "end", "amount_text", "amount_left", "next_part",
                    "not_posted", "on_its_page"]  # fmt: skip
    list_filter = ["method", "start"]
    list_select_related = ["from_account", "to_account", "company"]
    search_fields = ["name"]
    ordering = ["-start", "-id"]
    fields = readonly_fields = ["name", "from_account", "to_account", "amount_text", "amount_left", "start", "end",
                                "method", "dimensions", "entry", "stopped_on", "reason", "created_by", "created_at",
                                "on_its_page"]  # fmt: skip
    inlines = [DeferralPartInline]
    actions = ["stop"]

    def get_queryset(self, request: Any) -> Any:
        """The deferrals with how far they are, in one statement."""
        rows = list_deferrals(request.company) if request.company else super().get_queryset(request)
        return rows.select_related("from_account", "to_account", "entry", "company")

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def amount_text(self, row: Any) -> str:
        return money(row.amount)

    @admin.display(description=gettext_lazy("left"), ordering="left")
    def amount_left(self, row: Any) -> str:
        return money(row.left)

    @admin.display(description=gettext_lazy("next"), ordering="next_date")
    def next_part(self, row: Any) -> Any:
        return row.next_date

    @admin.display(description=gettext_lazy("not posted"), ordering="problems")
    def not_posted(self, row: Any) -> int:
        return int(row.problems)

    def has_post_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.POST_ENTRIES))

    @admin.action(description=gettext_lazy("Stop"), permissions=["post"])
    def stop(self, request: Any, queryset: Any) -> HttpResponse | None:
        """Ask for date and reason, then recognise at once what is left of the chosen deferrals."""
        form = DayAndReasonForm(
            request.POST if "reason" in request.POST else None, initial={"date": business_day(request.company)}
        )
        page = ask(self, request, queryset, form, action="stop", title=_("Stop deferrals"))
        if page is None:
            do_each(request, queryset, lambda row: stop_deferral(row.pk, **form.cleaned_data), _("Stopped: %d"))
        return page


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    """Files of drafts and entries."""

    list_display = ["name", "content_type", "size", "draft", "entry", "added_by", "added_at", "download"]
    list_filter = ["content_type", "added_at"]
    list_select_related = ["draft", "entry", "company"]
    search_fields = ["name", "added_by"]
    ordering = ["-added_at", "-id"]
    fields = readonly_fields = ["name", "content_type", "size", "sha256_hex", "draft", "entry", "added_by", "added_at",
                                "download"]  # fmt: skip
    actions = ["remove"]

    @admin.display(description=gettext_lazy("file"))
    def download(self, row: Any) -> str:
        url = address("ledger:attachment-download", args=[row.company.slug, row.pk])
        return format_html('<a href="{}" download>{}</a>', url, _("Download"))

    def has_draft_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.DRAFT_ENTRIES))

    @admin.action(description=gettext_lazy("Remove from the draft"), permissions=["draft"])
    def remove(self, request: Any, queryset: Any) -> None:
        """Take the chosen files away; what belongs to an entry stays."""
        do_each(request, queryset, lambda row: remove_attachment(row.pk), _("Files removed: %d"))
