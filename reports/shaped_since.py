"""What was changed beside the books since a report was kept: accounts in other rows, boxes of other formulas."""

import dataclasses
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import Model

from accounting.models import (
    Account,
    Contact,
    Dimension,
    DimensionValue,
    FiscalYear,
    SubAccount,
    TaxBox,
    TaxCode,
    TaxRate,
    Unit,
)  # fmt: skip
from ledger.models import Attachment, Block
from reports.models import ReportRun
from tenants.audit_trail import changes_of, events
from tenants.models import AuditEvent
from tenants.permissions import Permission
from tenants.scope import current_scope

# What a report lays its figures out by, which no block holds.
SHAPING: dict[str, type[Model]] = {
    one._meta.db_table: one
    for one in (
        Account, SubAccount, Contact, Dimension, DimensionValue, FiscalYear, TaxBox, TaxCode, TaxRate, Unit, Attachment,
    )
}  # fmt: skip
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
    """The last changes since the report's block that may be why it is another one now, newest first. Who may not see
    the audit trail is not told by whom."""
    block = Block.objects.for_company(run.company).filter(number=run.block_number).first()
    since = block.sealed_at if block else run.made_at
    found = events(run.company).filter(subject__in=SHAPING, at__gt=since).exclude(operation="read")
    shown = islice(_shown(found[: 10 * MOST_SHOWN]), MOST_SHOWN)
    if current_scope().allows(Permission.VIEW_AUDIT):
        return list(shown)
    return [dataclasses.replace(one, by="") for one in shown]


def _shown(found: Iterable[AuditEvent]) -> Iterator[Shaping]:
    for event in found:
        changed = [name for name, _before, _after in changes_of(event) if name not in BESIDE]
        if event.operation != AuditEvent.Operation.UPDATE or changed:
            row = event.after or event.before or {}
            name = next((str(row[one]) for one in NAMED_BY if row.get(one)), "")
            label = str(SHAPING[event.subject]._meta.verbose_name)
            yield Shaping(event.at, event.actor_name, f"{label} {name}".strip(), changed)
