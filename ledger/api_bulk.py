"""Many entries in one call: all or none under one key, or each for itself."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ledger.api_body import entry_of, explained, line_count
from ledger.posting import Posted, post, post_batch, post_many
from ledger.proposals import NewEntry
from ledger.refusals import PostingRefused
from tenants.api_problems import problem_of
from tenants.refusal import Refused

MOST_ENTRIES = 10_000
MOST_ITEMS = 1_000
MOST_LINES = 200_000
_CHUNK = 100


class BadBulk(PostingRefused):
    """The body is no list of entries, or the list is too long or empty."""

    code = "invalid"


class TooManyEntries(BadBulk):
    """More entries than one call may have."""

    code = "too_many_entries"


def bodies_of(data: Any, most: int = MOST_ENTRIES) -> list[Any]:
    """The bodies of the entries; refused where the call is no list of them."""
    if not isinstance(data, dict) or not isinstance(data.get("entries"), list):
        raise BadBulk(_("Send a list of entries."), place="entries")
    if unknown := sorted(set(data) - {"entries"}):
        refusal = BadBulk(_("There is no such field here."), place=unknown[0])
        refusal.code = "unknown_field"
        raise refusal
    entries: list[Any] = data["entries"]
    if not entries:
        raise BadBulk(_("The list is empty."), place="entries")
    if len(entries) > most:
        raise TooManyEntries(_("One call has at most %d entries.") % most, place="entries")
    if sum(len(one.get("lines") or ()) for one in entries if _has_lines(one)) > MOST_LINES:
        raise _too_many_lines()
    return entries


def post_all(data: Any, key: str) -> list[Posted]:
    """Post the entries of the body under one key, all or none."""
    bodies = bodies_of(data)
    entries = [entry_of(body, key, f"entries[{n}].") for n, body in enumerate(bodies)]
    _check_size(entries)
    try:
        return post_batch(key, entries, manual=True)
    except Refused as refusal:
        raise _placed(refusal, data) from refusal


def post_each(data: Any, key: str) -> list[dict[str, Any]]:
    """Post each entry for itself, entry n under `key#n`, and say of each what became of it."""
    bodies = bodies_of(data, MOST_ITEMS)
    results: list[dict[str, Any]] = [{} for _body in bodies]
    readable: list[tuple[int, NewEntry]] = []
    for number, body in enumerate(bodies):
        try:
            readable.append((number, entry_of(body, f"{key}#{number + 1}", f"entries[{number}].")))
        except Refused as refusal:
            results[number] = _refused(refusal, number)
    _check_size([entry for _number, entry in readable])
    for start in range(0, len(readable), _CHUNK):
        for number, answer in _posted_or_refused(readable[start : start + _CHUNK]):
            if isinstance(answer, Refused):
                results[number] = _refused(_in_list(answer, number, data), number)
            else:
                results[number] = item_of(answer, number)
    return results


def item_of(posted: Posted, number: int) -> dict[str, Any]:
    """What became of an entry that is in the books."""
    status = 200 if posted.replayed else 201
    return {
        "index": number, "status": status, "id": str(posted.id), "key": posted.key, "replayed": posted.replayed,
    }  # fmt: skip


def last_day(entries: Iterable[NewEntry]) -> datetime.date:
    """The day at whose end a trial compares balances."""
    return max(entry.date for entry in entries)


def _posted_or_refused(items: Sequence[tuple[int, NewEntry]]) -> Iterable[tuple[int, Posted | Refused]]:
    """A run of entries at once where nothing is wrong with any, else one after the other."""
    try:
        with transaction.atomic():
            answers = post_many([entry for _number, entry in items], manual=True)
        return [(number, answer) for (number, _entry), answer in zip(items, answers, strict=True)]
    except Refused:
        return [(number, _one(entry)) for number, entry in items]


def _one(entry: NewEntry) -> Posted | Refused:
    try:
        return post(entry, manual=True)
    except Refused as refusal:
        return refusal


def _refused(refusal: Refused, number: int) -> dict[str, Any]:
    problem = problem_of(refusal)
    document = problem.document() if problem else {}
    return {"index": number, "status": refusal.status, "problem": document}


def _in_list(refusal: Refused, number: int, data: Any) -> Refused:
    """The place of a refusal that the ledger gave for the entry alone."""
    if refusal.place:
        refusal.place = f"entries[{number}].{refusal.place}"
        return explained(refusal, data)
    explained(refusal, data)
    if refusal.place and not refusal.place.startswith("Idempotency"):
        refusal.place = f"entries[{number}].{refusal.place}"
    return refusal


def _placed(refusal: Refused, data: Any) -> Refused:
    """Of a batch, the ledger says by place which entry it is about; what it cannot say stays with the list."""
    if not refusal.place and refusal.code != "idempotency_key_reused":
        refusal.place = "entries"
    elif refusal.place and refusal.place != "key" and len(data["entries"]) == 1:
        # Of a lone entry the ledger speaks as if there were no list.
        refusal.place = f"entries[0].{refusal.place}"
    return explained(refusal, data)


def _check_size(entries: Iterable[NewEntry]) -> None:
    """A line that is split counts as the lines that it stands for."""
    if sum(line_count(entry) for entry in entries) > MOST_LINES:
        raise _too_many_lines()


def _too_many_lines() -> TooManyEntries:
    return TooManyEntries(_("One call has at most %d lines.") % MOST_LINES, place="entries")


def _has_lines(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("lines"), list)
