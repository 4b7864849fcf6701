"""The bases of every admin class: scoped to the company, allowed by the role, recorded by the audit trail."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from tenants.permissions import Permission
from tenants.refusal import Refused


class CompanyModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """Knows the company before it validates, so that constraints with the company in them are checked kindly."""

    company: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.company is not None and self.instance.company_id is None:
            self.instance.company = self.company

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"company"}


class ScopedAdmin:
    """Who may see and change the rows: permissions of `tenants.permissions`, asked of the request's scope."""

    view_permission: Permission = Permission.VIEW_BOOKS
    change_permission: Permission | None = None
    delete_permission: Permission | None = None

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return _allows(request, self.view_permission) or self.has_change_permission(request, obj)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return _allows(request, self.change_permission)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return _allows(request, self.change_permission)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return _allows(request, self.delete_permission)

    def has_module_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: Any) -> Any:
        """The rows of the company of the session; row-level security is the net under it."""
        rows = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(company=request.company) if request.company else rows.none()

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Amounts are typed as text: a number box turns “1200*3” into 12003 without a word."""
        if isinstance(db_field, models.DecimalField):
            kwargs["widget"] = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Choices are rows of the same company."""
        target = db_field.remote_field.model
        if request.company and any(field.name == "company" for field in target._meta.fields):
            kwargs.setdefault("queryset", target._default_manager.filter(company=request.company))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class CompanyInline(ScopedAdmin, TabularInline):  # type: ignore[misc]
    """Rows of the same company under another row."""

    form = CompanyModelForm
    extra = 0
    hide_title = True


class CompanyStackedInline(ScopedAdmin, StackedInline):  # type: ignore[misc]
    """The same, one below the other."""

    form = CompanyModelForm
    extra = 0


class UnloggedAdmin(ModelAdmin):  # type: ignore[misc]
    """The audit trail holds every change already: Django's own log stays empty."""

    list_per_page = 50
    show_full_result_count = False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The database has noted it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The database has noted it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """The database has noted it."""

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The history of a row is its part of the audit trail."""
        if request.company is None:
            raise PermissionDenied
        trail = reverse("tenants:audit-trail", kwargs={"company": request.company.slug})
        return redirect(f"{trail}?subject={self.model._meta.db_table}&row={object_id}")


class CompanyModelAdmin(ScopedAdmin, UnloggedAdmin):
    """Rows of the company; set `view_permission` and, where rows may be edited here, `change_permission`."""

    form = CompanyModelForm

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"company": request.company})

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.company = request.company
        super().save_model(request, obj, form, change)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        for inner in formset.forms:
            if inner.instance.company_id is None:
                inner.instance.company = request.company
        super().save_formset(request, form, formset, change)


class ReadOnlyAdmin(CompanyModelAdmin):
    """Looks, never writes: acts are the only way in."""

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


def _allows(request: Any, permission: Permission | None) -> bool:
    scope = getattr(request, "scope", None)
    return scope is not None and permission is not None and scope.allows(permission)


def do_each(
    request: Any, rows: Any, act: Callable[[Any], object], done: str, said: Callable[[Refused], str] = str
) -> None:
    """Do the act with each row; a refused one says why and stops nothing else. `done` has a place for the number."""
    count = 0
    for row in rows:
        try:
            act(row)
            count += 1
        except Refused as refusal:
            messages.error(request, f"{row}: {said(refusal)}")
    if count:
        messages.success(request, done % count)
