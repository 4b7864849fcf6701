"""Files of drafts and entries: kept by Django's storage outside the database, their hash, size and type inside."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from ledger.drafts import DraftSettled, held_draft
from ledger.models import Attachment, Draft, Entry
from ledger.models.attachments import LARGEST_ATTACHMENT
from ledger.refusals import EntryNotFound
from ledger.resolving import check_text
from tenants.audit_trail import note_read
from tenants.fields import new_id
from tenants.permissions import Permission
from tenants.refusal import NotFound, Refused
from tenants.scope import current_scope

# What a file begins with -> its type. What is none of these is no document, whatever its name says.
TYPES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"<?xml", "application/xml"),
)
OFFICE = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
}
TEXTS = {".txt": "text/plain", ".csv": "text/csv", ".eml": "message/rfc822"}
MOST = 100


class BadAttachment(Refused):
    """The file is empty, too large, of a type that is not taken, or was refused by the virus scanner."""

    code = "bad_attachment"


class AttachmentNotFound(NotFound):
    """No such attachment."""


class AttachmentDamaged(Refused):
    """What the storage holds is not what was handed in."""

    code = "attachment_damaged"
    status = 500


def attach(name: str, content: bytes, *, draft_id: UUID | None = None, entry_id: UUID | None = None) -> Attachment:
    """Keep a file with a draft (or, for who may post, with an entry). Refused: `bad_attachment`, `not_found`.

    It is written to the storage first: a transaction that fails leaves a file that nothing names, never a row without
    its file.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES if draft_id else Permission.POST_ENTRIES)
    _check_owner(draft_id, entry_id)
    return keep_file(name, content, draft_id=draft_id, entry_id=entry_id)


def keep_file(name: str, content: bytes, **owner: Any) -> Attachment:
    """Keep a file with a row that the caller has looked at: `draft_id`, `entry_id`, or `source` and `source_id`.
    Refused: `bad_attachment`."""
    scope = current_scope()
    plain = name.replace("\\", "/").rpartition("/")[2].strip()[:200]
    content_type = _check(plain, content)
    if Attachment.objects.for_company(scope.company).filter(**owner).count() >= MOST:
        raise BadAttachment(_("At most %d files.") % MOST, place="file")
    pk = new_id()
    path = default_storage.save(f"{scope.company.pk}/{pk}", ContentFile(content))
    made: Attachment = Attachment.objects.create(
        id=pk, company=scope.company, **owner, name=plain, content_type=content_type, size=len(content),
        sha256=hashlib.sha256(content).digest(), path=path, added_by=scope.actor.name[:200],
    )  # fmt: skip
    return made


def content_of_upload(upload: UploadedFile) -> bytes:
    """What was handed in. Refused (`bad_attachment`) before it is read, where it is too large."""
    if (upload.size or 0) > LARGEST_ATTACHMENT:
        raise _wrong_size()
    content: bytes = upload.read()
    return content


def content_of(attachment_id: UUID) -> tuple[Attachment, bytes]:
    """A file with its content, compared with its hash; the reading is noted. Refused: `not_found`."""
    found = _attachment(attachment_id)
    note_read("ledger_attachment", found.pk, {"name": found.name})
    try:
        with default_storage.open(found.path) as file:
            content: bytes = file.read()
    except OSError as error:
        raise AttachmentDamaged(_("The file “%s” is not in the storage.") % found.name) from error
    if hashlib.sha256(content).digest() != bytes(found.sha256):
        raise AttachmentDamaged(_("The file “%s” is not what was handed in.") % found.name)
    return found, content


def remove_attachment(attachment_id: UUID) -> None:
    """Take a file of a draft away; that of a posted entry stays. Refused: `not_found`, `draft_settled`."""
    current_scope().require(Permission.DRAFT_ENTRIES)
    found = _attachment(attachment_id)
    if found.entry_id is not None or found.draft_id is None:
        raise DraftSettled(_("Only a file of a draft is removed here; that of a posted entry stays."))
    with transaction.atomic():
        if not held_draft(found.draft_id).is_editable:
            raise DraftSettled(_("The draft is handed over: take it back first."))
        drop_file(found)


def drop_file(found: Attachment) -> None:
    """Remove a file that its caller has found removable: its row, and after the commit what it holds."""
    found.delete()
    path = found.path
    transaction.on_commit(lambda: default_storage.delete(path))


def hand_over(draft: Draft, entry_id: UUID) -> None:
    """The files of a draft belong to the entry that it became; in the transaction that posts it."""
    Attachment.objects.for_company(draft.company_id).filter(draft=draft, entry=None).update(entry=entry_id)


def attachments_of(**owner: Any) -> Any:
    """The files of a draft (`draft_id`), an entry (`entry_id`) or a row of another app (`source`, `source_id`)."""
    return Attachment.objects.for_company(current_scope().company).filter(**owner)


def _attachment(attachment_id: UUID) -> Attachment:
    found: Attachment | None = Attachment.objects.for_company(current_scope().company).filter(pk=attachment_id).first()
    if found is None:
        raise AttachmentNotFound(_("There is no such file."))
    return found


def _check(name: str, content: bytes) -> str:
    check_text(name, "file", 200)
    if not name:
        raise BadAttachment(_("The file has no name."), place="file")
    if not content or len(content) > LARGEST_ATTACHMENT:
        raise _wrong_size()
    content_type = _type_of(name, content)
    if not content_type:
        raise BadAttachment(_("Files are PDF, images, office documents, XML, text, mail or ZIP."), place="file")
    if settings.VIRUS_SCAN:
        scan: Callable[[str, bytes], str] = import_string(settings.VIRUS_SCAN)
        if found := scan(name, content):
            raise BadAttachment(_("The virus scanner refuses the file: %s") % found, place="file")
    return content_type


def _wrong_size() -> BadAttachment:
    return BadAttachment(_("A file has 1 byte to %d MB.") % (LARGEST_ATTACHMENT // 1024**2), place="file")


def _type_of(name: str, content: bytes) -> str:
    """By what the file holds; its ending only tells documents in one container, and texts, apart."""
    ending = f".{name.rpartition('.')[2].lower()}"
    found = next((kind for start, kind in TYPES if content.startswith(start)), "")
    if found == "application/zip":
        return OFFICE.get(ending, found)
    if found or ending not in TEXTS or b"\x00" in content:
        return found
    return TEXTS[ending]


def _check_owner(draft_id: UUID | None, entry_id: UUID | None) -> None:
    company = current_scope().company
    if draft_id is not None:
        if held_draft(draft_id).state == Draft.State.POSTED:
            raise DraftSettled(_("The draft is posted: add the file to its entry."))
    elif not Entry.objects.for_company(company).filter(pk=entry_id).exists():
        raise EntryNotFound(_("There is no such entry."))
