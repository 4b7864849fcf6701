"""Which entries an auditor looks at: conditions on entry `e` of the ledger, by name."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.year_closing import SOURCE
from tenants.refusal import Refused


class UnknownCondition(Refused):
    """There is no such choice of entries."""

    code = "unknown_condition"


@dataclass(frozen=True, slots=True)
class EntryCondition:
    """A choice of entries, as people read it and as the database does; the audit report counts what is a `finding`."""

    label: Promise
    sql: str
    is_finding: bool = True


WITHOUT_CLOSING, CLOSING = "without-closing", "closing"
_CLOSES = f"""(e.source = '{SOURCE}' OR EXISTS (SELECT 1 FROM ledger_entry o
  WHERE o.company_id = e.company_id AND o.id = e.reverses_id AND o.source = '{SOURCE}'))"""
CONDITIONS = {
    "by-hand": EntryCondition(gettext_lazy("Made by hand"), "e.source = ''"),
    "reversals": EntryCondition(gettext_lazy("Reversals"), "e.reverses_id IS NOT NULL"),
    "posted-late": EntryCondition(gettext_lazy("Posted more than 30 days after their date"),
                                  "(e.posted_at AT TIME ZONE 'UTC')::date > e.date + 30"),
    "posted-before": EntryCondition(gettext_lazy("Posted before their date"),
                                    "(e.posted_at AT TIME ZONE 'UTC')::date < e.date - 1"),
    "with-reason": EntryCondition(gettext_lazy("With a reason, such as a lock that was passed"), "e.reason <> ''"),
    "not-sealed": EntryCondition(gettext_lazy("Not sealed yet"), """NOT EXISTS (SELECT 1 FROM ledger_entryseal n
        WHERE n.company_id = e.company_id AND n.entry_id = e.id)"""),
    "without-file": EntryCondition(gettext_lazy("Made by hand, without a file"), """e.source = '' AND NOT EXISTS (
        SELECT 1 FROM ledger_attachment f WHERE f.company_id = e.company_id AND f.entry_id = e.id)"""),
    WITHOUT_CLOSING: EntryCondition(gettext_lazy("Without the closing of years"), f"NOT {_CLOSES}", is_finding=False),
    CLOSING: EntryCondition(gettext_lazy("The closing of years"), _CLOSES, is_finding=False),
}  # fmt: skip


def entry_condition(name: str) -> str:
    """The condition of this name, to follow others; nothing where none is asked for. Refused: `unknown_condition`."""
    if not name:
        return ""
    if name not in CONDITIONS:
        raise UnknownCondition(_("There is no choice of entries “%s”.") % name, place="only")
    return f"AND {CONDITIONS[name].sql}"
