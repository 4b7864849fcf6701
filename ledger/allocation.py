"""Settle open items: allocate debits and credits of one account to each other, and take it back by a counter-entry.

N:M, in parts, across currencies. What a settlement gains or loses in base currency is posted with it.
"""

import dataclasses
import datetime
import hashlib
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger import refusals
from ledger.allocation_plan import Item, Overdrawn, Pair, Row, Step, by_line, match, settle_pair
from ledger.exchange_difference import post_differences
from ledger.models import Line, Settlement
from ledger.open_items import OpenItem, hold_items, open_items
from ledger.posting import KEY_LIMIT, freeze, hold_key, refuse_soft_closed, refused_before
from ledger.proposals import canonical_number
from ledger.resolving import check_amount
from tenants.fields import new_id
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import NotFound, Refused
from tenants.scope import current_scope

KEY_PREFIX = "settle:"


class SettlementNotFound(NotFound):
    """No such settlement, or no such line."""


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What is said of a settlement besides its lines; without a date, the later one of its lines."""

    key: str
    body: bytes
    date: datetime.date | None = None
    reason: str = ""
    source: str = ""
    source_id: UUID | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Settled:
    """The answer to a settlement, and whether its key had been answered before."""

    id: UUID
    replayed: bool


def allocate(
    pairs: Sequence[Pair], *, date: datetime.date | None = None, key: str, source: str = "",
    source_id: UUID | None = None, reason: str = "",
) -> Settled:  # fmt: skip
    """Settle pairs of lines on a date (the later of their own dates where none is named), once under the key.

    Refused: `over_allocated`, `cannot_allocate`, `period_closed`, `not_found`, `idempotency_key_reused`.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    body = _hash(["pairs", str(date), reason, source, str(source_id), *map(_text, pairs)])
    wanted = Wanted(key, body, date, reason, source, source_id)
    settled = _once(key, body, lambda: _allocate(scope.company, pairs, wanted))
    return settled if source else told(settled)


def allocate_lines(lines: Sequence[UUID], *, date: datetime.date | None = None, key: str) -> Settled:
    """Settle these lines against each other, oldest first, as far as they go. Refused as `allocate` is."""
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    body = _hash(["lines", str(date), *sorted(map(str, lines))])

    def work() -> UUID:
        found = _hold(scope.company, lines, date)
        debits = [_item(one) for one in found.values() if _side(one) > 0]
        others = [_item(one) for one in found.values() if _side(one) < 0]
        if not debits or not others:
            raise refusals.CannotAllocate(_("Choose debits and credits that are open."), place="lines")
        if len({one.currency for one in found.values()}) > 1:
            raise refusals.CannotAllocate(_("Lines of several currencies are settled pair by pair."), place="lines")
        steps = match(debits, others, _decimals(scope.company))
        return _record(scope.company, found, steps, Wanted(key, body, date))

    return told(_once(key, body, work))


def told(settled: Settled) -> Settled:
    """Let other apps follow a settlement that somebody made, or took back, by hand; in its transaction."""
    if not settled.replayed:
        for path in settings.AFTER_SETTLING:
            import_string(path)(settled.id)
    return settled


def _allocate(company: Company, pairs: Sequence[Pair], wanted: Wanted) -> UUID:
    if not pairs:
        raise refusals.CannotAllocate(_("There is nothing to settle."), place="pairs")
    found = _hold(company, [line for pair in pairs for line in (pair.debit, pair.credit)], wanted.date)
    return _record(company, found, plan_pairs(company, found, pairs)[0], wanted)


def plan_pairs(
    company: Company, found: Mapping[UUID, OpenItem], pairs: Sequence[Pair]
) -> tuple[list[Step], dict[UUID, Item]]:
    """What settling the pairs would take off these open items, and what would be left of each; nothing is written.

    Refused: `over_allocated`, `cannot_allocate`, `too_precise`.
    """
    left = by_line(_item(one) for one in found.values())
    decimals = _decimals(company)
    steps = []
    for number, pair in enumerate(pairs):
        _check_sides(found, pair, f"pairs[{number}]")
        _check_precision(company, found, pair, f"pairs[{number}]")
        try:
            steps.append(settle_pair(left[pair.debit], left[pair.credit], pair, decimals))
        except Overdrawn as error:
            message = _("Only %(left)s of the line is open.") % {"left": f"{error.left.normalize():f}"}
            raise refusals.OverAllocated(message, place=f"pairs[{number}].{error.place}") from error
        except ValueError as error:
            raise refusals.CannotAllocate(_("These amounts cannot be settled."), place=f"pairs[{number}]") from error
    return steps, left


