"""Problem documents (RFC 9457): every "no" of the API has a stable code, a sentence, and the place it is about."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseFailure
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from tenants.refusal import Conflict, NotFound, NotPermitted, Refused
from tenants.scope import scope_or_none

CONTENT_TYPE = "application/problem+json"
TYPE = "urn:daybook:problem:"
RETRY_SECONDS = 1

TITLES = {
    400: "Bad request", 401: "Not authenticated", 403: "Not permitted", 404: "Not found", 405: "Method not allowed",
    406: "Not acceptable", 409: "Conflict", 412: "Precondition failed", 413: "Too large",
    415: "Unsupported media type", 422: "Refused", 428: "Precondition required", 429: "Too many requests",
    500: "Internal error", 503: "Unavailable",
}  # fmt: skip
# Django's and REST framework's codes -> the codes that the API promises.
CODES = {
    "null_characters_not_allowed": "invalid_text",
    "surrogate_characters_not_allowed": "invalid_text",
    "permission_denied": "not_permitted",
    "authentication_failed": "invalid_credential",
    "parse_error": "malformed",
    "throttled": "rate_limited",
    "unsupported_media_type": "unsupported_media_type",
}
_BUSY = {"55P03", "40P01", "40001"}
_STATES: dict[str, tuple[type[Refused], str, str]] = {
    "23505": (Conflict, "already_exists", "There is one already."),
    "22003": (Refused, "bad_amount", "A number is larger than the books can hold."),
    "22021": (Refused, "invalid_text", "A text has characters that cannot be kept."),
    "22P05": (Refused, "invalid_text", "A text has characters that cannot be kept."),
    "23001": (Conflict, "append_only", "What is posted never changes."),
    "23503": (Refused, "constraint_violated", "The row points at something that is not there, or is still in use."),
    "23514": (Refused, "constraint_violated", "The database does not allow these values."),
    "23P01": (Conflict, "constraint_violated", "The row overlaps with another one."),
    "42501": (NotPermitted, "not_permitted", "The database does not allow this."),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One problem document."""

    status: int
    code: str
    detail: str
    place: str = ""
    errors: tuple[dict[str, str], ...] = ()
    headers: dict[str, str] = dataclasses.field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """What the caller reads."""
        document: dict[str, Any] = {
            "type": TYPE + self.code, "title": TITLES.get(self.status, "Refused"), "status": self.status,
            "code": self.code, "detail": self.detail,
        }  # fmt: skip
        if self.place:
            document["place"] = self.place
        if self.errors:
            document["errors"] = list(self.errors)
        return document


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler. What is no refusal but a fault goes on, and becomes a 500.

    The work of the request is rolled back, unless the refusal is frozen: that one is kept under its key.
    """
    problem = problem_of(error)
    if problem is None:
        return None
    if not getattr(error, "frozen", False) and scope_or_none() is not None:
        transaction.set_rollback(True)
    return to_response(problem)


def problem_for(error: Exception, request: HttpRequest) -> HttpResponse:
    """The problem document of an error outside REST framework's views."""
    problem = problem_of(error)
    if problem is None:
        raise error
    return to_response(problem)


def to_response(problem: Problem) -> HttpResponse:
    """The HTTP answer that carries the document."""
    content = json.dumps(problem.document(), ensure_ascii=True)
    return HttpResponse(content, status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers)


def problem_of(error: Exception) -> Problem | None:
    """The problem that an error stands for; None where it is a fault."""
    return next((read(error) for kind, read in _KINDS if isinstance(error, kind)), None)


def refusal_for(error: DatabaseFailure) -> Refused | None:
    """The refusal that an error of the database stands for; None where it is a fault."""
    cause = error.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    if state in _BUSY:
        return Conflict(_("The books are busy: try again."))
    if state == "57014" or _unreachable(error, state):
        refusal = Refused(_("The database did not answer in time: try again."))
        refusal.code, refusal.status = "unavailable", 503
        return refusal
    if state is None and "NUL" in str(error):
        state = "22021"
    if state == "42501" and "row-level security" not in str(error):
        # A right that the application lacks is a fault of ours, not of the caller.
        return None
    kind, code, sentence = _STATES.get(state or "", (None, "", ""))
    if kind is None:
        return None
    refusal = kind(_(sentence), constraint=getattr(getattr(cause, "diag", None), "constraint_name", None) or "")
    refusal.code = code
    return refusal


def _unreachable(error: DatabaseFailure, state: str | None) -> bool:
    if state is not None:
        return state.startswith(("08", "53", "57P"))
    return isinstance(error, (OperationalError, InterfaceError))


def _of_refusal(refusal: Refused) -> Problem:
    headers = {}
    if (isinstance(refusal, Conflict) and refusal.code == "conflict") or refusal.status == 503:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if wait := refusal.context.get("retry_after"):
        headers["Retry-After"] = str(wait)
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="daybook"'
    errors = tuple(_error_of(one) for one in refusal.context.get("errors", ()))
    return Problem(refusal.status, refusal.code, refusal.message, refusal.place, errors, headers)


def _error_of(refusal: Refused) -> dict[str, str]:
    return {"code": refusal.code, "detail": refusal.message, "place": refusal.place}


def _of_validation(error: exceptions.ValidationError) -> Problem:
    errors = tuple(_flatten(error.detail, ""))
    first = errors[0] if errors else {"code": "invalid", "detail": _("The input is not valid."), "place": ""}
    code = first["code"] if len({one["code"] for one in errors}) == 1 else "invalid"
    detail = first["detail"] if len(errors) == 1 else _("%d places of the input are not valid.") % len(errors)
    return Problem(422, code, detail, first["place"] if len(errors) == 1 else "", errors)


def _flatten(detail: Any, place: str) -> Iterator[dict[str, str]]:
    """Each complaint with the place it is about: `lines[2].account`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            if isinstance(name, int):
                yield from _flatten(inner, f"{place}[{name}]")
                continue
            named = place if name == "non_field_errors" else f"{place}.{name}" if place else str(name)
            yield from _flatten(inner, named)
    elif isinstance(detail, (list, tuple)):
        nested = any(isinstance(inner, (dict, list)) for inner in detail)
        for number, inner in enumerate(detail):
            yield from _flatten(inner, f"{place}[{number}]" if nested else place)
    else:
        code = str(getattr(detail, "code", "invalid"))
        yield {"code": CODES.get(code, code), "detail": str(detail), "place": place}


def _of_api_exception(error: exceptions.APIException) -> Problem:
    code = str(getattr(error.detail, "code", error.default_code))
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, round(wait)))
    if error.status_code == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="daybook"'
    if isinstance(error, exceptions.NotFound):
        return _of_refusal(NotFound(str(error.detail)))
    return Problem(error.status_code, CODES.get(code, code), str(error.detail), headers=headers)


def _of_database(error: Any) -> Problem | None:
    refusal = refusal_for(error)
    return _of_refusal(refusal) if refusal else None


_KINDS: tuple[tuple[type[Exception], Callable[[Any], Problem | None]], ...] = (
    (DatabaseFailure, _of_database),
    (Refused, _of_refusal),
    (Http404, lambda _error: Problem(404, "not_found", _("There is nothing at this address."))),
    (PermissionDenied, lambda error: Problem(403, "not_permitted", str(error) or _("Your role does not allow this."))),
    (UnicodeEncodeError, lambda _error: Problem(422, "invalid_text", _("A text has characters that cannot be kept."))),
    (exceptions.ValidationError, _of_validation),
    (exceptions.APIException, _of_api_exception),
)
