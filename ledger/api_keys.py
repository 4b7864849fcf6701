"""The keys of entries that come by the API: the caller's `Idempotency-Key`, kept apart from the keys of acts."""

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from tenants.idempotency import HEADER, idempotency_key
from tenants.refusal import Refused

# What is longer would, with the number of an entry behind it, be longer than a key of the ledger may be.
LONGEST = 150


class KeyRequired(Refused):
    """Posting needs a key, so that a call that was cut off can be sent again."""

    code = "idempotency_key_required"
    status = 400


def posting_key(request: Any) -> str:
    """The ledger's key for the caller's; refused (`idempotency_key_required`) where there is none."""
    key = idempotency_key(request)
    if not key:
        raise KeyRequired(_("Send an Idempotency-Key: the same key never posts twice."), place=HEADER)
    return kept_apart(key)


def kept_apart(key: str) -> str:
    """The key as the ledger knows it; a very long one as its hash."""
    if len(key) > LONGEST:
        key = "sha256:" + hashlib.sha256(key.encode()).hexdigest()
    return f"api:{key}"
