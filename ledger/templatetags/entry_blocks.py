"""Blocks of the pages of entries and drafts: their files, their open items, and what is spread from them."""

from typing import Any

from django import template

from ledger.attached_files import files_of_draft, files_of_entry
from ledger.items_of_entry import deferrals_of_entry, items_of_entry, spreadable_line
from ledger.models import Draft, Entry

register = template.Library()


@register.inclusion_tag("ledger/attachments.html", takes_context=True)
def draft_files(context: Any, draft: Draft) -> dict[str, Any]:
    """The files of a draft."""
    return {**_shell(context), "block": files_of_draft(draft)}


@register.inclusion_tag("ledger/attachments.html", takes_context=True)
def entry_files(context: Any, entry: Entry) -> dict[str, Any]:
    """The files of an entry."""
    return {**_shell(context), "block": files_of_entry(entry.pk)}


@register.inclusion_tag("ledger/entry_items.html", takes_context=True)
def entry_items(context: Any, entry: Entry) -> dict[str, Any]:
    """What is open of the lines of an entry, what settled them, and what is spread from it."""
    company = context["company"]
    deferrals = deferrals_of_entry(company, entry.pk)
    return {
        **_shell(context), "entry": entry, "items": items_of_entry(company, entry.pk), "deferrals": deferrals,
        "spreadable": None if deferrals else spreadable_line(company, entry.pk),
    }  # fmt: skip


def _shell(context: Any) -> dict[str, Any]:
    return {name: context.get(name) for name in ("company", "scope", "csrf_token", "request")}
