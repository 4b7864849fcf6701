"""Post entries: the one way into the ledger, for one entry and for ten thousand.

The database function `ledger_post` writes them with every guard on (migrations/guards.sql, posting.sql).
"""

import dataclasses
import datetime
from collections.abc import Sequence
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from prometheus_client import Counter

from accounting.chart import chart_of
from accounting.lookups import generations, remembered_generations
from accounting.models import Period
from ledger import refusals
from ledger.approval_rules import refuse_unapproved
from ledger.journals import journal_ids
from ledger.models import Entry, Refusal
from ledger.planned_reversals import plan_reversals, reversal_date
from ledger.proposals import NewEntry, batch_hashes, body_hash
from ledger.resolving import LineResolver
from ledger.writing import STALE, Answer, Prepared, write
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import Scope, current_scope

POSTED = Counter("daybook_entries_posted", "Entries posted", ["source"])
REFUSED = Counter("daybook_entries_refused", "Postings refused", ["code"])

KEY_LIMIT = 200
# The source of entries whose draft went the way of approval.
DRAFTED = "draft"


@dataclasses.dataclass(frozen=True, slots=True)
class Posted:
    """The answer to a posting: the entry's id and key, and whether the key had been answered before."""

    id: UUID
    key: str
    replayed: bool


def post(entry: NewEntry, *, manual: bool = False) -> Posted:
    """Post one entry in the current company; posting its key again answers with the entry that it made.

    `manual` marks what a person or program typed: control accounts are closed to it. Refusals: ledger/refusals.py.
    """
    return post_many([entry], manual=manual)[0]


def write_on_trial(entry: NewEntry) -> UUID:
    """Write one entry for `dry_run.try_posting`, which takes it back: so no right to post is asked for."""
    return _write(current_scope(), [entry], [body_hash(entry)], manual=True)[0].id


def post_batch(key: str, entries: Sequence[NewEntry], *, manual: bool = False) -> list[Posted]:
    """Post entries under one key, all or none: entry n gets the key `key#n`, and the whole batch is the body."""
    keyed = [dataclasses.replace(entry, key=f"{key}#{n}") for n, entry in enumerate(entries, 1)]
    return _post(keyed, batch_hashes(keyed), manual=manual)


def post_many(entries: Sequence[NewEntry], *, manual: bool = False) -> list[Posted]:
    """Post entries under their own keys, all or none, in the order given."""
    # Which of several keys a refusal is about is not known, so only a key that stands alone remembers it.
    return _post(entries, [body_hash(entry) for entry in entries], manual=manual, remember=len(entries) == 1)


def _post(entries: Sequence[NewEntry], hashes: list[bytes], *, manual: bool, remember: bool = True) -> list[Posted]:
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    if not entries:
        return []
    _check_keys(entries)
    try:
        return _write(scope, entries, hashes, manual=manual)
    except Refused as refusal:
        # A key that was answered before keeps its answer, whatever has become of the books since.
        if not refusal.frozen and (answered := _answered(scope, entries, hashes)):
            return answered
        REFUSED.labels(refusal.code).inc()
        if refusal.frozen and remember and not freeze(scope.company, entries[0].key, hashes[0], refusal):
            # A batch that was under way has posted under the key.
            return _write(scope, entries, hashes, manual=manual)
        raise


def _write(scope: Scope, entries: Sequence[NewEntry], hashes: list[bytes], *, manual: bool) -> list[Posted]:
    """Write with the chart as this process remembers it; look again where the database says that it has changed."""
    remembered = remembered_generations(scope.company)
    try:
        if remembered and (posted := _attempt(scope, remembered, entries, hashes, manual=manual)):
            return posted
    except Refused:
        if generations(scope.company) == remembered:
            raise
    while not (posted := _attempt(scope, generations(scope.company), entries, hashes, manual=manual)):
        pass
    return posted


def _attempt(
    scope: Scope, read: dict[str, UUID], entries: Sequence[NewEntry], hashes: list[bytes], *, manual: bool
) -> list[Posted]:
    """The answers; none at all where the chart is not as it was read."""
    prepared = _prepare(scope, read, entries, hashes, manual=manual)
    planned = [(entry, reversal_date(scope.company, entry)) for entry in entries if entry.reverse_on is not None]
    reasoned = [(entry.date, _place(entries, number, "date")) for number, entry in enumerate(entries) if entry.reason]
    refuse_soft_closed(scope, reasoned)
    answers = write(scope.company, prepared, read=read.values())
    first = answers[0]
    if first.sqlstate == STALE:
        return []
    if first.sqlstate:
        raise _refusal_of(first, entries)
    if before := next((answer for answer in answers if answer.refusal), None):
        raise refusals.RefusedBefore(before.refusal or "", before.message, before.place)
    by_key = {answer.key: answer for answer in answers}
    posted = [Posted(by_key[entry.key].entry_id, entry.key, by_key[entry.key].replayed) for entry in entries]
    if planned:
        new = [(by_key[entry.key].entry_id, day) for entry, day in planned if not by_key[entry.key].replayed]
        plan_reversals(scope.company, new)
    POSTED.labels(entries[0].source or "manual").inc(sum(1 for entry in posted if not entry.replayed))
    return posted


