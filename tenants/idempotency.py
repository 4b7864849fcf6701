"""Idempotent writes: the same `Idempotency-Key` gives the same answer for ever, and the work is done once."""

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from tenants.api_problems import CONTENT_TYPE, problem_for
from tenants.models import IdempotentRequest, OperatorRequest
from tenants.refusal import Refused
from tenants.scope import scope_or_none

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
WAIT = "2s"
KEY_PATTERN = r"^[\x21-\x7e]{1,200}$"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT_HEADERS = ("ETag", "Location")

Handler = Callable[..., Any]


class BadKey(Refused):
    """The key is not 1 to 200 visible characters."""

    code = "bad_idempotency_key"
    status = 400


class KeyReused(Refused):
    """The key was used before, for another request."""

    code = "idempotency_key_reused"


def idempotency_key(request: Any) -> str:
    """The caller's key, or an empty text where there is none."""
    key: str = request.headers.get(HEADER, "")
    if key and not _KEY.fullmatch(key):
        raise BadKey(_("An Idempotency-Key has 1 to 200 visible ASCII characters."), place=HEADER)
    return key


def idempotent(handler: Handler) -> Handler:
    """Let a write method of an API view answer a repeated key with its first answer.

    The view's `unstored` names secrets of the answer that a replay does not show again. Twins under way meet at a
    lock: the second waits, then replays, or gives up with `conflict`.
    """

    @functools.wraps(handler)
    def answer_once(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        key = idempotency_key(request)
        if not key:
            return handler(view, request, *args, **kwargs)
        answers, owner = _answers_of(request)
        _wait_for_twin(owner, key)
        hashed = request_hash(request)
        if (before := _answered(answers, key, hashed)) is not None:
            return _replay(before)
        try:
            response = handler(view, request, *args, **kwargs)
        except Refused as refusal:
            if not refusal.frozen:
                raise
            response = problem_for(refusal, request)
        if response.status_code < 500:
            kept = {"key": key, "request_hash": hashed, "status": response.status_code}
            answers.create(**owner, **kept, body=_kept_body(response, getattr(view, "unstored", ())))
        return response

    answer_once.idempotent = True  # type: ignore[attr-defined]
    return answer_once


def request_hash(request: Any) -> bytes:
    """SHA-256 of method, path and body in a canonical form, in which no two requests share their bytes."""
    digest = hashlib.sha256(b"daybook request 1")
    for part in (request.method, request.get_full_path()):
        digest.update(_sized(part.encode()))
    for part in _canonical(request.data):
        digest.update(part)
    return digest.digest()


def _canonical(value: Any) -> Iterable[bytes]:
    if hasattr(value, "getlist"):
        names = sorted(value)
        yield _tag(b"form", len(names))
        for name in names:
            yield _sized(name.encode("utf-8", "surrogatepass"))
            yield from _canonical(list(value.getlist(name)))
    elif isinstance(value, dict):
        yield _tag(b"object", len(value))
        for name in sorted(value):
            yield _sized(name.encode("utf-8", "surrogatepass"))
            yield from _canonical(value[name])
    elif isinstance(value, (list, tuple)):
        yield _tag(b"list", len(value))
        for item in value:
            yield from _canonical(item)
    elif hasattr(value, "chunks"):
        yield b"file" + _sized((value.name or "").encode()) + _sized(_file_hash(value))
    elif isinstance(value, bytes):
        yield b"bytes" + _sized(value)
    elif isinstance(value, str):
        yield b"text" + _sized(value.encode("utf-8", "surrogatepass"))
    else:
        yield b"value" + _sized(json.dumps(value).encode())


def _file_hash(upload: Any) -> bytes:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.digest()


def _tag(kind: bytes, size: int) -> bytes:
    return kind + size.to_bytes(8, "big")


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data


def _answers_of(request: Any) -> tuple[Any, dict[str, Any]]:
    """The answers already given, and whose they are: the company's, or outside every company the person's."""
    if (scope := scope_or_none()) is not None:
        return IdempotentRequest.objects.for_company(scope.company), {"company": scope.company}
    return OperatorRequest.objects.filter(user=request.user), {"user": request.user}


def _wait_for_twin(owner: dict[str, Any], key: str) -> None:
    name = f"{next(iter(owner.values())).pk}:{key}"
    lock = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAIT])
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        cursor.execute("SELECT set_config('lock_timeout', '0', true)")


def _answered(answers: Any, key: str, hashed: bytes) -> Any:
    before = answers.filter(key=key).first()
    if before is not None and bytes(before.request_hash) != hashed:
        raise KeyReused(_("The Idempotency-Key was used before, for another request."), place=HEADER)
    return before


def _replay(before: IdempotentRequest | OperatorRequest) -> HttpResponse:
    kept = before.body or {}
    content_type = CONTENT_TYPE if before.status >= 400 else "application/json"
    headers = {**kept.get("headers", {}), REPLAYED: "true"}
    return HttpResponse(kept.get("content", ""), status=before.status, content_type=content_type, headers=headers)


def _kept_body(response: Any, unstored: Iterable[str]) -> dict[str, Any]:
    if isinstance(response, Response):
        data = response.data
        if unstored and isinstance(data, dict):
            data = {name: None if name in unstored else value for name, value in data.items()}
        content = JSONRenderer().render(data).decode()
    else:
        content = response.content.decode()
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    return {"content": content, "headers": headers}
