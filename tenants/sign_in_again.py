"""The way to sign-in for who has to, and back: to a page that can be shown, not to where a form was sent."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

from tenants.navigation import landing

SAFE = ("GET", "HEAD", "OPTIONS")


def sign_in_first(request: Any, slug: str) -> HttpResponse:
    """To sign-in, as a whole page even where a part of one was asked for; then back to the page of the company."""
    htmx = bool(request.htmx)
    if htmx or request.method not in SAFE:
        came_from = request.htmx.current_url if htmx else request.headers.get("Referer")
        target = _path_here(request, came_from or "") or landing(slug)
    else:
        target = request.get_full_path()
    answer = redirect_to_login(target, resolve_url("sign-in"))
    return HttpResponseClientRedirect(answer.url) if htmx else answer


def _path_here(request: Any, url: str) -> str:
    """The address without its host, where the host is ours."""
    try:
        split = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit(("", "", split.path, split.query, "")) if split.netloc == request.get_host() else ""
