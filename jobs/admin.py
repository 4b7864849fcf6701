"""Background jobs, webhooks and e-mails in the admin: to look at, and to send again by the dozen."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jobs.mail_deciding import cancel_mail, retry_mail
from jobs.models import Job, JobFile, OutboundMail, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from jobs.webhook_replaying import replay
from tenants.admin_base import CompanyInline, ReadOnlyAdmin, do_each
from tenants.permissions import Permission


class JobFileInline(CompanyInline):
    """The files of the job; their content is downloaded from the job's page."""

    model = JobFile
    fields = readonly_fields = ["role", "name", "content_type", "size", "created_at"]
    can_delete = False

    def get_queryset(self, request: object) -> object:
        return super().get_queryset(request).defer("content")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs; they are cancelled and retried on their own page."""

    view_permission = Permission.MANAGE_JOBS
    list_display = ["kind", "state", "done", "total", "message", "actor_name", "created_at", "finished_at"]
    list_filter = ["state", "kind"]
    search_fields = ["kind", "key", "actor_name", "error_code"]
    ordering = ["-id"]
    exclude = ["permissions", "lease_token", "handed_at"]
    inlines = [JobFileInline]


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    """Webhooks; they are kept on their own page, and their secrets are nowhere to be seen."""

    view_permission = Permission.MANAGE_COMPANY
    list_display = ["url", "description", "is_active", "disabled_reason", "failing_since", "rotated_at"]
    list_filter = ["is_active"]
    search_fields = ["url", "description"]
    ordering = ["-id"]


class WebhookAttemptInline(CompanyInline):
    """Every attempt of a delivery."""

    model = WebhookAttempt
    view_permission = Permission.MANAGE_COMPANY
    fields = readonly_fields = ["number", "at", "status_code", "error", "excerpt", "milliseconds"]
    ordering = ["-id"]
    can_delete = False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """What webhooks were told; chosen ones are sent once more."""

    view_permission = Permission.MANAGE_COMPANY
    list_display = ["event", "endpoint", "state", "attempts", "status_code", "error", "next_at", "delivered_at"]
    list_filter = ["state"]
    list_select_related = ["event", "endpoint"]
    search_fields = ["event__type", "endpoint__url", "error"]
    ordering = ["-id"]
    exclude = ["claim_token", "claimed_until"]
    inlines = [WebhookAttemptInline]
    actions = ["replay_deliveries"]

    @admin.action(description=_("Send once more"))
    def replay_deliveries(self, request: Any, queryset: Any) -> None:
        """Send the chosen deliveries once more."""
        do_each(request, queryset.select_related("event", "endpoint"), replay, gettext("%d are sent once more."))


@admin.register(OutboundMail)
class OutboundMailAdmin(ReadOnlyAdmin):
    """E-mails; chosen ones are sent again or cancelled."""

    list_display = ["subject", "to", "state", "about", "attempts", "error", "actor_name", "at", "sent_at"]
    list_filter = ["state", "about"]
    search_fields = ["subject", "to", "key", "error"]
    ordering = ["-id"]
    exclude = ["claim_token", "claimed_until"]
    actions = ["send_again", "cancel"]

    @admin.action(description=_("Send again"))
    def send_again(self, request: Any, queryset: Any) -> None:
        """Send the chosen e-mails again."""
        do_each(request, queryset, retry_mail, gettext("%d are sent again."))

    @admin.action(description=_("Do not send"))
    def cancel(self, request: Any, queryset: Any) -> None:
        """Cancel the chosen e-mails."""
        do_each(request, queryset, cancel_mail, gettext("%d are cancelled."))
