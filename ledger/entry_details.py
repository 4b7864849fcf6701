"""Entries with everything that belongs to them: lines, number, seal, what they reverse and what reversed them.

A handful of statements, however many entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from ledger.models import Block, Entry, EntrySeal, Line
from tenants.models import Company


@dataclass(slots=True)
class EntryDetails:
    """One entry and what is known about it."""

    entry: Entry
    lines: list[Line] = field(default_factory=list)
    seal: EntrySeal | None = None
    block: Block | None = None
    reversed_by: UUID | None = None

    @property
    def total(self) -> Decimal:
        """The debits in base currency."""
        return sum((line.amount for line in self.lines if line.amount > 0), Decimal(0))


def entry_details(company: Company, ids: Sequence[UUID]) -> list[EntryDetails]:
    """The company's entries with these ids, in the order asked for; ids of no entry are left out."""
    entries = Entry.objects.for_company(company).filter(pk__in=ids).select_related("journal").defer("body_hash")
    found = {entry.pk: EntryDetails(entry) for entry in entries}
    lines = Line.objects.for_company(company).filter(entry_id__in=found).select_related("account", "sub_account")
    for line in lines.order_by("entry_id", "number"):
        found[line.entry_id].lines.append(line)
    seals = {seal.entry_id: seal for seal in EntrySeal.objects.for_company(company).filter(entry_id__in=found)}
    numbers = {seal.block_number for seal in seals.values()}
    blocks = {block.number: block for block in Block.objects.for_company(company).filter(number__in=numbers)}
    for pk, seal in seals.items():
        found[pk].seal, found[pk].block = seal, blocks.get(seal.block_number)
    reversals = Entry.objects.for_company(company).filter(reverses_id__in=found)
    for original, reversal in reversals.values_list("reverses_id", "id"):
        found[original].reversed_by = reversal
    return [found[pk] for pk in ids if pk in found]
