"""Pages of long lists, by cursor: no page skips or repeats a row that was there all the time."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from tenants.refusal import Refused

_CURSOR = re.compile(r"[A-Za-z0-9+/]*={0,2}")


class BadPage(Refused):
    """The cursor or the page size makes no sense."""

    code = "bad_page"
    status = 400


class CompanyCursorPagination(CursorPagination):
    """Newest first unless the view names an `ordering`; `?page_size=` up to 500."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500
    ordering = "-id"

    def get_schema_operation_parameters(self, view: Any) -> Any:
        """The two parameters, with the sizes that are allowed."""
        cursor, size = super().get_schema_operation_parameters(view)
        bounds = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [cursor, {**size, "schema": bounds}]

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """The view's own `ordering`, which ends in a unique field."""
        ordering = getattr(view, "ordering", self.ordering)
        return (ordering,) if isinstance(ordering, str) else tuple(ordering)

    def get_page_size(self, request: Any) -> int | None:
        """The size asked for; a size that makes no sense is refused, not guessed."""
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= self.max_page_size):
            raise BadPage(_("A page has 1 to %d rows.") % self.max_page_size, place=self.page_size_query_param)
        return int(given)

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """The rows of the page; a cursor that was not made here is refused."""
        try:
            if not _CURSOR.fullmatch(request.query_params.get(self.cursor_query_param, "")):
                raise NotFound
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError) as error:
            raise BadPage(_("Take the cursor from the link in the answer before."), place="cursor") from error
