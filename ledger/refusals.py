"""Why the ledger refuses, in words and codes; and how the database's own refusals become these."""

import psycopg
from django.db import Error as DatabaseFailure

from ledger.passed_budget import passed_budget
from tenants.refusal import Conflict, NotFound, Refused


class PostingRefused(Refused):
    """An entry cannot be posted."""


class Unbalanced(PostingRefused):
    """Debits and credits differ."""

    code = "unbalanced"


class TooFewLines(PostingRefused):
    """An entry has at least two lines."""

    code = "too_few_lines"


class TooManyLines(PostingRefused):
    """More lines than one entry may have."""

    code = "too_many_lines"


class BadAmount(PostingRefused):
    """Not a finite, non-zero amount of a size that the books can hold."""

    code = "bad_amount"


class TooPrecise(PostingRefused):
    """More decimals than the currency or unit has. Nothing is rounded in silence."""

    code = "too_precise"


class BadText(PostingRefused):
    """Text that a database cannot keep: a NUL character, half of a surrogate pair, or far too long."""

    code = "invalid_text"


class UnknownUnit(PostingRefused):
    """The company has no such currency or unit in use."""

    code = "unknown_currency"


class UnknownJournal(PostingRefused):
    """No active journal has this code."""

    code = "unknown_journal"


class UnknownSubAccount(PostingRefused):
    """The account has no such sub-account."""

    code = "unknown_sub_account"


class UnknownDimension(PostingRefused):
    """The company has no such dimension, or the dimension no such value."""

    code = "unknown_dimension"


class DimensionMissing(PostingRefused):
    """The account's lines must carry a value of this dimension."""

    code = "dimension_missing"


class AccountIsHeading(PostingRefused):
    """A heading takes no lines."""

    code = "account_is_heading"


class AccountFrozen(PostingRefused):
    """The account is frozen or archived."""

    code = "account_frozen"


class ControlAccount(PostingRefused):
    """A control account is posted to by documents, through its sub-accounts, not by hand."""

    code = "control_account"


class AccountCurrency(PostingRefused):
    """The account takes lines in another currency or unit only."""

    code = "account_currency"


class NoPeriod(PostingRefused):
    """The date lies in no fiscal year of the company."""

    code = "no_period"


class PeriodClosed(PostingRefused):
    """The period of the date is closed."""

    code = "period_closed"
    frozen = True


class PeriodSoftClosed(PeriodClosed):
    """The period is soft-closed: who may, posts into it with a reason."""

    code = "period_soft_closed"


class BooksLocked(PeriodClosed):
    """A lock date lies on or after the date."""

    code = "books_locked"


class LimitExceeded(PostingRefused):
    """The entry would take an account past its floor or ceiling."""

    code = "limit_exceeded"
    frozen = True


class BudgetExceeded(PostingRefused):
    """The entry would take an account past a budget that stops."""

    code = "budget_exceeded"
    frozen = True


class OverAllocated(PostingRefused):
    """More is to be settled than is open."""

    code = "over_allocated"
    frozen = True


class AlreadyReversed(PostingRefused):
    """An entry is reversed once."""

    code = "already_reversed"
    frozen = True


class BelongsToDocument(PostingRefused):
    """The entry was made by a document: credit the document or reverse the payment, and the entry follows."""

    code = "belongs_to_document"


class CannotAllocate(PostingRefused):
    """The lines do not settle each other: another account, another side, or no open-item account."""

    code = "cannot_allocate"


class KeyReused(PostingRefused):
    """The key was used before, for another body."""

    code = "idempotency_key_reused"


class KeyInFlight(Conflict):
    """A twin of the request is still being answered, or the books are busy: try again with the same key."""

    code = "conflict"


class RefusedBefore(PostingRefused):
    """The key was refused before, for a reason of state; the answer stays."""

    def __init__(self, code: str, message: str, place: str) -> None:
        super().__init__(message, place=place)
        self.code = code


class EntryNotFound(NotFound):
    """No such entry."""


