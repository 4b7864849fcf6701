"""What was changed beside the books since a report was kept: accounts in other rows, boxes of other formulas."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import Model

from accounting.models import Account, FiscalYear, TaxBox, TaxCode, TaxRate, Unit
from reports.models import ReportRun
from tenants.audit_trail import changes_of, events
from tenants.models import AuditEvent

# What a report lays its figures out by, which no block holds.
SHAPING: dict[str, type[Model]] = {
    one._meta.db_table: one for one in (Account, FiscalYear, TaxBox, TaxCode, TaxRate, Unit)
}
MOST_SHOWN = 20
# By what people know a row.
NAMED_BY = ("code", "name", "start")
# What no figure stands by.
BESIDE = frozenset({"version", "name", "description"})


@dataclass(frozen=True, slots=True)
class Shaping:
    """A change of what reports are laid out by: when, by whom, of what, and in which fields."""

    at: datetime.datetime
    by: str
    what: str
    changed: list[str]


def shaped_since(run: ReportRun) -> list[Shaping]:
    """The last changes since the report was made that may be why it is another one at its block, newest first."""
    found = events(run.company).filter(subject__in=SHAPING, at__gt=run.made_at).exclude(operation="read")
    return list(islice(_shown(found[: 10 * MOST_SHOWN]), MOST_SHOWN))


def _shown(found: Iterable[AuditEvent]) -> Iterator[Shaping]:
    for event in found:
        changed = [name for name, _before, _after in changes_of(event) if name not in BESIDE]
        if event.operation != AuditEvent.Operation.UPDATE or changed:
            row = event.after or event.before or {}
            name = next((str(row[one]) for one in NAMED_BY if row.get(one)), "")
            label = str(SHAPING[event.subject]._meta.verbose_name)
            yield Shaping(event.at, event.actor_name, f"{label} {name}".strip(), changed)
