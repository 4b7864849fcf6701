"""Where a page returns to after an act, so that nobody loses their place in a list."""

from typing import Any

from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: Any, fallback: str) -> HttpResponseRedirect:
    """To the `next` address that the form carried, where it is one of ours; else to the fallback."""
    target = request.POST.get("next", "")
    safe = target and url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return redirect(target if safe else fallback)
