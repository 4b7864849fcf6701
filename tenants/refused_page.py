"""The answer to a refusal that no view has dealt with, and the pages of last resort."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tenants.api_problems import Problem, problem_for, to_response
from tenants.navigation import landing
from tenants.refusal import Refused

API = "/api/"


def refused_page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The refusal as a page, or as a problem document for programs."""
    if request.path_info.startswith(API):
        return problem_for(refusal, request)
    context = {"message": refusal.message, "code": refusal.code, "title": _("This could not be done")}
    return render(request, "refused.html", context, status=refusal.status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense."""
    return _last_resort(request, 400, "bad_request", _("The request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the role does not allow it."""
    reason = str(exception) if exception else _("Your role does not allow this.")
    return _last_resort(request, 403, "not_permitted", reason)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or somebody else's."""
    return _last_resort(request, 404, "not_found", _("There is nothing at this address."))


def not_shown(request: HttpRequest, answer: HttpResponseBase) -> HttpResponse:
    """405: the address only takes what forms send, and was asked for as a page."""
    slug = request.resolver_match.kwargs.get("company") if request.resolver_match else None
    context = {
        "message": _("This address takes what a form sends; there is nothing to read here."),
        "back": landing(slug) if slug else "/",
    }  # fmt: skip
    page = render(request, "405.html", context, status=405)
    page["Allow"] = answer["Allow"]
    return page


def failed(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours; the page needs neither database nor session."""
    code = getattr(request, "request_id", "")
    if request.path_info.startswith(API):
        return to_response(Problem(500, "internal_error", _("Daybook failed. The request was %s.") % code))
    return HttpResponse(render_to_string("500.html", {"request_id": code}), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is too old, or not ours."""
    return _last_resort(request, 403, "csrf_failed", _("The form has expired. Go back, reload the page and try again."))


def _last_resort(request: Any, status: int, code: str, message: str) -> HttpResponse:
    if request.path_info.startswith(API):
        return to_response(Problem(status, code, message))
    return render(request, f"{status}.html", {"message": message}, status=status)
