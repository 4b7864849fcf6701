"""The accounts that an account box offers, as data for the page's script; it ranks them as account_ranking does."""

from typing import Any

from accounting.chart import Chart


def account_choices(chart: Chart, *, to_post: bool = False) -> list[dict[str, Any]]:
    """Code, name, type and only currency of each account; `to_post` leaves out what takes no lines by hand."""
    return [
        {"code": account.code, "name": account.name, "type": account.type, "currency": account.currency}
        for account in chart.by_code.values()
        if not account.is_heading and not (to_post and (account.control or account.status != "active"))
    ]
