"""hledger transactions completed: assigned and elided amounts found, conversions inferred, the balance checked."""

from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal

from accounting.written_numbers import Unreadable
from ledger.parsers.hledger_amounts import Amount
from ledger.parsers.hledger_lines import Transaction, plain_tags
from ledger.parsers.hledger_postings import Posting
from ledger.parsers.journal import ParsedLine, ParsedTransaction
from ledger.parsers.numerals import ZERO, quotient, without_dust

Sums = dict[str, Decimal]


@dataclass(slots=True)
class Books:
    """What the accounts hold so far, and how finely each commodity is counted."""

    decimals: dict[str, int] = field(default_factory=dict)
    held: dict[str, Sums] = field(default_factory=dict)

    def add(self, account: str, quantity: Decimal, commodity: str) -> None:
        """Put a quantity into an account."""
        sums = self.held.setdefault(account, {})
        sums[commodity] = sums.get(commodity, ZERO) + quantity

    def of(self, account: str, *, with_children: bool) -> Sums:
        """What an account holds, alone or with everything below it."""
        if not with_children:
            return self.held.get(account, {})
        total: Sums = {}
        for name, sums in self.held.items():
            if name == account or name.startswith(f"{account}:"):
                for commodity, quantity in sums.items():
                    total[commodity] = total.get(commodity, ZERO) + quantity
        return total


def complete(transaction: Transaction, books: Books) -> ParsedTransaction:
    """Return one transaction whole and balanced; real and bracketed postings balance each for themselves."""
    for posting in transaction.postings:
        if posting.kind == "virtual":
            message = f"The virtual posting of {posting.account} balances with nothing: it is no double entry."
            raise Unreadable("virtual_posting", message, posting.place)
    _assign(transaction.postings, books)
    done: list[Posting] = []
    residue: Sums = {}
    for kind in ("real", "balanced"):
        postings = [posting for posting in transaction.postings if posting.kind == kind]
        whole = _without_gaps(postings)
        _infer_conversion(whole)
        for commodity, left in _checked_residue(whole, books).items():
            residue[commodity] = residue.get(commodity, ZERO) + left
        done.extend(whole)
    done.sort(key=lambda posting: posting.place)
    lines = tuple(_line(posting) for posting in done if posting.amount and posting.amount.commodity)
    tags = transaction.tags
    return ParsedTransaction(
        date=transaction.date,
        memo=transaction.memo,
        payee=transaction.payee,
        reference=tags.get("reference") or transaction.code,
        tags=plain_tags(transaction),
        lines=lines,
        residue=residue,
        place=transaction.place,
        journal=tags.get("journal", ""),
    )


def _assign(postings: list[Posting], books: Books) -> None:
    """A posting with an assertion and no amount moves what is missing to make the assertion true."""
    for at, posting in enumerate(postings):
        assertion = posting.assertion
        if posting.amount is not None or assertion is None:
            continue
        held = dict(books.of(posting.account, with_children=assertion.with_children))
        for earlier in postings[:at]:
            if earlier.amount is None and earlier.account == posting.account:
                raise Unreadable("balance_assignment", "An amount before this assignment is left out.", posting.place)
            if earlier.amount is not None and _counts_for(earlier.account, posting):
                commodity = earlier.amount.commodity
                held[commodity] = held.get(commodity, ZERO) + earlier.amount.quantity
        wanted = assertion.amount
        others = [commodity for commodity, held_ in held.items() if held_ and commodity != wanted.commodity]
        if assertion.sole and others:
            raise Unreadable("balance_assignment", f"{posting.account} also holds {others[0]}.", posting.place)
        posting.amount = Amount(wanted.quantity - held.get(wanted.commodity, ZERO), wanted.commodity)


def _counts_for(account: str, posting: Posting) -> bool:
    assertion = posting.assertion
    below = assertion is not None and assertion.with_children and account.startswith(f"{posting.account}:")
    return account == posting.account or below


