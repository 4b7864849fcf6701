"""The base of every company API view: permission by method, strict input, limits, pages by cursor."""

from typing import Any

from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from tenants.api_pagination import CompanyCursorPagination
from tenants.api_permissions import ScopePermission
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import NotFound
from tenants.scope import Scope


class CompanyAPIView(GenericAPIView):  # type: ignore[type-arg]
    """A view under /api/v1/companies/{company}/: names its `permission` and `write_permission`."""

    permission_classes = [IsAuthenticated, ScopePermission]
    pagination_class = CompanyCursorPagination
    permission: Permission = Permission.VIEW_BOOKS
    write_permission: Permission | None = None
    # Secrets of an answer that are not kept for a replay.
    unstored: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        """The company and the caller."""
        scope: Scope = self.request._request.scope  # type: ignore[attr-defined]
        return scope

    @property
    def company(self) -> Company:
        """The company of the address."""
        return self.scope.company

    def row(self, queryset: Any, **named: Any) -> Any:
        """The one row of the queryset with these values; `not_found` where there is none."""
        found = queryset.filter(**named).first()
        if found is None:
            raise NotFound("There is no such row in this company.")
        return found

    def rows_of_page(self, queryset: Any) -> list[Any]:
        """The rows of the page that is asked for."""
        return list(self.paginate_queryset(queryset) or ())

    def page(self, queryset: Any) -> Response:
        """One page of the queryset, as the answer."""
        rows = self.rows_of_page(queryset)
        answer: Response = self.get_paginated_response(self.get_serializer(rows, many=True).data)
        return answer
