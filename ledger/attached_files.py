"""The files of a draft or an entry as its page shows them, and who may add or take away."""

from typing import Any
from uuid import UUID

from ledger.attachments import attachments_of
from ledger.models import Draft
from ledger.models.attachments import LARGEST_ATTACHMENT
from tenants.permissions import Permission
from tenants.scope import current_scope


def files_of_draft(draft: Draft) -> dict[str, Any]:
    """What the block of files says on a draft's pages; a posted draft's files belong to its entry."""
    drafts = current_scope().allows(Permission.DRAFT_ENTRIES)
    return {
        **_files(draft_id=draft.pk), "owner": "draft", "owner_id": draft.pk,
        "may_add": drafts and draft.state != Draft.State.POSTED, "may_remove": drafts and draft.is_editable,
    }  # fmt: skip


def files_of_entry(entry_id: UUID) -> dict[str, Any]:
    """What the block of files says on an entry's page: there they stay."""
    posts = current_scope().allows(Permission.POST_ENTRIES)
    return {
        **_files(entry_id=entry_id), "owner": "entry", "owner_id": entry_id, "may_add": posts, "may_remove": False,
    }  # fmt: skip


def _files(**owner: UUID) -> dict[str, Any]:
    files = attachments_of(**owner).defer("sha256").order_by("added_at", "id")
    return {"files": list(files), "largest": LARGEST_ATTACHMENT // 1024**2}
