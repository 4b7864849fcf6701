"""Seal what is posted: number the entries, roll their lines up, chain them into a block."""

from django.db import connection
from prometheus_client import Counter, Gauge

from tenants.models import Company
from tenants.scope import Actor, company_scope

SEALED = Counter("daybook_entries_sealed", "Entries sealed into blocks")
SEAL_LAG = Gauge(
    "daybook_seal_lag_seconds",
    "Age of the oldest entry that waits to be sealed",
    ["company"],
    multiprocess_mode="mostrecent",
)


def seal(company: Company, *, even_empty: bool = False) -> int:
    """Seal the company's finished entries in one block; returns how many. Safe to call at any time and twice. Where
    there are none, `even_empty` makes a block nevertheless: what was settled since the last one is known at it."""
    with company_scope(company, actor=Actor.system("sealer"), act="seal"), connection.cursor() as cursor:
        cursor.execute("SELECT public.ledger_seal(%s, %s)", [company.pk, even_empty])
        (count,) = cursor.fetchone()
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(e.posted_at)), 0) "
            "FROM ledger_tail(%(company)s) t JOIN ledger_entry e ON e.company_id = %(company)s AND e.id = t.entry_id",
            {"company": company.pk},
        )
        SEAL_LAG.labels(company.slug).set(float(cursor.fetchone()[0]))
    SEALED.inc(count)
    return int(count)


def seal_all() -> int:
    """Seal every active company; one that fails does not keep the others waiting."""
    total = 0
    failures: list[Exception] = []
    for company in Company.objects.filter(is_active=True).iterator():
        try:
            total += seal(company)
        except Exception as error:
            failures.append(error)
    if failures:
        raise ExceptionGroup("some companies could not be sealed", failures)
    return total
