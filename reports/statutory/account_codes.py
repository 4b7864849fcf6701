"""What the accounts are called in the scheme of a format, and which of the accounts in use have no such code."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from uuid import UUID

from accounting.chart import ChartAccount, chart_of
from accounting.mappings import mapping_of
from ledger.balances import balances_at
from reports.statutory.asked import ZERO, AskedExport
from reports.statutory.ledger_lines import moved_accounts
from reports.statutory.refusals import unmapped


def opening_and_closing(asked: AskedExport) -> dict[UUID, tuple[Decimal, Decimal]]:
    """What stands on each account before the days and at their end, signed, in base currency, as known at the block."""
    before, after = balances_at(asked.company, [asked.start - asked.start.resolution, asked.end], known_at=asked.block)
    found: dict[UUID, tuple[Decimal, Decimal]] = {}
    for balance in before:
        opening, closing = found.get(balance.account_id, (ZERO, ZERO))
        found[balance.account_id] = (opening + balance.amount, closing)
    for balance in after:
        opening, closing = found.get(balance.account_id, (ZERO, ZERO))
        found[balance.account_id] = (opening, closing + balance.amount)
    return found


def accounts_in_use(asked: AskedExport, also: Iterable[UUID] = ()) -> list[ChartAccount]:
    """The accounts that have a balance before or after the days, or lines in them, and those named besides, by code;
    no statistical ones."""
    held = {account for account, amounts in opening_and_closing(asked).items() if any(amounts)}
    chart = chart_of(asked.company)
    found = (chart.by_id[account] for account in held | moved_accounts(asked) | set(also))
    return sorted((one for one in found if one.type != "statistical"), key=lambda one: one.code)


def codes_in_use(
    asked: AskedExport, scheme: str, usable: Callable[[str], str], also: Iterable[UUID] = ()
) -> dict[UUID, str]:
    """The code of each account in use, and of those named besides: its mapping, or else its own code.

    `usable` gives a code the form of the format, or says with an empty text that it has none. Refused:
    `unmapped_accounts`, with every account that lacks one.
    """
    mapped = mapping_of(asked.company, scheme)
    found, missing = {}, []
    for account in accounts_in_use(asked, also):
        code = usable(mapped.get(account.id, account.code))
        if code:
            found[account.id] = code
        else:
            missing.append(account.code)
    if missing:
        raise unmapped(scheme.upper(), missing)
    return found
