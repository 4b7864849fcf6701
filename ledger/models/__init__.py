"""The ledger's rows: the posted truth, and what is on its way to it."""

from ledger.models.attachments import Attachment
from ledger.models.budgets import Budget, BudgetLine
from ledger.models.deferrals import Deferral, DeferralPart
from ledger.models.drafts import Draft, DraftLine, EntryTemplate, Occurrence, ProposedLine, RecurringEntry, TemplateLine
from ledger.models.limits import Hold, HoldEnd, Limit
from ledger.models.open_items import Allocation, OpenLine, Settlement
from ledger.models.posted import (
    Block,
    DayBalance,
    Entry,
    EntrySeal,
    Journal,
    Line,
    MonthBalance,
    Refusal,
    SealState,
    SubAccountBalance,
    Xid8Field,
)
from ledger.models.recurrences import Recurrence
from ledger.models.schedules import AutoReversal

__all__ = [
    "Allocation",
    "Attachment",
    "AutoReversal",
    "Block",
    "Budget",
    "BudgetLine",
    "DayBalance",
    "Deferral",
    "DeferralPart",
    "Draft",
    "DraftLine",
    "Entry",
    "EntrySeal",
    "EntryTemplate",
    "Hold",
    "HoldEnd",
    "Journal",
    "Limit",
    "Line",
    "MonthBalance",
    "Occurrence",
    "OpenLine",
    "ProposedLine",
    "Recurrence",
    "RecurringEntry",
    "Refusal",
    "SealState",
    "Settlement",
    "SubAccountBalance",
    "TemplateLine",
    "Xid8Field",
]
