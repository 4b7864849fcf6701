"""Drafts, templates and recurring entries as the API writes them down: plain values, amounts as text."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounting.amounts import amount_text, rate_text
from accounting.chart import Chart
from ledger.approval_rules import SUBJECT
from ledger.models import Draft, EntryTemplate, Occurrence, ProposedLine, RecurringEntry
from ledger.proposals import NEXT_PERIOD
from tenants.approvals import decisions
from tenants.models import Approval


class DraftWriter:
    """Writes documents of one company; its chart says how many decimals each unit has."""

    def __init__(self, chart: Chart, base: str) -> None:
        self.chart = chart
        self.base = base

    def row(self, draft: Draft) -> dict[str, Any]:
        """A draft as a row of the list."""
        auto = draft.auto_reverse == Draft.AutoReverse.NEXT_PERIOD
        return {
            "id": str(draft.pk), "state": draft.state, "version": draft.version, "date": draft.date.isoformat(),
            "journal": draft.journal.code, "memo": draft.memo, "reference": draft.reference,
            "total": self._amount(draft.total, self.base),
            "reverse_on": NEXT_PERIOD if auto else draft.reverse_on and draft.reverse_on.isoformat(),
            "created_by": draft.created_by, "created_at": draft.created_at.isoformat(),
            "changed_at": draft.changed_at.isoformat(), "submitted_by": draft.submitted_by,
            "submitted_at": draft.submitted_at.isoformat() if draft.submitted_at else None,
            "approvals_needed": draft.approvals_needed, "entry": _id(draft.entry_id),
            "corrects": _id(draft.corrects_id),
        }  # fmt: skip

    def draft(self, draft: Draft, lines: Iterable[ProposedLine]) -> dict[str, Any]:
        """A draft with its lines and what was decided about it."""
        decided = decisions(SUBJECT, [draft.pk]).get(draft.pk, [])
        return {
            **self.row(draft), "reason": draft.reason, "approvals": [_decision(one) for one in decided],
            "lines": self.lines(lines),
        }  # fmt: skip

    def template(self, template: EntryTemplate, lines: Iterable[ProposedLine]) -> dict[str, Any]:
        """A template with its lines."""
        return {
            "id": str(template.pk), "version": template.version, "name": template.name,
            "journal": template.journal.code, "memo": template.memo, "reference": template.reference,
            "is_active": template.is_active, "lines": self.lines(lines),
        }  # fmt: skip

    def lines(self, lines: Iterable[ProposedLine]) -> list[dict[str, Any]]:
        """Lines that are not posted yet."""
        return [self._line(line) for line in lines]

    def _line(self, line: ProposedLine) -> dict[str, Any]:
        account = self.chart.by_id.get(line.account_id) if line.account_id else None
        unit = line.currency or self.base
        amount = line.amount
        return {
            "number": line.number,
            "account": account.code if account else None,
            "account_id": _id(line.account_id),
            "account_name": account.name if account else None,
            "debit": None if amount is None else self._amount(max(amount, Decimal(0)), unit),
            "credit": None if amount is None else self._amount(max(-amount, Decimal(0)), unit),
            "amount": None if amount is None else self._amount(amount, unit),
            "currency": unit,
            "rate": rate_text(line.rate),
            "base_amount": None if line.base_amount is None else self._amount(line.base_amount, self.base),
            "sub_account": line.sub_account.code if line.sub_account else None,
            "dimensions": line.dimensions,
            "memo": line.memo,
        }

    def _amount(self, amount: Decimal, unit: str) -> str:
        found = self.chart.units.get(unit)
        return amount_text(amount, found.decimals if found else 0)


def recurring_document(recurring: RecurringEntry, occurrences: Sequence[Occurrence]) -> dict[str, Any]:
    """A recurring entry with the occurrences that are of interest."""
    return {
        "id": str(recurring.pk), "version": recurring.version, "template": str(recurring.template_id),
        "template_name": recurring.template.name, "start": recurring.start.isoformat(),
        "frequency": recurring.frequency, "interval": recurring.interval, "month_end": recurring.month_end,
        "end": recurring.end.isoformat() if recurring.end else None, "as_draft": recurring.as_draft,
        "next_date": recurring.next_date.isoformat() if recurring.next_date else None,
        "is_active": recurring.is_active, "occurrences": [occurrence_document(one) for one in occurrences],
    }  # fmt: skip


def occurrence_document(came: Occurrence) -> dict[str, Any]:
    """One coming of a recurring entry."""
    return {
        "date": came.date.isoformat(), "entry": _id(came.entry_id), "draft": _id(came.draft_id),
        "problem_code": came.problem_code, "problem": came.problem, "skipped": came.skipped,
    }  # fmt: skip


def _decision(decided: Approval) -> dict[str, Any]:
    return {
        "version": decided.version, "decision": decided.decision, "reason": decided.reason, "by": decided.actor_name,
        "in_place_of": decided.on_behalf_of, "at": decided.at.isoformat(),
    }  # fmt: skip


def _id(pk: UUID | None) -> str | None:
    return str(pk) if pk else None
