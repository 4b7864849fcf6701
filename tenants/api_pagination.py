"""Pages of long lists, by cursor: no page skips or repeats a row that was there all the time."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from tenants.refusal import Refused


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

    def decode_cursor(self, request: Any) -> Any:
        """Where the page starts."""
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            raise BadPage(_("Take the cursor from the link in the answer before."), place="cursor") from error
