"""Where a page returns to after an act, so that nobody loses their place in a list."""

from typing import Any

from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: Any, fallback: str) -> HttpResponseRedirect:
    """To the `next` address that the form carried, where it is one of ours; else to the fallback."""
    return redirect(place(request, fallback))


def place(request: Any, fallback: str) -> str:
    """The `next` address of the form, to be carried on by a page that asks again."""
    target: str = request.POST.get("next", "")
    safe = target and url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if safe else fallback
