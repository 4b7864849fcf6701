"""Limits and the holds under them as lists show them: balance, what is held, what is free, and how holds ended."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from accounting.amounts import amount_text
from accounting.chart import chart_of
from ledger.models import Entry, Hold, HoldEnd, Limit
from tenants.models import Company
from tenants.templatetags.daybook import money

OPEN = "held"


def list_limits(company: Company, *, account: Any = None) -> Any:
    """The company's limits by account, each with `free_down` and `free_up`: how far the balance may still move."""
    rows = Limit.objects.for_company(company).select_related("account", "sub_account")
    if account:
        rows = rows.filter(account_id=account)
    rows = rows.annotate(
        free_down=F("balance") + F("held_down") - F("floor"), free_up=F("ceiling") - F("balance") - F("held_up")
    )
    return rows.order_by("account__code", F("sub_account__code").asc(nulls_first=True), "currency", "id")


def with_decimals(company: Company, limits: Any) -> list[Any]:
    """The limits with the decimals of their currency, and their bounds as text: a bound of zero is no dash."""
    units = chart_of(company).units
    found = list(limits)
    for limit in found:
        limit.decimals = units[limit.currency].decimals
        for name in ("floor", "ceiling"):
            bound = getattr(limit, name)
            text = "" if bound is None else money(bound, limit.decimals) if bound else f"{bound:.{limit.decimals}f}"
            setattr(limit, f"{name}_text", text)
    return found


def limit_register(company: Company, rows: Any) -> Iterator[list[Any]]:
    """The limits for a file, one row each; memory stays flat."""
    yield ["Account", "Account name", "Sub-account", "Currency", "Floor", "Ceiling", "Balance", "Held, downwards",
           "Held, upwards", "Free, downwards", "Free, upwards", "Limit"]  # fmt: skip
    units = chart_of(company).units
    for one in rows.iterator(chunk_size=1000):
        amounts = (one.floor, one.ceiling, one.balance, one.held_down, one.held_up, one.free_down, one.free_up)
        texts = ["" if amount is None else amount_text(amount, units[one.currency].decimals) for amount in amounts]
        sub = one.sub_account.code if one.sub_account else ""
        yield [one.account.code, one.account.name, sub, one.currency, *texts, one.pk]


def list_holds(company: Company, limit: Limit, *, state: str = "") -> Any:
    """The holds under a limit, the latest first, each with `outcome`, `ended_by`, `ended_at` and `end_reason`."""
    ends = HoldEnd.objects.for_company(company).filter(hold_id=OuterRef("pk"))
    rows = Hold.objects.for_company(company).filter(limit=limit).annotate(
        outcome=Subquery(ends.values("outcome")[:1]), ended_by=Subquery(ends.values("actor_name")[:1]),
        ended_at=Subquery(ends.values("at")[:1]), end_reason=Subquery(ends.values("reason")[:1]),
    )  # fmt: skip
    wanted = Q(outcome=None) if state == OPEN else Q(outcome=state) if state else Q()
    return rows.filter(wanted).order_by("-held_at", "-id")


def name_entries(company: Company, holds: list[Any]) -> None:
    """Say of each posted hold which entry it became, in one statement: its `posted_entry`."""
    ids = [one.pk for one in holds if one.outcome == HoldEnd.Outcome.POSTED]
    found = Entry.objects.for_company(company).filter(source="hold", source_id__in=ids)
    entries = dict(found.values_list("source_id", "id"))
    for one in holds:
        one.posted_entry = entries.get(one.pk)


def hold_register(rows: Any, decimals: int) -> Iterator[list[Any]]:
    """The holds under a limit for a file, one row each; memory stays flat."""
    yield ["Held at", "Held by", "Amount", "Memo", "Expires", "State", "Ended at", "Ended by", "Reason", "Hold"]
    for one in rows.iterator(chunk_size=1000):
        yield [
            one.held_at.isoformat(), one.actor_name, amount_text(one.amount, decimals), one.memo,
            one.expires_at.isoformat() if one.expires_at else "", one.outcome or OPEN,
            one.ended_at.isoformat() if one.ended_at else "", one.ended_by or "", one.end_reason or "", one.pk,
        ]  # fmt: skip
