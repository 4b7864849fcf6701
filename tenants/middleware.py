"""The door: every page and API call of a company runs in one transaction, inside the company's scope."""

import tempfile
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import structlog
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseFailure
from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.cache import patch_vary_headers

from tenants.api_credentials import note_use
from tenants.api_problems import problem_for, refusal_for
from tenants.models import Company
from tenants.refusal import NotFound, NotPermitted, Refused
from tenants.refused_page import not_shown, refused_page
from tenants.scope import acting_as, company_scope
from tenants.sign_in_again import sign_in_first
from tenants.visitor import as_credential, as_member, bearer_key, request_id_of, visitor

API = "/api/"
ADMIN = "/admin/"
# Unfold's Alpine build evaluates expressions, and its colours are an inline style.
ADMIN_POLICY = {"script-src": ["'self'", UNSAFE_EVAL], "style-src": ["'self'", UNSAFE_INLINE]}
_IN_MEMORY = 1024 * 1024
_CHUNK = 64 * 1024


class CompanyScopeMiddleware:
    """Finds out who asks and in which company, and runs the view inside that scope.

    A view finds `request.scope`, `request.company`, and `request.membership` or `request.credential`. Strangers,
    former members and unknown companies get the same 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.request_id = request_id_of(request)
        request.scope = request.company = request.membership = request.credential = None
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        response = self.get_response(request)
        if response.status_code == 405 and not request.path_info.startswith((API, ADMIN)):
            response = not_shown(request, response)
        response["X-Request-ID"] = request.request_id
        if request.path_info.startswith(ADMIN):
            response._csp_update = ADMIN_POLICY  # type: ignore[attr-defined]
        elif request.path_info.startswith(API):
            response.setdefault("Cache-Control", "private, no-store")
            patch_vary_headers(response, ["Authorization", "Cookie"])
        return response

    def process_view(
        self, request: Any, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Run the view of a company inside its scope; leave every other view to Django."""
        if request.path_info.startswith(ADMIN):
            return self._admin(request, view, args, kwargs)
        slug = kwargs.get("company")
        if slug is None:
            return None
        if request.path_info.startswith(API):
            return _api(request, slug, view, args, kwargs)
        if not request.user.is_authenticated:
            return sign_in_first(request, slug)
        return _page(request, slug, view, args, kwargs)

    def _admin(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """The admin works in the company that the person visited last; operators may do without one."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url("sign-in"))
        slug = request.session.get("company")
        if slug:
            try:
                return _page(request, slug, view, args, kwargs)
            except Http404:
                if request.scope is not None:
                    raise
                del request.session["company"]
        if request.user.is_superuser:
            return None
        return redirect(f"{resolve_url('company-list')}?next={quote(request.get_full_path())}")


def _page(request: Any, slug: str, view: Any, args: Any, kwargs: Any) -> HttpResponseBase:
    """A page of the company, for its members."""
    company = Company.objects.filter(slug=slug, is_active=True).first()
    if company is None:
        raise Http404
    try:
        with company_scope(company, actor=visitor(request)):
            found = as_member(request, company, request.user)
            if found is None:
                raise Http404
            actor, request.membership = found
            if request.session.get("company") != slug:
                request.session["company"] = slug
            with acting_as(actor) as request.scope:
                return _answer(request, company, view, args, kwargs)
    except NotFound as refusal:
        raise Http404 from refusal
    except NotPermitted as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refused as refusal:
        return refused_page(request, refusal)
    except DatabaseFailure as error:
        if refused := refusal_for(error):
            return refused_page(request, refused)
        raise


def _api(request: Any, slug: str, view: Any, args: Any, kwargs: Any) -> HttpResponseBase:
    """A call of the company's API, by a credential or by a signed-in member."""
    try:
        key = bearer_key(request)
        if key is None and not request.user.is_authenticated:
            return problem_for(_unauthenticated(), request)
        company = Company.objects.filter(slug=slug, is_active=True).first()
        if company is None:
            raise _stranger()
        with company_scope(company, actor=visitor(request)):
            if key is not None:
                actor, request.credential = as_credential(request, company, key)
            elif found := as_member(request, company, request.user):
                actor, request.membership = found
            else:
                raise _stranger()
            with acting_as(actor) as request.scope:
                if request.credential is not None:
                    note_use(request.credential)
                return _answer(request, company, view, args, kwargs)
    except (Refused, Http404, PermissionDenied, DatabaseFailure) as error:
        # The commit itself may refuse; by then the view has answered.
        if isinstance(error, DatabaseFailure) and refusal_for(error) is None:
            raise
        return problem_for(error, request)


def _answer(request: Any, company: Company, view: Any, args: Any, kwargs: Any) -> HttpResponseBase:
    """Run the view and finish its answer, all of it, while the transaction is open."""
    request.company = company
    structlog.contextvars.bind_contextvars(company=company.slug, actor=str(request.scope.actor.id))
    try:
        response: HttpResponseBase = view(request, *args, **kwargs)
        if hasattr(response, "render") and callable(response.render):
            response = response.render()
    except Refused as refusal:
        if not refusal.frozen:
            raise
        # The refusal is kept under its key: the transaction commits.
        return refused_page(request, refusal)
    if response.streaming and not isinstance(response, FileResponse):
        _read_inside(response)  # type: ignore[arg-type]
    return response


def _read_inside(response: StreamingHttpResponse) -> None:
    """Write a streamed answer down before its transaction ends; memory stays flat."""
    written = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- closed with the response
    response._resource_closers.append(written.close)  # type: ignore[attr-defined]
    size = sum(written.write(chunk) for chunk in response)
    written.seek(0)
    response.streaming_content = iter(lambda: written.read(_CHUNK), b"")
    response["Content-Length"] = str(size)


def _stranger() -> NotFound:
    return NotFound("There is no such company, or the key does not open it.")


def _unauthenticated() -> Refused:
    refusal = Refused("Send a key as “Authorization: Bearer dbk_…”, or sign in.")
    refusal.code, refusal.status = "not_authenticated", 401
    return refusal