# Constraint of the database -> refusal and sentence.
BY_CONSTRAINT: dict[str, tuple[type[Refused], str]] = {
    "entry_balances": (Unbalanced, "Debits and credits of an entry differ."),
    "entry_is_whole": (TooFewLines, "The entry is not whole."),
    "entry_two_lines": (TooFewLines, "An entry has at least two lines."),
    "entry_is_final": (PostingRefused, "A posted entry takes no more lines."),
    "entry_key_present": (PostingRefused, "An entry needs an idempotency key."),
    "entry_reversed_once": (AlreadyReversed, "The entry has been reversed already."),
    "ledger_entry_reverses_id_company": (EntryNotFound, "There is no such entry to reverse."),
    "reversal_mirrors": (PostingRefused, "A reversal mirrors its original exactly."),
    "line_not_zero": (BadAmount, "A line has an amount."),
    "line_one_side": (BadAmount, "The amount in base currency has the sign of the amount in currency."),
    "account_takes_lines": (AccountIsHeading, "A heading takes no lines."),
    "account_active": (AccountFrozen, "The account is frozen or archived."),
    "sub_account_given": (ControlAccount, "A control account is posted to through its sub-accounts."),
    "unit_known": (UnknownUnit, "The company has no such currency or unit in use."),
    "account_currency": (AccountCurrency, "The account takes lines in another currency or unit only."),
    "unit_kind": (BadAmount, "A statistical unit is no money."),
    "base_amount": (BadAmount, "A line in base currency has one amount, any other carries its rate."),
    "line_is_number": (BadAmount, "An amount is a number."),
    "line_precision": (TooPrecise, "An amount has more decimals than the books keep."),
    "line_size": (BadAmount, "An amount is larger than the books can hold."),
    "amount_precision": (TooPrecise, "An amount has more decimals than its currency or unit."),
    "ledger_line_account_id_company": (PostingRefused, "The account belongs to another company or is not there."),
    "ledger_line_sub_account_of_account": (UnknownSubAccount, "The sub-account belongs to another account."),
    "journal_active": (UnknownJournal, "The journal is not active."),
    "ledger_entry_journal_id_company": (UnknownJournal, "There is no such journal."),
    "period_exists": (NoPeriod, "The date lies in no fiscal year of the company."),
    "period_open": (PeriodClosed, "The period of the date is closed."),
    "period_soft_closed": (PeriodSoftClosed, "The period is soft-closed: posting into it needs a reason."),
    "books_locked": (BooksLocked, "The books are locked for this date."),
    "tax_locked": (BooksLocked, "The tax accounts are locked for this date."),
    "hold_posted": (BadAmount, "What is posted of a hold is on its account and side, and not more than was held."),
    "limit_floor": (LimitExceeded, "The entry would take an account below its floor."),
    "limit_ceiling": (LimitExceeded, "The entry would take an account above its ceiling."),
    "budget_exceeded": (BudgetExceeded, "The entry would take an account past its budget."),
    "allocation_matches": (CannotAllocate, "The lines cannot be allocated to each other."),
    "allocation_within_line": (OverAllocated, "More would be settled than is open."),
    "settlement_undo": (CannotAllocate, "A settlement is taken back whole, once, and not before its date."),
    "settlement_is_whole": (PostingRefused, "A settlement allocates something."),
    "key_reused": (KeyReused, "The idempotency key was used before, for another body."),
}
_BUSY = {"55P03", "40P01", "40001"}


def of_database(sqlstate: str, constraint: str, detail: str) -> Refused | None:
    """The refusal that a broken constraint or a lock not had stands for; None where it is no refusal but a fault."""
    if sqlstate in _BUSY:
        return KeyInFlight("The books are busy with the same request: try again with the same key.")
    if sqlstate == "22003":
        return BadAmount("An amount is larger than the books can hold.")
    if constraint not in BY_CONSTRAINT:
        return None
    kind, sentence = BY_CONSTRAINT[constraint]
    if kind is BudgetExceeded:
        sentence = passed_budget(detail).sentence
    return kind(sentence, detail=detail)


def refusal_of(error: DatabaseFailure) -> Refused | None:
    """The refusal that a database error stands for; None where it is a fault."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error):
        return None
    return of_database(cause.sqlstate or "", cause.diag.constraint_name or "", cause.diag.message_detail or "")
