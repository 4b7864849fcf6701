"""Spread an amount over periods: planned once, each part posted when its day comes, never into a closed period."""

import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.chart import ChartAccount, chart_of
from accounting.models import AccountType
from ledger import refusals
from ledger.approval_rules import ApprovalNeeded, entry_approvals
from ledger.auto_reversal import first_open_day
from ledger.deferral_plan import spread
from ledger.kept_once import keep_new, kept_before
from ledger.models import Deferral, DeferralPart, Entry, Line
from ledger.posting import hold_key, post
from ledger.proposals import NewEntry, NewLine
from ledger.resolving import LineResolver, check_amount, check_text
from ledger.reversal import ReasonNeeded
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope, explain

MOST_PARTS = 600
JOURNAL = "GEN"
_SAID = ("name", "from_account_id", "to_account_id", "amount", "start", "end", "method", "dimensions", "entry_id")


class DeferralRefused(Refused):
    """The amount cannot be spread like this."""

    code = "invalid_deferral"


class DeferralNotFound(NotFound):
    """No such deferral."""


@transaction.atomic
def start_deferral(
    *, name: str, from_account: str | UUID, to_account: str | UUID, amount: Decimal, start: datetime.date,
    end: datetime.date, method: str = Deferral.Method.MONTHS, dimensions: dict[str, str] | None = None,
    entry: UUID | None = None, deferral_id: UUID | None = None,
) -> Deferral:  # fmt: skip
    """Plan an amount (base currency; debit above zero on `to_account`) over the months from start to end.

    The first part is tried as a posting. Where approval is asked for such an amount, it has to stand in a posted
    `entry`, and goes to income or expenses. With a `deferral_id` of the caller's own it is planned once, however often
    it is asked.
    Refused: `invalid_deferral`, `not_found` (the entry), `approval_needed`, `saved_before`, and as posting is.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    chart = chart_of(scope.company)
    base = chart.units[scope.company.base_currency]
    check_text(name, "name", 200)
    if not name.strip():
        raise DeferralRefused(_("Give it a name."), place="name")
    check_amount(amount, base, "amount")
    source, target = chart.account(from_account, "from_account"), chart.account(to_account, "to_account")
    if source.id == target.id:
        raise DeferralRefused(_("It moves between two accounts."), place="to_account")
    parts = _parts(amount, start, end, method, base.decimals)
    if entry and not Entry.objects.for_company(scope.company).filter(pk=entry).exists():
        raise refusals.EntryNotFound(_("There is no such entry."))
    made = Deferral(
        company=scope.company, name=name.strip(), from_account_id=source.id, to_account_id=target.id, amount=amount,
        start=start, end=end, method=method, dimensions=dimensions or {}, entry_id=entry,
        created_by=scope.actor.name[:200],
    )  # fmt: skip
    made.pk = deferral_id or made.pk
    if deferral_id and (kept := kept_before(made, _SAID)):
        return kept
    _refuse_unapproved(made, target)
    _try(made, parts[0])
    keep_new(made)
    _plan(made, parts)
    return made


@transaction.atomic
def stop_deferral(deferral_id: UUID, *, date: datetime.date, reason: str) -> Deferral:
    """Recognise what is left at once, on a date. Refused: `not_found`, `reason_needed`, `conflict` (nothing left)."""
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    if not reason.strip():
        raise ReasonNeeded(_("Say why it stops."), place="reason")
    deferral = _held(deferral_id)
    left = DeferralPart.objects.for_company(scope.company).filter(deferral=deferral, entry=None)
    rest = sum(left.values_list("amount", flat=True), Decimal(0))
    if not rest:
        raise Conflict(_("Nothing of it is left."))
    explain(reason)
    left.delete()
    last = (
        deferral.parts.filter(company_id=scope.company.pk).order_by("-number").values_list("number", flat=True).first()
    )
    part = DeferralPart.objects.create(
        company=scope.company, deferral=deferral, number=(last or 0) + 1, date=date, amount=rest
    )
    part.entry_id = _post(deferral, part, date)
    part.save(update_fields=["entry"])
    deferral.stopped_on, deferral.reason, deferral.version = date, reason.strip(), deferral.version + 1
    deferral.save(update_fields=["stopped_on", "reason", "version"])
    return deferral


def recognise_due(today: datetime.date) -> int:
    """Post the parts that are due in the current company; answers with how many. What is refused says why."""
    due = unrecognised().filter(date__lte=today).order_by("date", "deferral_id", "number")
    return sum(1 for pk in list(due.values_list("id", flat=True)) if _recognise(pk, today))


def unrecognised() -> Any:
    """Parts of the current company that are not posted yet."""
    return DeferralPart.objects.for_company(current_scope().company).filter(entry=None)


@transaction.atomic
def _recognise(part_id: UUID, today: datetime.date) -> bool:
    company = current_scope().company
    part = DeferralPart.objects.for_company(company).filter(pk=part_id).first()
    if part is None:
        return False
    deferral = _held(part.deferral_id)
    part = DeferralPart.objects.for_company(company).filter(pk=part_id, entry=None).first()
    if part is None:
        return False
    try:
        with transaction.atomic():
            day = first_open_day(company, part.date)
            if day > today:
                raise refusals.PeriodClosed(
                    _("The first open day after %(day)s is %(open)s.") % {"day": part.date, "open": day}
                )
            part.entry_id = _post(deferral, part, day)
            part.problem_code = part.problem = ""
    except Refused as refusal:
        part.entry_id, part.problem_code, part.problem = None, refusal.code, refusal.message
    part.save(update_fields=["entry", "problem_code", "problem"])
    return part.entry_id is not None


def _post(deferral: Deferral, part: DeferralPart, day: datetime.date) -> UUID:
    memo = _("%(name)s, part %(number)s") % {"name": deferral.name, "number": part.number}
    key = f"deferral:{deferral.pk}:{part.number}"
    return post(NewEntry(
        key, day, _lines(deferral, part.amount), journal=JOURNAL, memo=memo, source="deferral", source_id=deferral.pk,
        derived=True,
    )).id  # fmt: skip


def _lines(deferral: Deferral, amount: Decimal) -> tuple[NewLine, NewLine]:
    return (
        NewLine(deferral.to_account_id, amount, dimensions=deferral.dimensions),
        NewLine(deferral.from_account_id, -amount, dimensions=deferral.dimensions),
    )


def _try(deferral: Deferral, first: tuple[datetime.date, Decimal]) -> None:
    """What could never be posted is not planned: the first part is looked up as if it were typed."""
    day, amount = first
    entry = NewEntry("deferral", day, _lines(deferral, amount))
    scope = current_scope()
    try:
        LineResolver(scope, chart_of(scope.company), [entry], manual=True).resolve(entry)
    except Refused as refusal:
        line, _dot, field = refusal.place.partition(".")
        side = "to_account" if line == "lines[0]" else "from_account"
        refusal.place = field if field.startswith("dimensions") else side
        raise


def _refuse_unapproved(deferral: Deferral, target: ChartAccount) -> None:
    """An amount that needs approval was approved with the entry that it stands in, and leaves it once."""
    company = current_scope().company
    if not entry_approvals(company, JOURNAL, abs(deferral.amount)):
        return
    # Who spreads of the same entry waits, and then sees what is left of it.
    hold_key(company, f"deferral-of:{deferral.entry_id}")
    deferred = Line.objects.for_company(company).filter(
        entry_id=deferral.entry_id, account_id=deferral.from_account_id, statistical=False
    )
    others = Deferral.objects.for_company(company).filter(
        entry_id=deferral.entry_id, from_account_id=deferral.from_account_id
    )
    spread_before = sum(others.values_list("amount", flat=True), Decimal(0))
    standing = sum(deferred.values_list("amount", flat=True), Decimal(0)) - spread_before
    covered = 0 < deferral.amount <= standing or standing <= deferral.amount < 0
    if not (deferral.entry_id and covered) or target.type not in (AccountType.INCOME, AccountType.EXPENSE):
        raise ApprovalNeeded(
            _("Such an amount is approved first: spread it to income or expenses from the posted entry it stands in."),
            place="amount",
        )


def _parts(
    amount: Decimal, start: datetime.date, end: datetime.date, method: str, decimals: int
) -> list[tuple[datetime.date, Decimal]]:
    if end < start:
        raise DeferralRefused(_("The last day lies before the first."), place="end")
    parts = spread(amount, start, end, method, decimals)
    if len(parts) > MOST_PARTS:
        raise DeferralRefused(_("At most %d parts.") % MOST_PARTS, place="end")
    return parts


def _plan(deferral: Deferral, parts: list[tuple[datetime.date, Decimal]]) -> None:
    DeferralPart.objects.bulk_create(
        DeferralPart(company_id=deferral.company_id, deferral=deferral, number=number, date=date, amount=amount)
        for number, (date, amount) in enumerate(parts, 1)
    )


def _held(deferral_id: UUID) -> Deferral:
    rows = Deferral.objects.for_company(current_scope().company).select_for_update(no_key=True)
    deferral: Deferral | None = rows.filter(pk=deferral_id).first()
    if deferral is None:
        raise DeferralNotFound(_("There is no such deferral."))
    return deferral
