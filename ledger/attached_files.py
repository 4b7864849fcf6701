"""The files of a draft or an entry as its page shows them, and who may add or take away."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse

from ledger.attachments import attachments_of
from ledger.models import Draft
from ledger.models.attachments import LARGEST_ATTACHMENT
from tenants.permissions import Permission
from tenants.scope import current_scope


def files_of_draft(draft: Draft) -> dict[str, Any]:
    """What the block of files says on a draft's pages; a posted draft's files belong to its entry."""
    drafts = current_scope().allows(Permission.DRAFT_ENTRIES)
    add = _address("ledger:draft-attach", draft.pk) if drafts and draft.state != Draft.State.POSTED else ""
    remove = (lambda file: _address("ledger:attachment-remove", file)) if drafts and draft.is_editable else None
    return files_block(add, remove, draft_id=draft.pk)


def files_of_entry(entry_id: UUID) -> dict[str, Any]:
    """What the block of files says on an entry's page: there they stay."""
    posts = current_scope().allows(Permission.POST_ENTRIES)
    add = _address("ledger:entry-attach", entry_id) if posts else ""
    return files_block(add, None, stay=True, entry_id=entry_id)


def files_block(
    add: str, remove: Callable[[UUID], str] | None, *, stay: bool = False, **owner: Any
) -> dict[str, Any]:  # fmt: skip
    """What the block of files says: where one is added and removed, if it may be; `stay`: what is added stays."""
    files = list(attachments_of(**owner).defer("sha256").order_by("added_at", "id"))
    for file in files:
        file.remove_at = remove(file.pk) if remove else ""
    return {
        "files": files, "largest": LARGEST_ATTACHMENT // 1024**2, "add_at": add, "may_remove": remove is not None,
        "stay": stay,
    }  # fmt: skip


def _address(name: str, pk: UUID) -> str:
    return reverse(name, args=[current_scope().company.slug, pk])
