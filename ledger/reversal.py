"""Reverse a posted entry: a mirror entry that is linked to it; the original stays as it is."""

import datetime

from django.conf import settings
from django.db import transaction

from ledger import refusals
from ledger.models import Entry, Line
from ledger.planned_reversals import BadReversalDate
from ledger.posting import Posted, freeze, hold_key, post
from ledger.proposals import NewEntry, NewLine, body_hash
from ledger.reversal_settlement import settle_reversals
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope


def reverse(entry_id: object, *, date: datetime.date, reason: str, key: str = "", owner: str = "") -> Posted:
    """Post the mirror of an entry on a date of an open period, once; asking again answers with the same reversal.

    What of the original is an open item is settled by it, as far as nothing else has settled it. A refusal is
    remembered under the caller's key; without one nothing is, and another date may be tried.

    What a document made is reversed by the document alone: `owner` is the source that the caller reverses for.

    Refused: `belongs_to_document`, `already_reversed` (otherwise, or under another key), `period_closed`,
    `bad_reversal_date` (before the original), `reason_needed`, `not_found`.
    """
    scope = current_scope()
    scope.require(Permission.REVERSE_ENTRIES)
    if not reason.strip():
        raise ReasonNeeded("Say why the entry is reversed.", place="reason")
    entries = Entry.objects.for_company(scope.company).select_related("journal")
    original = entries.filter(pk=entry_id).first()
    if original is None:
        raise refusals.EntryNotFound("There is no such entry.")
    _refuse_owned(original, owner)
    if date < original.date:
        raise BadReversalDate("A reversal is not dated before its original.", place="date")
    entry = mirror(original, date=date, reason=reason, key=key or f"reverse:{original.pk}")
    hold_key(scope.company, entry.key)
    try:
        with transaction.atomic():
            posted = post(entry)
            if not posted.replayed:
                settle_reversals(scope.company, [posted.id], reason)
            return posted
    except Refused as refusal:
        if not key and isinstance(refusal, refusals.KeyReused):
            raise refusals.AlreadyReversed("The entry has been reversed already.") from refusal
        # What the posting remembered under its key went with the savepoint.
        if key and refusal.frozen:
            freeze(scope.company, entry.key, body_hash(entry), refusal)
        raise


class ReasonNeeded(refusals.PostingRefused):
    """A reversal says why."""

    code = "reason_needed"


def _refuse_owned(original: Entry, owner: str) -> None:
    """What a document or the closing of a year has made is taken back with it alone."""
    if original.source in settings.SOURCES_OF_DOCUMENTS and original.source != owner:
        raise refusals.BelongsToDocument(
            "The entry belongs to a document or to the closing of a year: credit the document, reverse the payment or "
            "reopen the year, and the entry follows."
        )


def mirror(original: Entry, *, date: datetime.date, reason: str, key: str) -> NewEntry:
    """The entry that reverses another: each line with its amounts turned round. Lines fetched before are `mirrored`."""
    lines = getattr(original, "mirrored", None)
    if lines is None:
        lines = original.lines.filter(company_id=original.company_id).order_by("number")
    return NewEntry(
        key=key,
        date=date,
        journal=original.journal.code,
        memo=f"Reversal: {original.memo}".strip(),
        reference=original.reference,
        reason=reason,
        source="reversal",
        source_id=original.pk,
        reverses=original.pk,
        derived=True,
        lines=tuple(
            NewLine(
                account=line.account_id,
                amount=line.currency_amount.copy_negate(),
                currency=line.currency,
                base_amount=line.amount.copy_negate() if _has_own_base(line) else None,
                rate_source=line.rate_source,
                sub_account=line.sub_account_id or "",
                dimensions=line.dimensions,
                memo=line.memo,
                statistical=line.statistical,
            )
            for line in lines
        ),
    )


def _has_own_base(line: Line) -> bool:
    """Whether its amount in base currency is not simply its amount: a rate was applied, or it is a difference alone."""
    return line.rate is not None or not line.currency_amount
