"""Drafts, templates and what comes by itself in the admin: looked at; the acts are those of the pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import business_day
from ledger.admin_acts import ask_once_more, ask_reason, do_each, seen_versions
from ledger.auto_reversal import cancel_auto_reversal
from ledger.draft_approval import approve_draft, post_draft, reject_draft, submit_draft
from ledger.models import AutoReversal, Draft, DraftLine, EntryTemplate, Occurrence, RecurringEntry, TemplateLine
from ledger.recurring import change_recurring
from ledger.shown_recurring import rule_text
from tenants.admin_base import CompanyInline, ReadOnlyAdmin
from tenants.approvals import may_decide
from tenants.navigation import address
from tenants.permissions import Permission
from tenants.templatetags.daybook import money


class ProposedLineInline(CompanyInline):
    """Lines that are not posted yet."""

    fields = readonly_fields = ["number", "account", "sub_account", "memo", "amount_debit", "amount_credit", "currency",
                                "rate"]  # fmt: skip
    ordering = ["number"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("account", "sub_account")

    @admin.display(description=gettext_lazy("debit"))
    def amount_debit(self, line: Any) -> str:
        return money(line.amount) if line.amount is not None and line.amount > 0 else ""

    @admin.display(description=gettext_lazy("credit"))
    def amount_credit(self, line: Any) -> str:
        return money(-line.amount) if line.amount is not None and line.amount < 0 else ""


class DraftLineInline(ProposedLineInline):
    model = DraftLine


class TemplateLineInline(ProposedLineInline):
    model = TemplateLine


class OnItsPage(ReadOnlyAdmin):
    """Rows that have a page of their own, where they are changed."""

    page = ""

    @admin.display(description=gettext_lazy("page"))
    def on_its_page(self, row: Any) -> str:
        url = f"{address(f'ledger:{self.page}-list', row.company.slug)}{row.pk}/"
        return format_html('<a href="{}">{}</a>', url, _("Open"))


@admin.register(Draft)
class DraftAdmin(OnItsPage):
    """Entries on their way into the ledger."""

    page = "draft"
    list_display = ["date", "journal", "memo", "state", "amount_total", "created_by", "submitted_by", "on_its_page"]
    list_filter = ["state", "journal", "date"]
    list_select_related = ["journal", "company"]
    search_fields = ["memo", "reference", "created_by"]
    ordering = ["-changed_at", "-id"]
    fields = ["date", "journal", "memo", "reference", "reason", "state", "amount_total", "auto_reverse", "reverse_on",
              "created_by", "created_at", "changed_at", "submitted_by", "submitted_at", "approvals_needed", "entry",
              "corrects", "recurring", "on_its_page"]  # fmt: skip
    readonly_fields = fields
    inlines = [DraftLineInline]
    actions = ["submit_drafts", "approve_drafts", "reject_drafts", "post_drafts"]

    @admin.display(description=gettext_lazy("total"), ordering="total")
    def amount_total(self, draft: Any) -> str:
        return money(draft.total)

    def has_draft_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.DRAFT_ENTRIES))

    def has_post_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.POST_ENTRIES))

    def has_decide_permission(self, request: Any) -> bool:
        return bool(request.scope) and may_decide(business_day(request.company))

    @admin.action(description=gettext_lazy("Submit"), permissions=["draft"])
    def submit_drafts(self, request: Any, queryset: Any) -> None:
        """Hand the chosen drafts over for approval."""
        do_each(request, queryset, lambda row: submit_draft(row.pk, version=row.version), _("Drafts submitted: %d"))

    @admin.action(description=gettext_lazy("Approve"), permissions=["decide"])
    def approve_drafts(self, request: Any, queryset: Any) -> HttpResponse | None:
        """Agree to the chosen drafts as they were shown."""
        seen, page = ask_once_more(self, request, queryset, action="approve_drafts", title=_("Approve drafts"))
        if page is None:
            do_each(
                request, queryset, lambda row: approve_draft(row.pk, version=seen.get(str(row.pk), 0)),
                _("Drafts approved: %d"),
            )  # fmt: skip
        return page

    @admin.action(description=gettext_lazy("Reject"), permissions=["decide"])
    def reject_drafts(self, request: Any, queryset: Any) -> HttpResponse | None:
        """Ask for the reason, then send the chosen drafts back."""
        reason, page = ask_reason(
            self, request, queryset, action="reject_drafts", title=_("Reject drafts"), button=_("Reject")
        )
        if page is None:
            seen = seen_versions(request)
            do_each(
                request, queryset,
                lambda row: reject_draft(row.pk, version=seen.get(str(row.pk), 0), reason=reason),
                _("Drafts rejected: %d"),
            )  # fmt: skip
        return page

    @admin.action(description=gettext_lazy("Post"), permissions=["post"])
    def post_drafts(self, request: Any, queryset: Any) -> HttpResponse | None:
        """Make entries of the chosen drafts as they were shown."""
        seen, page = ask_once_more(self, request, queryset, action="post_drafts", title=_("Post drafts"))
        if page is None:
            do_each(
                request, queryset, lambda row: post_draft(row.pk, version=seen.get(str(row.pk), 0)),
                _("Drafts posted: %d"),
            )  # fmt: skip
        return page


@admin.register(EntryTemplate)
class EntryTemplateAdmin(OnItsPage):
    """Entries to start from."""

    page = "template"
    list_display = ["name", "journal", "memo", "is_active", "on_its_page"]
    list_filter = ["is_active", "journal"]
    list_select_related = ["journal", "company"]
    search_fields = ["name", "memo"]
    fields = readonly_fields = ["name", "journal", "memo", "reference", "is_active", "on_its_page"]
    inlines = [TemplateLineInline]


class OccurrenceInline(CompanyInline):
    """What came of a recurring entry."""

    model = Occurrence
    fields = readonly_fields = ["date", "entry", "draft", "problem", "skipped"]
    ordering = ["-date"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("entry", "draft")


@admin.register(RecurringEntry)
class RecurringEntryAdmin(OnItsPage):
    """Entries that come again."""

    page = "recurring"
    list_display = ["template", "rule", "next_date", "end", "as_draft", "is_active", "on_its_page"]
    list_filter = ["is_active", "as_draft", "frequency"]
    list_select_related = ["template", "company"]
    search_fields = ["template__name"]
    fields = readonly_fields = ["template", "rule", "start", "next_date", "end", "as_draft", "is_active", "on_its_page"]
    inlines = [OccurrenceInline]
    actions = ["pause", "resume"]

    @admin.display(description=gettext_lazy("rule"))
    def rule(self, recurring: Any) -> str:
        return rule_text(recurring)

    def has_draft_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.DRAFT_ENTRIES))

    @admin.action(description=gettext_lazy("Pause"), permissions=["draft"])
    def pause(self, request: Any, queryset: Any) -> None:
        """Make nothing of them for the time being."""
        do_each(request, queryset, lambda row: change_recurring(row.pk, is_active=False), _("Paused: %d"))

    @admin.action(description=gettext_lazy("Resume"), permissions=["draft"])
    def resume(self, request: Any, queryset: Any) -> None:
        """Go on, and make up for the dates that passed."""
        do_each(request, queryset, lambda row: change_recurring(row.pk, is_active=True), _("Going on: %d"))


@admin.register(AutoReversal)
class AutoReversalAdmin(ReadOnlyAdmin):
    """Entries that reverse themselves."""

    list_display = ["entry", "date", "reversal", "cancelled", "problem"]
    list_filter = ["cancelled", "date"]
    list_select_related = ["entry", "reversal"]
    search_fields = ["entry__memo"]
    fields = readonly_fields = ["entry", "date", "reversal", "cancelled", "reason", "problem", "created_at"]
    actions = ["cancel"]

    def has_reverse_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.REVERSE_ENTRIES))

    @admin.action(description=gettext_lazy("Do not reverse"), permissions=["reverse"])
    def cancel(self, request: Any, queryset: Any) -> HttpResponse | None:
        """Ask for the reason, then leave the entries as they are."""
        reason, page = ask_reason(
            self, request, queryset, action="cancel", title=_("Leave entries as they are"), button=_("Do not reverse")
        )
        if page is None:
            do_each(
                request, queryset, lambda row: cancel_auto_reversal(row.entry_id, reason=reason),
                _("Left as they are: %d"),
            )  # fmt: skip
        return page
