"""Companies and people in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm

from tenants.admin_base import CompanyModelAdmin, ReadOnlyAdmin, UnloggedAdmin
from tenants.approvals import delegate, end_delegation, remove_rule, set_rule, visible_delegations
from tenants.membership import change_member
from tenants.models import (
    ApiCredential,
    Approval,
    ApprovalRule,
    AuditEvent,
    Company,
    Delegation,
    Membership,
    User,
)
from tenants.permissions import Permission


class OperatorAdmin(UnloggedAdmin):
    """Rows of the installation: for its operators."""

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: Any) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: Any) -> bool:
        return bool(request.user.is_superuser)


class NewUserForm(UserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "name")


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "name", "is_active", "is_superuser", "password")


@admin.register(User)
class UserAdmin(OperatorAdmin):
    """People who may sign in."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    fieldsets = [(None, {"fields": ["email", "name", "is_active", "is_superuser", "date_joined", "last_login"]})]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]
    readonly_fields = ["date_joined", "last_login"]

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        return (
            super().get_fieldsets(request, obj)
            if obj
            else [(None, {"fields": ["email", "name", "password1", "password2"]})]
        )

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = self.add_form
            kwargs["fields"] = None
        return super().get_form(request, obj, change=change, **kwargs)


@admin.register(Company)
class CompanyAdmin(OperatorAdmin):
    """Companies: made by `manage.py create_company` or the API, which also prepare their books."""

    list_display = ["name", "slug", "base_currency", "country", "is_active"]
    list_filter = ["is_active", "base_currency"]
    search_fields = ["name", "slug"]
    readonly_fields = ["slug", "base_currency", "created_at"]

    def has_add_permission(self, request: Any) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(CompanyModelAdmin):
    """Who belongs to the company; people are let in on the page “Members”."""

    view_permission = change_permission = Permission.MANAGE_MEMBERS
    list_display = ["user", "role", "is_active", "created_at"]
    list_filter = ["role", "is_active"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name"]
    readonly_fields = ["user", "created_at"]

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        change_member(obj, role=obj.role, is_active=obj.is_active)


@admin.register(ApiCredential)
class ApiCredentialAdmin(ReadOnlyAdmin):
    """Keys of programs; made and revoked on the page “API credentials”."""

    view_permission = Permission.MANAGE_MEMBERS
    list_display = ["name", "prefix", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"]
    fields = list_display
    search_fields = ["name", "prefix"]


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The audit trail."""

    view_permission = Permission.VIEW_AUDIT
    list_display = ["at", "actor_name", "operation", "subject", "subject_id", "reason", "address"]
    list_filter = ["operation", "actor_type"]
    search_fields = ["actor_name", "subject", "reason", "request_id"]
    search_help_text = _("Actor, table, reason or request")
    ordering = ["-at", "-id"]


class MadeByAct(CompanyModelAdmin):
    """Rows that are made and taken away by their acts, never changed."""

    change_permission = delete_permission = Permission.MANAGE_COMPANY

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(MadeByAct):
    """From which amount on entries need how many approvals."""

    list_display = ["subject", "scope", "minimum", "approvals"]
    list_filter = ["subject"]
    fields = ["scope", "minimum", "approvals"]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.pk = set_rule("entry", scope=obj.scope, minimum=obj.minimum, approvals=obj.approvals).pk

    def delete_model(self, request: Any, obj: Any) -> None:
        remove_rule(obj.pk)


@admin.register(Delegation)
class DelegationAdmin(MadeByAct):
    """Who approves in whose place."""

    list_display = ["delegate", "delegator", "start", "end", "reason"]
    list_filter = ["end"]
    list_select_related = ["delegate", "delegator"]
    fields = ["delegator", "delegate", "start", "end", "reason"]

    def get_queryset(self, request: Any) -> Any:
        """Who sees which is said in one place."""
        rows = visible_delegations() if request.company else Delegation.objects.none()
        return rows.order_by(*self.get_ordering(request))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Members of the company, and nobody else."""
        kwargs["queryset"] = User.objects.filter(memberships__company=request.company, memberships__is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.pk = delegate(obj.delegator, obj.delegate, start=obj.start, end=obj.end, reason=obj.reason).pk

    def delete_model(self, request: Any, obj: Any) -> None:
        end_delegation(obj.pk)


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """What was decided."""

    list_display = ["at", "subject", "decision", "actor_name", "on_behalf_of", "reason"]
    list_filter = ["decision", "subject"]
    search_fields = ["actor_name", "reason"]
    ordering = ["-at", "-id"]
    fields = readonly_fields = ["at", "subject", "subject_id", "version", "decision", "actor_name", "on_behalf_of",
                                "reason"]  # fmt: skip
