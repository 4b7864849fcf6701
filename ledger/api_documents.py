"""Entries, lines, balances and trials as the API writes them down: plain values, amounts as text."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from accounting.amounts import amount_text, rate_text
from accounting.chart import Chart, ChartAccount
from ledger.account_ledger import LedgerLine
from ledger.balances import Balance
from ledger.dry_run import Trial
from ledger.entry_details import EntryDetails
from ledger.entry_listing import ListedEntry
from ledger.models import Entry, Line
from ledger.passed_budget import PassedBudget


class Writer:
    """Writes documents of one company; its chart says how many decimals each unit has."""

    def __init__(self, chart: Chart, base: str) -> None:
        self.chart = chart
        self.base = base

    def amount(self, amount: Decimal, unit: str = "") -> str:
        """The amount with the decimals of its unit, the base currency where none is named."""
        found = self.chart.units.get(unit or self.base)
        return amount_text(amount, found.decimals if found else 0)

    def sides(self, amount: Decimal, unit: str = "") -> dict[str, str]:
        """A signed amount as debit, credit and amount."""
        zero = Decimal(0)
        return {
            "debit": self.amount(amount if amount > 0 else zero, unit),
            "credit": self.amount(amount.copy_negate() if amount < 0 else zero, unit),
            "amount": self.amount(amount, unit),
        }

    def account(self, account_id: Any) -> dict[str, str]:
        """The account by code, with id and name."""
        account: ChartAccount = self.chart.by_id[account_id]
        return {"account": account.code, "account_id": str(account.id), "account_name": account.name}

    def listed(self, row: ListedEntry) -> dict[str, Any]:
        """An entry as a row of the journal."""
        return {
            **_head(row.entry),
            "number": row.number,
            "total": self.amount(row.total),
            "units": [{"unit": unit, "total": self.amount(total, unit)} for unit, total in row.units],
            "reversed": row.reversed,
        }

    def entry(self, details: EntryDetails) -> dict[str, Any]:
        """An entry with its lines, its seal, and what it reverses or was reversed by."""
        entry = details.entry
        return {
            **_head(entry),
            "key": entry.key,
            "reason": entry.reason,
            "number": details.seal.number_text if details.seal else "",
            "total": self.amount(details.total),
            "reverses": str(entry.reverses_id) if entry.reverses_id else None,
            "reversed_by": str(details.reversed_by) if details.reversed_by else None,
            "seal": _seal(details),
            "lines": [self.line(line) for line in details.lines],
        }

    def line(self, line: Line) -> dict[str, Any]:
        """A line: debit, credit and signed amount in base currency, beside the amount in its own."""
        return {
            "number": line.number,
            "account": line.account.code,
            "account_id": str(line.account_id),
            "account_name": line.account.name,
            **self.sides(line.amount),
            "currency": line.currency,
            "currency_amount": self.amount(line.currency_amount, line.currency),
            "rate": rate_text(line.rate),
            "rate_source": line.rate_source,
            "sub_account": line.sub_account.code if line.sub_account else None,
            "dimensions": line.dimensions,
            "memo": line.memo,
            "statistical": line.statistical,
        }

    def trial(self, trial: Trial) -> dict[str, Any]:
        """What would be posted, without what only a posting gives, and its effect on the balances."""
        unknown: Mapping[str, Any] = {"id": None, "key": None, "posted_at": None}
        effect = [
            {
                **self.account(one.account_id),
                "date": one.date.isoformat(),
                "currency": one.currency,
                "before": self.amount(one.before),
                "after": self.amount(one.after),
                "currency_before": self.amount(one.currency_before, one.currency),
                "currency_after": self.amount(one.currency_after, one.currency),
            }
            for one in sorted(trial.effects, key=lambda one: (self.chart.by_id[one.account_id].code, one.currency))
        ]
        return {
            "dry_run": True,
            "entries": [{**self.entry(one), **unknown} for one in trial.entries],
            "effect": effect,
            "warnings": self.warnings(trial.warnings),
        }

    def warnings(self, passed: Sequence[PassedBudget]) -> list[dict[str, str]]:
        """The plans that entries go past, of budgets that warn."""
        return [
            {
                "code": "budget_passed",
                "detail": one.sentence,
                "budget": one.budget,
                "account": one.account.partition(" ")[0],
                "value": one.value,
                "month": one.month.isoformat(),
                "planned": self.amount(one.planned),
                "actual": self.amount(one.actual),
            }
            for one in passed
        ]

    def balance(self, balance: Balance) -> dict[str, Any]:
        """What an account holds in one currency."""
        return {
            **self.account(balance.account_id),
            "type": self.chart.by_id[balance.account_id].type,
            "debit": self.amount(balance.debit),
            "credit": self.amount(balance.credit),
            "balance": self.amount(balance.amount),
            "currency": balance.currency,
            "currency_debit": self.amount(balance.currency_debit, balance.currency),
            "currency_credit": self.amount(balance.currency_credit, balance.currency),
            "currency_balance": self.amount(balance.currency_amount, balance.currency),
        }

    def ledger_line(self, line: LedgerLine) -> dict[str, Any]:
        """A line of an account's ledger with the balance after it."""
        return {
            "id": str(line.line_id),
            "entry": str(line.entry_id),
            "date": line.date.isoformat(),
            "number": line.number,
            "journal": line.journal,
            "entry_memo": line.entry_memo,
            "memo": line.memo,
            "reference": line.reference,
            **self.sides(line.amount),
            "currency": line.currency,
            "currency_amount": self.amount(line.currency_amount, line.currency),
            "statistical": line.statistical,
            "balance": self.amount(line.balance),
        }


def _head(entry: Entry) -> dict[str, Any]:
    return {
        "id": str(entry.pk),
        "number": "",
        "date": entry.date.isoformat(),
        "journal": entry.journal.code,
        "memo": entry.memo,
        "reference": entry.reference,
        "source": entry.source,
        "source_id": str(entry.source_id) if entry.source_id else None,
        "line_count": entry.line_count,
        "posted_at": entry.posted_at.isoformat(),
        "posted_by": entry.actor_name,
    }


def _seal(details: EntryDetails) -> dict[str, Any] | None:
    seal, block = details.seal, details.block
    if seal is None or block is None:
        return None
    return {
        "block": seal.block_number,
        "position": seal.position,
        "leaf_hash": bytes(seal.leaf_hash).hex(),
        "merkle_root": bytes(block.merkle_root).hex(),
        "block_hash": bytes(block.hash).hex(),
        "sealed_at": block.sealed_at.isoformat(),
    }
