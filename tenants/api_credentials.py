"""Keys of programs: made once, kept as a hash, checked at every request, revoked for good."""

import datetime
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.models import ApiCredential, Company
from tenants.permissions import ApiScope, Permission
from tenants.refusal import NotFound, Refused
from tenants.scope import current_scope

KEY_FORM = re.compile(r"dbk_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_PREFIX_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_LAST_USED_EVERY = datetime.timedelta(minutes=1)


class InvalidCredential(Refused):
    """The key is malformed, expired or revoked."""

    code = "invalid_credential"
    status = 401


class BadCredential(Refused):
    """A credential cannot be made like this."""

    code = "bad_credential"


def create_api_credential(
    name: str, scopes: Sequence[str], expires_at: datetime.datetime | None = None
) -> tuple[ApiCredential, str]:
    """Make a credential of the current company; returns it with its key, which is never shown again."""
    scope = current_scope()
    scope.require(Permission.MANAGE_MEMBERS)
    name = name.strip()
    if not name:
        raise BadCredential(_("A credential needs a name."), place="name")
    if not scopes or set(scopes) - set(ApiScope.values):
        raise BadCredential(_("Choose from these scopes: %s.") % ", ".join(ApiScope.values), place="scopes")
    if expires_at is not None and expires_at <= timezone.now():
        raise BadCredential(_("The credential would have expired already."), place="expires_at")
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _letter in range(8))
    key = f"dbk_{prefix}_{secrets.token_urlsafe(32)}"
    credential = ApiCredential.objects.create(
        company=scope.company, name=name, prefix=prefix, key_hash=_hash(key),
        scopes=[value for value in ApiScope.values if value in scopes], expires_at=expires_at,
    )  # fmt: skip
    return credential, key


@transaction.atomic
def revoke(credential: ApiCredential) -> ApiCredential:
    """End a credential now and for good; revoking it again changes nothing."""
    scope = current_scope()
    scope.require(Permission.MANAGE_MEMBERS)
    revoked: ApiCredential = ApiCredential.objects.for_company(scope.company).select_for_update().get(pk=credential.pk)
    if revoked.revoked_at is None:
        revoked.revoked_at = timezone.now()
        revoked.save(update_fields=["revoked_at"])
    return revoked


def authenticate(company: Company, key: str) -> ApiCredential:
    """The credential of the company that the key opens, read inside its scope.

    A key that the company does not know is `not_found`, as an unknown company is: strangers learn nothing.
    """
    form = KEY_FORM.fullmatch(key)
    if form is None:
        raise InvalidCredential(_("This is not a key of Daybook: dbk_ followed by two words."))
    hashed = _hash(key)
    candidates = ApiCredential.objects.for_company(company).filter(prefix=form[1])
    found = [one for one in candidates if hmac.compare_digest(bytes(one.key_hash), hashed)]
    if not found:
        raise NotFound(_("There is no such company, or the key does not open it."))
    credential: ApiCredential = found[0]
    if credential.revoked_at is not None:
        raise InvalidCredential(_("The key was revoked."))
    if credential.expires_at is not None and credential.expires_at <= timezone.now():
        raise InvalidCredential(_("The key has expired."))
    return credential


def note_use(credential: ApiCredential) -> None:
    """Remember when the credential was last used, to the minute."""
    now = timezone.now()
    if credential.last_used_at is not None and now - credential.last_used_at < _LAST_USED_EVERY:
        return
    # Requests of one credential run side by side: none waits for another to note the time.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_apicredential SET last_used_at = %s WHERE (company_id, id) IN (SELECT company_id, id "
            "FROM tenants_apicredential WHERE company_id = %s AND id = %s FOR NO KEY UPDATE SKIP LOCKED)",
            [now, credential.company_id, credential.pk],
        )


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
