"""What happened to an entry, oldest first: posted, sealed, looked at by exports, reversed."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ledger.models import Block, Entry, EntrySeal
from tenants.audit_trail import history_of
from tenants.permissions import Permission
from tenants.scope import current_scope

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, what, by whom, and why."""

    at: datetime.datetime
    what: str
    who: str
    why: str = ""


def entry_history(entry: Entry, seal: EntrySeal | None, block: Block | None, reversal: Entry | None) -> list[Event]:
    """The life of an entry, from its own rows; who may see the audit trail also sees what it says."""
    events = [Event(entry.posted_at, _("Posted"), entry.actor_name, entry.reason)]
    if seal and block:
        what = _("Sealed as %(number)s in block %(block)s") % {"number": seal.number_text, "block": block.number}
        events.append(Event(block.sealed_at, what, _("sealer")))
    if reversal:
        events.append(Event(reversal.posted_at, _("Reversed"), reversal.actor_name, reversal.reason))
    if current_scope().allows(Permission.VIEW_AUDIT):
        for noted in history_of(entry)[:_SHOWN]:
            events.append(Event(noted.at, noted.get_operation_display().capitalize(), noted.actor_name, noted.reason))
    return sorted(events, key=lambda event: event.at)
