"""What a caller may do with an API view: the view names a permission of the matrix for each method."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import SAFE_METHODS, BasePermission

from tenants.permissions import Permission
from tenants.refusal import NotPermitted


class ScopePermission(BasePermission):
    """Checks `view.permission` (reading), `view.write_permission` (the rest), or `view.permissions_by_method`.

    A view that names nothing needs “see the books” to be read and cannot be written to.
    """

    def has_permission(self, request: Any, view: Any) -> bool:
        scope = request._request.scope
        if scope is None:
            return False
        permission = permission_of(view, request.method)
        if not hasattr(view, request.method.lower()):
            raise MethodNotAllowed(request.method)
        if permission is None:
            raise NotPermitted("This cannot be changed here.")
        scope.require(permission)
        return True


class OperatorCreates(BasePermission):
    """Everybody sees their companies; only operators of the installation create one."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if request.method not in SAFE_METHODS and not request.user.is_superuser:
            raise NotPermitted("Only an operator of the installation creates companies.")
        return True


def permission_of(view: Any, method: str) -> Permission | None:
    """The permission that a method of the view needs."""
    by_method: dict[str, Permission] = getattr(view, "permissions_by_method", {})
    if method in by_method:
        return by_method[method]
    if method in SAFE_METHODS:
        return getattr(view, "permission", Permission.VIEW_BOOKS)
    return getattr(view, "write_permission", None)
