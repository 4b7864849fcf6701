"""What waits for a person's approval, in each inbox (settings.INBOXES): their tabs, and the number beside them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

from tenants.scope import Scope


class Inbox(NamedTuple):
    """One inbox: what it is called, its page, and how many things wait there for the person."""

    label: Any
    url_name: str
    waiting: int


def inboxes_of(scope: Scope) -> list[Inbox]:
    """Every inbox with what waits for the actor."""
    found = []
    for label, url_name, path in settings.INBOXES:
        count: Callable[[Scope], int] = import_string(path)
        found.append(Inbox(label, url_name, count(scope)))
    return found


def waiting_badge(scope: Scope) -> str:
    """The number of all that waits, beside the inbox in the sidebar (settings.NAVIGATION); empty where nothing does."""
    count = sum(inbox.waiting for inbox in inboxes_of(scope))
    return str(count) if count else ""