def _prepare(
    scope: Scope, read: dict[str, UUID], entries: Sequence[NewEntry], hashes: list[bytes], *, manual: bool
) -> list[Prepared]:
    """The entries as they are written, looked up in the chart as it was read."""
    journals = journal_ids(scope.company, read)
    resolver = LineResolver(scope, chart_of(scope.company, read), entries, manual=manual)
    prepared = []
    for number, (entry, hashed) in enumerate(zip(entries, hashes, strict=True)):
        if entry.journal not in journals:
            place = _place(entries, number, "journal")
            raise refusals.UnknownJournal(f"There is no active journal “{entry.journal}”.", place=place)
        lines = resolver.resolve(entry, _place(entries, number, ""))
        if manual and entry.source != DRAFTED:
            refuse_unapproved(scope.company, entry, [line.amount for line in lines], read)
        prepared.append(Prepared(entry, journals[entry.journal], hashed, lines))
    return prepared


def _refusal_of(answer: Answer, entries: Sequence[NewEntry]) -> Refused | DatabaseError:
    """The refusal; where it is about a day, with the place of the first entry of that day."""
    refusal = refusals.of_database(answer.sqlstate, answer.violated, answer.detail)
    if isinstance(refusal, (refusals.NoPeriod, refusals.PeriodClosed)):
        number = next((n for n, entry in enumerate(entries) if entry.date.isoformat() == answer.detail), 0)
        refusal.place = _place(entries, number, "date")
    return refusal or DatabaseError(answer.message)


def _place(entries: Sequence[NewEntry], number: int, field: str) -> str:
    return f"entries[{number}].{field}" if len(entries) > 1 else field


def _check_keys(entries: Sequence[NewEntry]) -> None:
    for entry in entries:
        if not entry.key or len(entry.key) > KEY_LIMIT or not entry.key.isprintable():
            raise refusals.BadText(f"A key has 1 to {KEY_LIMIT} printable characters.", place="key")
    if len({entry.key for entry in entries}) < len(entries):
        raise refusals.KeyReused("Two entries of the batch have the same key.", place="key")


def refuse_soft_closed(scope: Scope, dates: Sequence[tuple[datetime.date, str]]) -> None:
    """A reason opens a soft-closed period only to those who may: dates with a reason, each with its place."""
    if not dates or scope.allows(Permission.POST_SOFT_CLOSED):
        return
    soft = Period.objects.for_company(scope.company).filter(status=Period.Status.SOFT_CLOSED)
    spans = list(soft.values_list("start", "end"))
    for date, place in dates:
        if any(start <= date <= end for start, end in spans):
            raise refusals.PeriodSoftClosed(
                "The period is soft-closed, and your role may not post into it.", place=place
            )


def _answered(scope: Scope, entries: Sequence[NewEntry], hashes: list[bytes]) -> list[Posted] | None:
    """The first answers to these keys; None unless every key was answered, for the same body."""
    keys = [entry.key for entry in entries]
    rows = Entry.objects.for_company(scope.company).filter(key__in=keys).values_list("key", "id", "body_hash")
    found = {key: (pk, bytes(hashed)) for key, pk, hashed in rows}
    if any(found.get(key, (None, None))[1] != hashed for key, hashed in zip(keys, hashes, strict=True)):
        return None
    return [Posted(found[key][0], key, True) for key in keys]


def hold_key(company: Company, key: str) -> None:
    """Until the transaction ends, nobody else posts or is refused under this key. Refused: `conflict` after 5 s."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.ledger_hold_key(%s, %s)", [company.pk, key])


def hold_books(company: Company) -> None:
    """Wait for posters in flight, and let later ones wait until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.ledger_hold_books(%s)", [company.pk])


def freeze(company: Company, key: str, hashed: bytes, refusal: Refused) -> bool:
    """Remember the refusal under the key: a retry gets the same answer, even when the state has changed.

    False where an entry stands under the key, and nothing is to be remembered.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.ledger_freeze(%s, %s, %s, %s, %s, %s)",
            [company.pk, key, hashed, refusal.code, refusal.message, refusal.place],
        )
        return bool(cursor.fetchone()[0])


def refused_before(company: Company, key: str, hashed: bytes) -> None:
    """Refuse again what was refused under this key for a reason of state; `idempotency_key_reused` for another body."""
    found = Refusal.objects.for_company(company).filter(key=key).first()
    if found is None:
        return
    if bytes(found.body_hash) != hashed:
        raise refusals.KeyReused("The key was used before, for another body.", place="key")
    raise refusals.RefusedBefore(found.code, found.message, found.place)
