"""What became of a row, for who may see the audit trail, as the pages of master data show it."""

from collections import defaultdict
from typing import Any

from tenants.audit_trail import changes_of, history_of
from tenants.permissions import Permission

HISTORY = 50


def shown_history(request: Any, row: Any) -> list[Any]:
    """The latest events of the row, each with what it changed; nothing for who may not see the audit trail."""
    if not request.scope.allows(Permission.VIEW_AUDIT):
        return []
    events: list[Any] = list(history_of(row).order_by("-at", "-id")[:HISTORY])
    changed = [[one for one in changes_of(event) if one[0] != "version" and (one[1] or one[2])] for event in events]
    names = _names_of(row, [one for changes in changed for one in changes])
    for event, changes in zip(events, changed, strict=True):
        event.changes = [
            (
                name.removesuffix("_id").replace("_", " "),
                *(names.get((name, str(value)), _listed(value)) for value in values),
            )
            for name, *values in changes
        ]
    return events


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _names_of(row: Any, changes: list[Any]) -> dict[tuple[str, Any], str]:
    """What the rows are called that the trail knows by their ids; those that are gone keep their id."""
    wanted: dict[Any, set[str]] = defaultdict(set)
    pointing = {field.attname: field for field in row._meta.concrete_fields if field.is_relation}
    for name, before, after in changes:
        if name in pointing and name != "company_id":
            wanted[name] |= {str(value) for value in (before, after) if value}
    return {
        (name, str(found.pk)): str(found)
        for name, ids in wanted.items()
        for found in pointing[name].related_model.objects.for_company(row.company_id).filter(pk__in=ids)
    }
