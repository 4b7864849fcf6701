"""What a posted payment settles: the instalments of its documents, the earliest due first, or another payment."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.chart import chart_of
from invoicing.credit_allocation import hold_lines
from invoicing.models import Instalment, Payment, PaymentPart
from invoicing.totals import rounded
from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.models import Line
from ledger.open_items import OpenItem, open_items
from ledger.refusals import OverAllocated
from tenants.models import Company


def settle_payment(payment: Payment, parts: Sequence[PaymentPart]) -> None:
    """Allocate the payment to what its parts name. Refused: `over_allocated` where less is open."""
    wanted = [part for part in parts if part.amount or part.discount or part.write_off]
    if not wanted:
        return
    company = payment.company
    targets = _targets(company, wanted)
    mine = _own_lines(payment)
    hold_lines(company, [*mine.values(), *(line for lines in targets.values() for line in lines)])
    lines = [line for lines in targets.values() for line in lines]
    found = {item.line_id: item for item in open_items(company, datetime.date.max, lines=lines)}
    pairs: list[Pair] = []
    for part in wanted:
        items = [found[line] for line in targets[part.pk] if line in found]
        pairs += _pairs(payment, part, items, mine)
    date = max([payment.date, *(found[pair.debit].date for pair in pairs if pair.debit in found),
                *(found[pair.credit].date for pair in pairs if pair.credit in found)])  # fmt: skip
    allocate(pairs, date=date, key=f"payment:{payment.pk}:settle", source="payment", source_id=payment.pk,
             reason=payment.reason)  # fmt: skip


def _targets(company: Company, parts: Sequence[PaymentPart]) -> dict[UUID, list[UUID]]:
    """The lines behind each part, in the order in which they fall due."""
    documents = {part.document_id: part.pk for part in parts if part.document_id}
    rows = Instalment.objects.for_company(company).filter(document__in=documents).exclude(line=None)
    found: dict[UUID, list[UUID]] = {part.pk: [] for part in parts}
    for document, line in rows.order_by("due_date", "number").values_list("document_id", "line_id"):
        found[documents[document]].append(line)
    for part in parts:
        if part.refunds is not None and part.refunds.line_id:
            found[part.pk].append(part.refunds.line_id)
    return found


def _own_lines(payment: Payment) -> dict[str, UUID]:
    """The payment's lines on the contact's account, by currency."""
    rows = Line.objects.for_company(payment.company).filter(
        entry=payment.entry_id, sub_account__contact=payment.contact_id
    )
    return {currency: pk for pk, currency in rows.order_by("-number").values_list("pk", "currency")}


def _pairs(payment: Payment, part: PaymentPart, items: Sequence[OpenItem], mine: Mapping[str, UUID]) -> list[Pair]:
    """How the part goes over the open items: first the money, then what is let go."""
    target = part.document if part.document is not None else part.refunds
    currency = target.currency if target is not None else payment.currency
    left = {item.line_id: abs(item.residual) for item in items}
    wanted = part.amount + part.discount + part.write_off
    if wanted > sum(left.values(), Decimal(0)):
        open_now = sum(left.values(), Decimal(0))
        message = _("Only %(left)s of %(target)s is open.") % {"left": f"{open_now.normalize():f}", "target": target}
        raise OverAllocated(message, place=f"parts[{part.number - 1}].amount")
    if currency == payment.currency:
        return _over(payment, items, left, wanted, mine[currency])
    money = _across(payment, part, items, left, mine[payment.currency])
    let_go = part.discount + part.write_off
    return money + (_over(payment, items, left, let_go, mine[currency]) if let_go else [])


def _over(
    payment: Payment, items: Sequence[OpenItem], left: dict[UUID, Decimal], amount: Decimal, own: UUID
) -> list[Pair]:
    """So much over the items in their order, in one currency."""
    pairs = []
    for item in items:
        taken = min(amount, left[item.line_id])
        if taken:
            pairs.append(_pair(item, own, taken, taken))
            left[item.line_id] -= taken
            amount -= taken
    return pairs


def _across(
    payment: Payment, part: PaymentPart, items: Sequence[OpenItem], left: dict[UUID, Decimal], own: UUID
) -> list[Pair]:
    """The money over items of another currency: each takes its share of what is spent, the last one the rest."""
    decimals = chart_of(payment.company).units[payment.currency].decimals
    amount, spent, pairs = part.amount, part.spent, []
    for item in items:
        taken = min(amount, left[item.line_id])
        if not taken:
            continue
        share = spent if taken == amount else rounded(Fraction(spent) * Fraction(taken) / Fraction(amount), decimals)
        pairs.append(_pair(item, own, taken, share))
        left[item.line_id] -= taken
        amount, spent = amount - taken, spent - share
    return pairs


def _pair(item: OpenItem, own: UUID, taken: Decimal, spent: Decimal) -> Pair:
    if item.is_debit:
        return Pair(item.line_id, own, taken, spent)
    return Pair(own, item.line_id, spent, taken)
