"""What a page needs: decorators of the views under /c/<company>/."""

import functools
from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase

from tenants.permissions import Permission

View = Callable[..., HttpResponseBase]


def needs(permission: Permission, *, to_write: Permission | None = None) -> Callable[[View], View]:
    """Open the page to who holds the permission; posting its form may need another one."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            writing = request.method not in ("GET", "HEAD", "OPTIONS")
            request.scope.require(to_write if writing and to_write else permission)
            return view(request, *args, **kwargs)

        return guarded

    return decorate
