"""Post many documents in the background: in batches, and each for itself where a batch is refused."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from invoicing.document_posting import post_documents
from invoicing.models import BOOKED, Document
from invoicing.refusals import DocumentRefused
from jobs.enqueue import enqueue
from jobs.models import Job
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

KIND = "invoicing.post_documents"
MOST = 20_000
BATCH = 200
TOLD = 1_000


def ask_to_post(document_ids: Sequence[UUID], *, key: str = "") -> Job:
    """Start posting documents, numbered by date and then in the order in which they were made.

    The same key is the same job. Refused: `invalid_document` (none named, too many), `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    rows = Document.objects.for_company(scope.company).filter(pk__in=document_ids, kind__in=BOOKED)
    ids = list(rows.order_by("date", "id").values_list("pk", flat=True)) if len(document_ids) <= MOST else []
    if not ids:
        raise DocumentRefused(_("Name 1 to %s documents.") % f"{MOST:,}", place="documents")
    return enqueue(KIND, {"documents": [str(pk) for pk in ids]}, key=key and f"post-documents:{key}")


def run_posting(job: "RunningJob") -> dict[str, Any]:
    """The background job. Run again after a crash, it finds posted what it has posted, and goes on."""
    ids = [UUID(pk) for pk in job.parameters["documents"]]
    refused: list[dict[str, str]] = []
    for start in range(0, len(ids), BATCH):
        job.progress(start, len(ids), _("Posting"))
        batch = ids[start : start + BATCH]
        if _refusal(job, batch) is not None:
            for pk in batch:
                if (refusal := _refusal(job, [pk])) is not None:
                    refused.append({"document": str(pk), "code": refusal.code, "message": refusal.message})
    job.progress(len(ids), len(ids), _("Posted"))
    return {"posted": len(ids) - len(refused), "refused": len(refused), "refusals": refused[:TOLD]}


def _refusal(job: "RunningJob", ids: Sequence[UUID]) -> Refused | None:
    with company_scope(job.company, actor=job.actor, act="post documents"):
        try:
            post_documents(ids)
        except Refused as refusal:
            return refusal
    return None
