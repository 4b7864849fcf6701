"""What happened to a draft, oldest first, in words: made, changed, submitted, decided, posted."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ledger.approval_rules import SUBJECT
from ledger.entry_history import Event
from ledger.models import Draft
from tenants.approvals import decisions
from tenants.audit_trail import changes_of, history_of
from tenants.models import Approval, AuditEvent
from tenants.templatetags.daybook import money

_SHOWN = 500
_WORDS = {
    "date": gettext_lazy("date"),
    "memo": gettext_lazy("memo"),
    "reference": gettext_lazy("reference"),
    "reason": gettext_lazy("reason"),
    "total": gettext_lazy("total"),
    "reverse_on": gettext_lazy("reverse on"),
    "auto_reverse": gettext_lazy("reverse by itself"),
    "journal_id": gettext_lazy("journal"),
}


def draft_history(draft: Draft) -> list[Event]:
    """The life of a draft from its own part of the audit trail, and what was decided about it. Two statements."""
    events = [_decided(one) for one in decisions(SUBJECT, [draft.pk]).get(draft.pk, [])]
    for noted in history_of(draft).order_by("at", "id")[:_SHOWN]:
        if what := _what(noted):
            events.append(Event(noted.at, what, noted.actor_name, noted.reason))
    return sorted(events, key=lambda event: event.at)


def _decided(one: Approval) -> Event:
    who = one.actor_name
    if one.on_behalf_of:
        who = _("%(who)s, in the place of %(other)s") % {"who": who, "other": one.on_behalf_of}
    return Event(one.at, one.get_decision_display(), who, one.reason)


def _what(noted: AuditEvent) -> str:
    """What the change was; empty where a decision says it already."""
    if noted.operation == AuditEvent.Operation.INSERT:
        return _("Made")
    changes = {name: (before, after) for name, before, after in changes_of(noted)}
    if "state" not in changes or (changes["state"][1] == Draft.State.DRAFT and "changed_at" in changes):
        return _changed(changes)
    needed = int((noted.after or {}).get("approvals_needed") or 0)
    words = {
        Draft.State.DRAFT: _("Taken back"),
        Draft.State.SUBMITTED: ngettext("Submitted for %d approval", "Submitted for %d approvals", needed) % needed,
        Draft.State.APPROVED: "" if needed else _("Ready to be posted: no approval is needed"),
        Draft.State.POSTED: _("Posted"),
    }
    return words.get(changes["state"][1], "")


def _changed(changes: dict[str, tuple[Any, Any]]) -> str:
    parts = [_part(name, *changes[name]) for name in _WORDS if name in changes]
    return _("Changed: %s") % ", ".join(parts) if parts else _("Changed: lines")


def _part(name: str, before: Any, after: Any) -> str:
    if name == "journal_id":
        return _("journal")
    if name == "total":
        before, after = (money(Decimal(str(figure))) for figure in (before or 0, after or 0))
    return f"{_WORDS[name]} {before or '–'} → {after or '–'}"
