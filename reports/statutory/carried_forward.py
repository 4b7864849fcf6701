"""What a year begins with: the balances of the year before, as the one entry that a format wants them in."""

from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from accounting.chart import chart_of
from reports.statutory.account_codes import opening_and_closing
from reports.statutory.asked import ZERO, AskedExport
from reports.statutory.ledger_lines import sub_account_totals


class CarriedLine(NamedTuple):
    """A balance that is carried forward: signed, in base currency, by sub-account where the account has them."""

    account_id: UUID
    sub_account: str
    sub_account_name: str
    amount: Decimal


def carried_forward(asked: AskedExport) -> list[CarriedLine]:
    """The balances before the first day, by account and sub-account; they add up to nothing.

    Income and expenses begin a year with nothing: what a year that is not closed has left on them is carried forward
    on retained earnings. Refused: `missing_role` (where there is such a result, and no account for it).
    """
    chart = chart_of(asked.company)
    opening = {account: before for account, (before, _after) in opening_and_closing(asked).items()}
    result = ZERO
    for account in [account for account in opening if chart.by_id[account].type in ("income", "expense")]:
        result += opening.pop(account)
    if result:
        earned = chart.in_role("retained_earnings").id
        opening[earned] = opening.get(earned, ZERO) + result
    lines = []
    for found in sub_account_totals(asked):
        if found.opening and found.account_id in opening:
            lines.append(CarriedLine(found.account_id, found.code, found.name, found.opening))
            opening[found.account_id] -= found.opening
    lines += [CarriedLine(account, "", "", amount) for account, amount in opening.items() if amount]
    return sorted(lines, key=lambda line: (chart.by_id[line.account_id].code, line.sub_account))
