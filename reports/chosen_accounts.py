"""Accounts as a report's reader chooses them: codes and ranges of codes, “4000-4999, 6100”."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounting.chart import Chart, ChartAccount, UnknownAccount
from reports.statement_layout import within

_CODE = re.compile(r"[^\s%,-]+")


def chosen_accounts(chart: Chart, text: str) -> list[ChartAccount]:
    """The accounts with these codes, and those between the ends of a range; none where nothing is said.

    Refused (`unknown_account`) where a code or a range finds nothing.
    """
    found: dict[str, ChartAccount] = {}
    for piece in filter(None, (part.strip() for part in text.split(","))):
        own = [chart.by_code[piece]] if piece in chart.by_code else _range(chart, piece)
        if not own:
            raise UnknownAccount(_("There is no account “%s”.") % piece, place="accounts")
        found |= {one.code: one for one in own}
    if text.strip() and not found:
        raise UnknownAccount(_("There is no account “%s”.") % text.strip()[:100], place="accounts")
    return list(found.values())


def _range(chart: Chart, piece: str) -> list[ChartAccount]:
    """The accounts of “4000-4999”."""
    first, dash, last = (part.strip() for part in piece.partition("-"))
    if not dash or not _CODE.fullmatch(first) or not _CODE.fullmatch(last):
        return []
    return [
        one for code, one in chart.by_code.items()
        if not one.is_heading and within(code, first, last)
    ]  # fmt: skip


def spans_of(chart: Chart, codes: Sequence[str]) -> str:
    """The same accounts by the ranges of the chart that they fill, as `chosen_accounts` reads them; one by one where a
    range would take in another account."""
    wanted = set(codes)
    runs: list[list[str]] = [[]]
    for code in sorted(code for code, one in chart.by_code.items() if not one.is_heading):
        if code in wanted and _CODE.fullmatch(code):
            runs[-1].append(code)
        elif runs[-1]:
            runs.append([])
    text = ",".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs if run)
    exact = text and {one.code for one in chosen_accounts(chart, text)} == wanted
    return text if exact else ",".join(codes)
