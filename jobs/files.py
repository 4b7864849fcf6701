"""The files of a job: handed in with it, or made by it; kept in the database, inside its transactions."""

import dataclasses
import hashlib
import re
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from jobs.models import LARGEST_FILE, Job, JobFile
from tenants.refusal import NotFound, Refused

_NAME = re.compile(r"[^\x00-\x1f\x7f/\\\ud800-\udfff]{1,200}")
_CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(; ?[A-Za-z0-9-]+=[A-Za-z0-9\"._-]+)*")
UNKNOWN_TYPE = "application/octet-stream"


class FileTooLarge(Refused):
    """A file of a job has at most 50 MB."""

    code = "file_too_large"
    status = 413


class BadFileName(Refused):
    """The name of a file is empty, too long, or has a slash or a control character."""

    code = "bad_file_name"


@dataclasses.dataclass(frozen=True, slots=True)
class NewFile:
    """A file to hand in with a job."""

    name: str
    content: bytes
    content_type: str = UNKNOWN_TYPE


def keep_file(job: Job, role: str, file: NewFile) -> JobFile:
    """Keep a file with the job, in the running transaction. The same content under the same name is kept once.

    Refused: `file_too_large`, `bad_file_name`.
    """
    if len(file.content) > LARGEST_FILE:
        raise FileTooLarge(_("“%s” is larger than 50 MB.") % file.name, place="file")
    if not _NAME.fullmatch(file.name) or file.name in {".", ".."}:
        raise BadFileName(_("A file name has 1 to 200 characters and no slash."), place="file")
    content_type = file.content_type if _CONTENT_TYPE.fullmatch(file.content_type[:101]) else UNKNOWN_TYPE
    sha256 = hashlib.sha256(file.content).digest()
    latest = _named(job, role, file.name)
    if latest is not None and bytes(latest.sha256) == sha256 and latest.content_type == content_type:
        return latest
    return JobFile.objects.create(
        company_id=job.company_id, job=job, role=role, name=file.name, content_type=content_type[:100],
        content=file.content, sha256=sha256, size=len(file.content),
    )  # fmt: skip


def files_of(job: Job) -> list[JobFile]:
    """The job's files without their content, the latest of each name."""
    files = JobFile.objects.for_company(job.company_id).filter(job=job).defer("content")
    return list(files.order_by("role", "name", "-id").distinct("role", "name"))


def content_of(job: Job, name: str, role: str) -> bytes:
    """What the file holds; `not_found` where the job has no such file."""
    return bytes(_existing(job, name, [role]).content)


def download(job: Job, name: str) -> JobFile:
    """A file of the job with its content, for a person or a program; the trail notes who took it."""
    file = _existing(job, name, [JobFile.Role.OUTPUT, JobFile.Role.INPUT])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.tenants_note_read('jobs_jobfile', %s, jsonb_build_object('file', %s::text))",
            [file.pk, file.name],
        )
    return file


def _existing(job: Job, name: str, roles: list[Any]) -> JobFile:
    for role in roles:
        if file := _named(job, role, name, content=True):
            return file
    raise NotFound(_("The job has no file “%s”.") % name, place="file")


def _named(job: Job, role: str, name: str, content: bool = False) -> JobFile | None:
    if not _NAME.fullmatch(name):
        return None
    files = JobFile.objects.for_company(job.company_id).filter(job=job, role=role, name=name).order_by("-id")
    found: JobFile | None = (files if content else files.defer("content")).first()
    return found
