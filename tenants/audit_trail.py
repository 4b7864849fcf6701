"""Read the audit trail: who changed what, when, from where and why; and note sensitive reads in it."""

import datetime
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from tenants.csv_cells import csv_line
from tenants.models import AuditEvent, Company
from tenants.permissions import Permission
from tenants.scope import current_scope

HIDDEN = {"id", "company_id"}


def note_read(subject: str, subject_id: UUID | None = None, detail: Mapping[str, Any] | None = None) -> None:
    """Put a sensitive read (an export, a report) of the current company into the trail."""
    with connection.cursor() as cursor:
        note = json.dumps(dict(detail or {}), default=str)
        cursor.execute("SELECT public.tenants_note_read(%s, %s, %s::jsonb)", [subject, subject_id, note])


def history_of(row: Model) -> QuerySet[AuditEvent]:
    """What happened to one row, newest first."""
    company = getattr(row, "company_id", None) or row.pk
    return AuditEvent.objects.for_company(company).filter(subject=row._meta.db_table, subject_id=row.pk)


def events(
    company: Company, *, subject: str = "", row: UUID | None = None, actor: str = "",
    since: datetime.date | None = None, until: datetime.date | None = None, operation: str = "",
) -> QuerySet[AuditEvent]:  # fmt: skip
    """The company's trail, newest first, narrowed to a table, a row, an actor and days (UTC)."""
    found = AuditEvent.objects.for_company(company).order_by("-at", "-id")
    if subject:
        found = found.filter(subject=subject)
    if row:
        found = found.filter(subject_id=row)
    if actor:
        found = found.filter(actor_name__icontains=actor)
    if operation:
        found = found.filter(operation=operation)
    if since:
        found = found.filter(at__gte=_midnight(since))
    # After the last day that calendars have comes none.
    if until and until < datetime.date.max:
        found = found.filter(at__lt=_midnight(until + datetime.timedelta(days=1)))
    return found


def changes_of(event: AuditEvent) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of what an event changed."""
    before, after = event.before or {}, event.after or {}
    names = [*after, *(name for name in before if name not in after)]
    return [
        (name, before.get(name), after.get(name))
        for name in names
        if name not in HIDDEN and before.get(name) != after.get(name)
    ]


def export_csv(found: QuerySet[AuditEvent], asked: Mapping[str, Any]) -> Iterator[str]:
    """The events as CSV, line by line; the export itself is in the trail."""
    current_scope().require(Permission.VIEW_AUDIT)
    note_read("tenants_auditevent", None, {"export": "csv", **asked})
    return _csv_lines(found)


def _csv_lines(found: QuerySet[AuditEvent]) -> Iterator[str]:
    yield csv_line(
        [_("When"), _("Who"), _("Kind of actor"), _("Operation"), _("Table"), _("Row"), _("Reason"), _("Address"),
         _("Client"), _("Request"), _("Before"), _("After")]
    )  # fmt: skip
    for event in found.iterator(chunk_size=1000):
        yield csv_line(
            [event.at.isoformat(), event.actor_name, event.actor_type, event.operation, event.subject,
             event.subject_id, event.reason, event.address, event.user_agent, event.request_id,
             _json(event.before), _json(event.after)]
        )  # fmt: skip


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, tzinfo=datetime.UTC)
