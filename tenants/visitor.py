"""Where a request comes from: its id, the client's address and program, the session; and who signs it."""

import hashlib
import re
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest

from tenants.api_credentials import InvalidCredential, authenticate
from tenants.membership import membership_in
from tenants.models import ApiCredential, Company, Membership
from tenants.permissions import permissions_of_role, permissions_of_scopes
from tenants.scope import Actor

if TYPE_CHECKING:
    from tenants.models import User

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def request_id_of(request: HttpRequest) -> str:
    """The caller's X-Request-ID where it is a plain word, or a new one."""
    given = request.headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def address_of(request: HttpRequest) -> str:
    """The client's address; behind TRUSTED_PROXY_COUNT proxies, the one that the outermost of them saw."""
    proxies = getattr(settings, "TRUSTED_PROXY_COUNT", 0)
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies][:64]
    return str(request.META.get("REMOTE_ADDR") or "")[:64]


def visitor(request: HttpRequest) -> Actor:
    """Somebody who asks and is not known yet: may do nothing."""
    return Actor(
        type="visitor", name="visitor", permissions=frozenset(), address=address_of(request),
        user_agent=_plain(request.headers.get("User-Agent", ""))[:500], session=_session(request),
        request_id=getattr(request, "request_id", ""),
    )  # fmt: skip


def bearer_key(request: HttpRequest) -> str | None:
    """The key in the Authorization header; None where the request carries none."""
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer":
        raise InvalidCredential("Send the key as “Authorization: Bearer dbk_…”.")
    return key.strip()


def as_member(request: HttpRequest, company: Company, user: "User") -> tuple[Actor, Membership] | None:
    """The person in their role; None for a stranger."""
    membership = membership_in(company, user)
    if membership is None:
        return None
    asking = visitor(request)
    actor = Actor(
        type="user", id=user.pk, name=str(user)[:200], permissions=permissions_of_role(membership.role),
        address=asking.address, user_agent=asking.user_agent, session=asking.session, request_id=asking.request_id,
    )  # fmt: skip
    return actor, membership


def as_credential(request: HttpRequest, company: Company, key: str) -> tuple[Actor, ApiCredential]:
    """The program behind the key, with what its scopes allow."""
    credential = authenticate(company, key)
    asking = visitor(request)
    actor = Actor(
        type="credential", id=credential.pk, name=credential.name,
        permissions=permissions_of_scopes(credential.scopes), address=asking.address,
        user_agent=asking.user_agent, request_id=asking.request_id,
    )  # fmt: skip
    return actor, credential


def _session(request: HttpRequest) -> str:
    session = getattr(request, "session", None)
    key = session.session_key if session is not None else None
    # Enough to tell sessions apart; the key itself would let a reader of the trail take the session over.
    return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
