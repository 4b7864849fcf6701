"""Background jobs in the admin: to look at."""

from django.contrib import admin

from jobs.models import Job, JobFile
from tenants.admin_base import CompanyInline, ReadOnlyAdmin
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