def _hold(company: Company, lines: Sequence[UUID], date: datetime.date | None) -> dict[UUID, OpenItem]:
    """The open items behind the lines, held against every other settlement until the transaction ends."""
    rows = Line.objects.for_company(company).filter(pk__in=lines, account__open_item=True)
    places = {pk: (account, sub) for pk, account, sub in rows.values_list("id", "account_id", "sub_account_id")}
    if missing := next((line for line in lines if line not in places), None):
        raise SettlementNotFound(_("There is no line %s on an open-item account.") % missing)
    hold_items(company, places.values())
    # What is open today: an allocation on a past date must not take what a later one has taken.
    found = {one.line_id: one for one in open_items(company, datetime.date.max, lines=lines)}
    if settled := next((line for line in lines if line not in found), None):
        raise refusals.OverAllocated(_("Line %s is settled already.") % settled)
    if date is not None and (late := next((one for one in found.values() if one.date > date), None)):
        raise refusals.CannotAllocate(_("A line of %s cannot be settled before it is there.") % late.date, place="date")
    return found


def _record(company: Company, found: dict[UUID, OpenItem], steps: Sequence[Step], wanted: Wanted) -> UUID:
    date = wanted.date or max(one.date for one in found.values())
    dated = dataclasses.replace(wanted, date=date)
    if dated.reason:
        refuse_soft_closed(current_scope(), [(date, "date")])
    pk = new_id()
    rows = [(one.debit, one.credit, one.debit_amount, one.credit_amount, one.base) for one in steps]
    exchange, more = post_differences(company, found, steps, settlement=pk, date=date, reason=wanted.reason)
    settle(company, pk, dated, [*rows, *more], exchange=exchange)
    return pk


def settle(
    company: Company, pk: UUID, wanted: Wanted, rows: Sequence[Row], *, exchange: UUID | None = None,
    undoes: UUID | None = None,
) -> None:  # fmt: skip
    """Write a settlement: (debit line, credit line, amount of each, base amount) by row. For acts of this app."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.ledger_settle(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[], %s::uuid[], %s::uuid[], "
            "%s::numeric[], %s::numeric[], %s::numeric[])",
            [company.pk, pk, KEY_PREFIX + wanted.key, wanted.body, wanted.date, exchange, undoes, wanted.reason,
             wanted.source, wanted.source_id, [new_id() for _row in rows], *columns],
        )  # fmt: skip


def _once(key: str, body: bytes, work: Callable[[], UUID]) -> Settled:
    """Do the work unless the key was answered; what depends on the state of the books stays refused under it."""
    company = current_scope().company
    if not key or len(key) > KEY_LIMIT or not key.isprintable():
        raise refusals.BadText(_("A key has 1 to %d printable characters.") % KEY_LIMIT, place="key")
    hold_key(company, KEY_PREFIX + key)
    try:
        with transaction.atomic():
            if answered := _answered(company, key, body):
                return answered
            return Settled(work(), False)
    except DatabaseError as error:
        # A twin that was faster holds the key by now.
        if answered := _answered(company, key, body):
            return answered
        refusal = refusals.refusal_of(error)
        if refusal is None:
            raise
    except Refused as error:
        refusal = error
    if refusal.frozen:
        freeze(company, KEY_PREFIX + key, body, refusal)
    raise refusal


def _answered(company: Company, key: str, body: bytes) -> Settled | None:
    found = Settlement.objects.for_company(company).filter(key=KEY_PREFIX + key)
    if row := found.values_list("id", "body_hash").first():
        if bytes(row[1]) != body:
            raise refusals.KeyReused(_("The key was used before, for another settlement."), place="key")
        return Settled(row[0], True)
    refused_before(company, KEY_PREFIX + key, body)
    return None


def _item(open_item: OpenItem) -> Item:
    return Item(open_item.line_id, open_item.currency, abs(open_item.residual), abs(open_item.base_residual))


def _side(open_item: OpenItem) -> int:
    return 1 if open_item.is_debit else -1


def _check_sides(found: Mapping[UUID, OpenItem], pair: Pair, place: str) -> None:
    debit, credit = found[pair.debit], found[pair.credit]
    if _side(debit) < 0 or _side(credit) > 0:
        raise refusals.CannotAllocate(_("A debit is settled by a credit."), place=place)
    if (debit.account_id, debit.sub_account_id) != (credit.account_id, credit.sub_account_id):
        raise refusals.CannotAllocate(_("Both lines stand on one account and sub-account."), place=place)


def _check_precision(company: Company, found: Mapping[UUID, OpenItem], pair: Pair, place: str) -> None:
    units = chart_of(company).units
    for name, line in (("debit_amount", pair.debit), ("credit_amount", pair.credit)):
        if (amount := getattr(pair, name)) is not None:
            check_amount(amount, units[found[line].currency], f"{place}.{name}")


def _decimals(company: Company) -> int:
    return chart_of(company).units[company.base_currency].decimals


def _text(pair: Pair) -> str:
    amounts = (canonical_number(amount) for amount in (pair.debit_amount, pair.credit_amount))
    return f"{pair.debit} {pair.credit} " + " ".join("-" if amount is None else amount for amount in amounts)


def _hash(fields: Sequence[str]) -> bytes:
    text = "".join(f"{len(field)}:{field}" for field in ("daybook settlement 1", *fields))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
