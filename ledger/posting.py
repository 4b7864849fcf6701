"""Post entries: the one way into the ledger, for one entry and for ten thousand.

The database function `ledger_post` writes them with every guard on (migrations/guards.sql, posting.sql).
"""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from prometheus_client import Counter

from accounting.chart import chart_of
from accounting.lookups import generations
from accounting.models import Period
from ledger import refusals
from ledger.journals import journal_ids
from ledger.proposals import NewEntry, batch_hashes, body_hash
from ledger.resolving import LineResolver, ResolvedLine
from tenants.fields import new_id
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import Scope, current_scope

POSTED = Counter("daybook_entries_posted", "Entries posted", ["source"])
REFUSED = Counter("daybook_entries_refused", "Postings refused", ["code"])

KEY_LIMIT = 200
_ENTRY_TYPES = "uuid uuid text bytea date text text int uuid text text uuid".split()
_LINE_TYPES = "uuid uuid int uuid uuid numeric text numeric numeric text boolean text".split()
_POST = (
    "SELECT key, entry_id, replayed, refusal, message, place FROM public.ledger_post(%s, "
    + ", ".join(f"%s::{kind}[]" for kind in [*_ENTRY_TYPES, *_LINE_TYPES])
    + ", %s::text[]::jsonb[])"
)


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
        if refusal.frozen and remember:
            _freeze(scope, entries[0].key, hashes[0], refusal)
        raise


def _write(scope: Scope, entries: Sequence[NewEntry], hashes: list[bytes], *, manual: bool) -> list[Posted]:
    current = generations(scope.company)
    journals = journal_ids(scope.company, current)
    resolver = LineResolver(scope, chart_of(scope.company, current), entries, manual=manual)
    many = len(entries) > 1
    resolved = [resolver.resolve(entry, f"entries[{n}]." if many else "") for n, entry in enumerate(entries)]
    _check_soft_closed(scope, entries)
    parameters = _columns(scope, journals, entries, hashes, resolved)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_POST, parameters)
            answers = {row[0]: row for row in cursor.fetchall()}
    except DatabaseFailure as error:
        if refusal := refusals.refusal_of(error):
            raise refusal from error
        raise
    if before := next((row for row in answers.values() if row[3]), None):
        raise refusals.RefusedBefore(before[3], before[4], before[5])
    posted = [Posted(answers[entry.key][1], entry.key, answers[entry.key][2]) for entry in entries]
    POSTED.labels(entries[0].source or "manual").inc(sum(1 for entry in posted if not entry.replayed))
    return posted


def _columns(
    scope: Scope, journals: dict[str, UUID], entries: Sequence[NewEntry], hashes: list[bytes],
    resolved: list[list[ResolvedLine]],
) -> list[Any]:  # fmt: skip
    """The columns of entries and lines, as arrays."""
    heads: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    for entry, hashed, resolved_lines in zip(entries, hashes, resolved, strict=True):
        if entry.journal not in journals:
            raise refusals.UnknownJournal(f"There is no active journal “{entry.journal}”.", place="journal")
        entry_id = new_id()
        heads.append((
            entry_id, journals[entry.journal], entry.key, hashed, entry.date, entry.memo, entry.reference,
            len(resolved_lines), entry.reverses, entry.reason, entry.source, entry.source_id,
        ))  # fmt: skip
        lines += [
            (
                new_id(), entry_id, number, line.account, line.sub_account, line.amount, line.currency,
                line.currency_amount, line.rate, line.rate_source, line.statistical, line.memo,
                json.dumps(line.dimensions) if line.dimensions else "{}",
            )
            for number, line in enumerate(resolved_lines, 1)
        ]  # fmt: skip
    return [scope.company.pk, *map(list, zip(*heads, strict=True)), *map(list, zip(*lines, strict=True))]


def _check_keys(entries: Sequence[NewEntry]) -> None:
    for entry in entries:
        if not entry.key or len(entry.key) > KEY_LIMIT or not entry.key.isprintable():
            raise refusals.BadText(f"A key has 1 to {KEY_LIMIT} printable characters.", place="key")
    if len({entry.key for entry in entries}) < len(entries):
        raise refusals.KeyReused("Two entries of the batch have the same key.", place="key")


def _check_soft_closed(scope: Scope, entries: Sequence[NewEntry]) -> None:
    """A reason opens a soft-closed period only to those who may."""
    dates = [entry.date for entry in entries if entry.reason]
    if not dates or scope.allows(Permission.POST_SOFT_CLOSED):
        return
    soft = Period.objects.for_company(scope.company).filter(status=Period.Status.SOFT_CLOSED)
    spans = list(soft.values_list("start", "end"))
    if any(start <= date <= end for date in dates for start, end in spans):
        raise refusals.PeriodSoftClosed("The period is soft-closed, and your role may not post into it.", place="date")


def _answered(scope: Scope, entries: Sequence[NewEntry], hashes: list[bytes]) -> list[Posted] | None:
    """The first answers to these keys; None unless every key was answered, for the same body."""
    from ledger.models import Entry

    keys = [entry.key for entry in entries]
    rows = Entry.objects.for_company(scope.company).filter(key__in=keys).values_list("key", "id", "body_hash")
    found = {key: (pk, bytes(hashed)) for key, pk, hashed in rows}
    if any(found.get(key, (None, None))[1] != hashed for key, hashed in zip(keys, hashes, strict=True)):
        return None
    return [Posted(found[key][0], key, True) for key in keys]


def _freeze(scope: Scope, key: str, hashed: bytes, refusal: Refused) -> None:
    """Remember the refusal under the key: a retry gets the same answer, even when the state has changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.ledger_freeze(%s, %s, %s, %s, %s, %s)",
            [scope.company.pk, key, hashed, refusal.code, refusal.message, refusal.place],
        )
