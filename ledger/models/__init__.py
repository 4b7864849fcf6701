"""The ledger's rows: the posted truth, and what is on its way to it."""

from ledger.models.drafts import Draft, DraftLine, EntryTemplate, Occurrence, ProposedLine, RecurringEntry, TemplateLine
from ledger.models.posted import (
    Block,
    DayBalance,
    Entry,
    EntrySeal,
    Journal,
    Limit,
    Line,
    MonthBalance,
    Refusal,
    SealState,
    SubAccountBalance,
    Xid8Field,
)
from ledger.models.schedules import AutoReversal

__all__ = [
    "AutoReversal",
    "Block",
    "DayBalance",
    "Draft",
    "DraftLine",
    "Entry",
    "EntrySeal",
    "EntryTemplate",
    "Journal",
    "Limit",
    "Line",
    "MonthBalance",
    "Occurrence",
    "ProposedLine",
    "RecurringEntry",
    "Refusal",
    "SealState",
    "SubAccountBalance",
    "TemplateLine",
    "Xid8Field",
]
