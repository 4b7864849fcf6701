"""Cached master data that is never wrong: each company and subject has a generation in the database, renewed by
triggers in the transaction of every change; what is cached is found only under the generation it was read for.

So a change made by `update()`, `bulk_create()` or raw SQL counts like any other, a rolled-back change leaves nothing
behind, a reader that is overtaken by a writer stores under a generation nobody asks for any more, and a cache that
was away comes back without harm (docs/decisions/0001).
"""

import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import connection
from prometheus_client import Counter

from tenants.models import Company

log = structlog.get_logger(__name__)

HITS = Counter("daybook_cache_hits", "Cached lookups answered without reading the rows", ["subject", "level"])
MISSES = Counter("daybook_cache_misses", "Cached lookups that read the rows", ["subject"])


class CacheTTL:
    """How long an unused lookup stays in the cache, in seconds."""

    CHART = 5 * 60
    JOURNALS = 5 * 60
    TAXES = 30 * 60
    NUMBERING = 30 * 60
    COMPANY = 30 * 60


class CacheKeys:
    """What the cached lookups are called."""

    CHART = "chart"
    JOURNALS = "journals"
    APPROVAL_RULES = "approval_rules"
    TAXES = "taxes"
    NUMBERING = "numbering"

    @staticmethod
    def lookup(company_id: UUID, subject: str, generation: UUID) -> str:
        return f"lookup:{subject}:{company_id}:{generation}"


# The newest lookups of this process: most requests need no network at all.
_LOCAL_SIZE = 256
_local: OrderedDict[str, Any] = OrderedDict()
_known: OrderedDict[UUID, dict[str, UUID]] = OrderedDict()


def generations(company: Company) -> dict[str, UUID]:
    """Which generation of each subject is current, as this transaction sees it: one small query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, generation FROM accounting_generation WHERE company_id = %s", [company.pk])
        current = dict(cursor.fetchall())
    _keep(_known, company.pk, current)
    return current


def remembered_generations(company: Company) -> dict[str, UUID]:
    """The generations that this process saw last, empty where it saw none: for those who have the database compare
    them in the statement that relies on them, and who look again where it says that they are old."""
    return _known.get(company.pk, {})


def cached(
    company: Company,
    subject: str,
    ttl: int,
    load: Callable[[Company], Any],
    current: dict[str, UUID] | None = None,
    *,
    view: str = "",
) -> Any:
    """The lookup as of now, from the process, the cache, or the rows.

    Who needs several lookups at once reads `generations` once and hands them on as `current`. A `view` is another
    shape of the same subject, kept beside it and renewed with it.
    """
    generation = (generations(company) if current is None else current).get(subject)
    if generation is None:
        MISSES.labels(subject).inc()
        return load(company)
    key = CacheKeys.lookup(company.pk, f"{subject}{view and '.'}{view}", generation)
    if (found := _local.get(key)) is not None:
        HITS.labels(subject, "process").inc()
        return found
    if (found := _fetch(key)) is not None:
        HITS.labels(subject, "cache").inc()
    else:
        MISSES.labels(subject).inc()
        found = load(company)
        _store(key, found, ttl)
    _keep(_local, key, found)
    return found


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    while len(kept) > _LOCAL_SIZE:
        kept.popitem(last=False)


def _fetch(key: str) -> Any:
    try:
        packed = cache.get(key)
        return pickle.loads(packed) if packed else None
    except Exception as error:  # a cache that is away makes us slower, never wrong
        log.warning("cache_unavailable", error=str(error))
        return None


def _store(key: str, value: Any, ttl: int) -> None:
    try:
        cache.set(key, pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL), ttl)
    except Exception as error:
        log.warning("cache_unavailable", error=str(error))