def _without_gaps(postings: list[Posting]) -> list[Posting]:
    gaps = [posting for posting in postings if posting.amount is None]
    if len(gaps) > 1:
        raise Unreadable("ambiguous_elided_amount", "Two amounts are left out: only one can be found.", gaps[1].place)
    for posting in postings:
        _weigh(posting)
        if posting.amount and posting.amount.quantity and not posting.amount.commodity:
            raise Unreadable("missing_commodity", f"The amount of {posting.account} names no commodity.", posting.place)
    if not gaps:
        return postings
    whole = [posting for posting in postings if posting is not gaps[0]]
    for commodity, left in _sums(whole).items():
        if left:
            part = copy(gaps[0])
            part.amount = Amount(-left, commodity)
            whole.append(part)
    return whole


def _weigh(posting: Posting) -> None:
    amount, cost = posting.amount, posting.cost
    if amount is None or cost is None:
        return
    if not posting.cost_of_whole:
        posting.weight = amount.quantity * cost.quantity
    else:
        posting.weight = -cost.quantity if amount.quantity < 0 else cost.quantity


def _sums(postings: list[Posting]) -> Sums:
    """What the postings weigh together, by the commodity they weigh in."""
    sums: Sums = {}
    for posting in postings:
        amount, cost = posting.amount, posting.cost
        if amount is None:
            continue
        if cost is not None and posting.weight is not None:
            sums[cost.commodity] = sums.get(cost.commodity, ZERO) + posting.weight
        else:
            sums[amount.commodity] = sums.get(amount.commodity, ZERO) + amount.quantity
    return sums


def _infer_conversion(postings: list[Posting]) -> None:
    """Two commodities without any cost: the first was exchanged for the second, whole against whole."""
    sums = {commodity: left for commodity, left in _sums(postings).items() if left}
    commodities = {posting.amount.commodity for posting in postings if posting.amount and posting.amount.quantity}
    if len(sums) != 2 or len(commodities) != 2 or any(posting.cost for posting in postings):
        return
    (first, given), (second, taken) = sums.items()
    if (given < 0) == (taken < 0):
        return
    exchanged = [posting for posting in postings if posting.amount and posting.amount.commodity == first]
    left = -taken
    for posting in exchanged[:-1]:
        assert posting.amount is not None
        posting.weight = quotient(posting.amount.quantity * -taken, given)
        left -= posting.weight
    # The last one takes what the divisions left, so that nothing is lost.
    exchanged[-1].weight = left
    for posting in exchanged:
        posting.cost = Amount(abs(taken), second)


def _checked_residue(postings: list[Posting], books: Books) -> Sums:
    """What is left over; each commodity must be zero at the decimals it is displayed with."""
    residue = {commodity: left for commodity, left in _sums(postings).items() if without_dust(left)}
    for commodity, left in residue.items():
        decimals = books.decimals.get(commodity)
        if decimals is None:
            decimals = _decimals_written(postings, commodity)
        if left.quantize(Decimal(1).scaleb(-decimals)):
            raise Unreadable("unbalanced", f"The transaction is out of balance by {left:f} {commodity}.")
    return residue


def _decimals_written(postings: list[Posting], commodity: str) -> int:
    costs = [posting.cost for posting in postings if posting.cost and posting.cost.commodity == commodity]
    return max((decimals_of(cost.quantity) for cost in costs), default=0)


def decimals_of(number: Decimal) -> int:
    """The decimals a number was written with."""
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _line(posting: Posting) -> ParsedLine:
    amount = posting.amount
    assert amount is not None
    currency = posting.cost.commodity if posting.cost and posting.weight is not None else None
    return ParsedLine(
        posting.account,
        amount.quantity,
        amount.commodity,
        posting.weight,
        currency,
        posting.memo,
        posting.place,
        posting.sub_account,
        posting.dimensions,
    )
