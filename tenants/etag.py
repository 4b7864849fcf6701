"""Optimistic editing: who changes a row names the state they have seen (`If-Match`)."""

import hashlib
from typing import Any

from django.db.models import Model
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from tenants.refusal import Refused


class PreconditionFailed(Refused):
    """Somebody changed the row meanwhile."""

    code = "precondition_failed"
    status = 412


class PreconditionRequired(Refused):
    """The change does not say which state it was made for."""

    code = "precondition_required"
    status = 428


def etag_of(row: Model) -> str:
    """The tag of the row's present state: its version where it has one, else a hash of all its values."""
    version = getattr(row, "version", None)
    if version is not None:
        return f'"{row.pk}.{version}"'
    values = [f"{field.attname}={getattr(row, field.attname)!r}" for field in row._meta.concrete_fields]
    digest = hashlib.sha256("\n".join(values).encode("utf-8", "backslashreplace")).hexdigest()
    return f'"{digest[:32]}"'


def check_if_match(request: Any, row: Model) -> None:
    """Refuse a change made for another state than the row's present one. Lock the row before."""
    given = request.headers.get("If-Match", "")
    if not given:
        raise PreconditionRequired(_("Send the ETag of the row you have read as If-Match."), place="If-Match")
    tags = parse_etags(given)
    if tags != ["*"] and etag_of(row) not in tags:
        raise PreconditionFailed(_("The row was changed meanwhile: read it again."), place="If-Match")
