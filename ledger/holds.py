"""Reserve an amount under a limit, and post it, void it, or let it expire: once, under every race."""

import dataclasses
import datetime
import hashlib
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger import refusals
from ledger.models import Hold, HoldEnd, Limit
from ledger.posting import KEY_LIMIT, Posted, freeze, hold_key, post, refused_before
from ledger.proposals import NewEntry
from ledger.resolving import check_amount, check_text
from tenants.fields import new_id
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound
from tenants.scope import current_scope

PREFIX = "hold:"


class HoldNotFound(NotFound):
    """No such hold, or no limit to hold under."""


class HoldEnded(Conflict):
    """The hold was posted, voided, or has expired."""

    code = "hold_ended"


def reserve(
    limit_id: UUID, amount: Decimal, *, key: str, expires_at: datetime.datetime | None = None, memo: str = ""
) -> Hold:
    """Keep an amount free under a limit, signed as the line it waits for; the same key answers with the same hold.

    Refused: `limit_exceeded` (frozen under the key), `not_found`, `bad_amount`, `idempotency_key_reused`.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    limit = Limit.objects.for_company(scope.company).filter(pk=limit_id).first()
    if limit is None:
        raise HoldNotFound(_("There is no such limit."))
    check_amount(amount, chart_of(scope.company).units[limit.currency], "amount")
    check_text(memo, "memo")
    if not key or len(key) > KEY_LIMIT or not key.isprintable():
        raise refusals.BadText(_("A key has 1 to %d printable characters.") % KEY_LIMIT, place="key")
    body = hashlib.sha256(f"{limit_id} {amount.normalize():f} {expires_at} {memo}".encode()).digest()
    hold_key(scope.company, PREFIX + key)
    if answered := _answered(scope.company, key, body):
        return answered
    if expires_at is not None and expires_at <= timezone.now():
        raise refusals.BadAmount(_("It expires in the future."), place="expires_at")
    return _reserve(scope.company, limit, amount, key=key, body=body, expires_at=expires_at, memo=memo)


@transaction.atomic
def post_hold(hold_id: UUID, entry: NewEntry, *, manual: bool = False) -> Posted:
    """Post what was held, wholly or in part, and free the rest; the entry's source is the hold. Once.

    `manual` marks what was typed, as in posting: of control accounts, only the hold's own is open to it.

    Refused: `hold_ended` (its time may be over), `not_found`, `bad_amount` (more than was held, or nothing of it), and
    as posting is.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    account = Hold.objects.for_company(scope.company).filter(pk=hold_id).values_list("limit__account_id", flat=True)
    named = dataclasses.replace(
        entry, source="hold", source_id=hold_id, key=f"hold:{hold_id}:post", opened=frozenset(account)
    )
    if not _end(hold_id, HoldEnd.Outcome.POSTED, ""):
        ended = HoldEnd.objects.for_company(scope.company).filter(hold_id=hold_id, outcome="posted").exists()
        if ended:
            return post(named, manual=manual)
        raise HoldEnded(_("The hold has ended."))
    posted = post(named, manual=manual)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS public.hold_end_complete IMMEDIATE")
            cursor.execute("SET CONSTRAINTS public.hold_end_complete DEFERRED")
    except DatabaseError as error:
        raise refusals.refusal_of(error) or error from error
    return posted


@transaction.atomic
def void_hold(hold_id: UUID, *, reason: str = "") -> HoldEnd:
    """Free what was held; voiding twice is once. Refused: `hold_ended` (posted or expired), `not_found`."""
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    _end(hold_id, HoldEnd.Outcome.VOIDED, reason)
    ended: HoldEnd = HoldEnd.objects.for_company(scope.company).get(hold_id=hold_id)
    if ended.outcome != HoldEnd.Outcome.VOIDED:
        raise HoldEnded(_("The hold is %s.") % ended.get_outcome_display().lower())
    return ended


def expire_due(today: datetime.date) -> int:
    """End the holds of the current company whose time is over; answers with how many."""
    due = open_holds().filter(expires_at__lte=timezone.now()).order_by("expires_at", "id")
    expired = 0
    for pk in list(due.values_list("id", flat=True)):
        with transaction.atomic():
            expired += _end(pk, HoldEnd.Outcome.EXPIRED, "")
    return expired


def open_holds() -> Any:
    """Holds of the current company that have not ended."""
    company = current_scope().company
    ended = HoldEnd.objects.for_company(company).filter(hold_id=OuterRef("pk"))
    return Hold.objects.for_company(company).filter(~Exists(ended)).select_related("limit")


def _reserve(
    company: Company, limit: Limit, amount: Decimal, *, key: str, body: bytes, expires_at: datetime.datetime | None,
    memo: str,
) -> Hold:  # fmt: skip
    pk = new_id()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT public.ledger_reserve(%s, %s, %s, %s, %s, %s, %s, %s)",
                [company.pk, pk, limit.pk, PREFIX + key, body, amount, expires_at, memo],
            )
    except DatabaseError as error:
        if answered := _answered(company, key, body):
            return answered
        refusal = refusals.refusal_of(error)
        if refusal is None:
            raise
        if refusal.frozen:
            freeze(company, PREFIX + key, body, refusal)
        raise refusal from error
    made: Hold = Hold.objects.for_company(company).get(pk=pk)
    return made


def _answered(company: Company, key: str, body: bytes) -> Hold | None:
    found: Hold | None = Hold.objects.for_company(company).filter(key=PREFIX + key).first()
    if found is not None and bytes(found.body_hash) != body:
        raise refusals.KeyReused(_("The key was used before, for another hold."), place="key")
    if found is None:
        refused_before(company, PREFIX + key, body)
    else:
        found.replayed = True
    return found


def _end(hold_id: UUID, outcome: str, reason: str) -> bool:
    company = current_scope().company
    if not Hold.objects.for_company(company).filter(pk=hold_id).exists():
        raise HoldNotFound(_("There is no such hold."))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT public.ledger_end_hold(%s, %s, %s, %s)", [company.pk, hold_id, outcome, reason])
            return bool(cursor.fetchone()[0])
    except DatabaseError as error:
        raise refusals.refusal_of(error) or error from error
