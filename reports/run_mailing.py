"""Send a report that was made by itself to the people of its schedule: its files stored, the mail in the outbox."""

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from jobs.mail import StoredFile, send_mail_later
from jobs.models import JobFile
from reports.models import ReportRun
from tenants.fields import new_id


def mail_run(run: ReportRun) -> None:
    """A mail to everybody whom the schedule names, with the files that it asks for; a report is sent once."""
    schedule = run.schedule
    if schedule is None or not schedule.recipients:
        return
    with override(run.company.language):
        subject = _("%(company)s: %(title)s, %(day)s") % {
            "company": _line(run.company.name), "title": _line(run.title), "day": date_format(run.date, "j M Y"),
        }  # fmt: skip
        body = "\n\n".join(_words(run))
    files = [_stored(run, file["name"]) for file in run.files if file["form"] in schedule.forms]
    send_mail_later(
        key=f"report-run:{run.pk}", to=schedule.recipients, subject=subject[:250], body_text=body, attachments=files,
        about="reports_reportrun", about_id=run.pk,
    )  # fmt: skip


def _line(text: str) -> str:
    """Without what a subject cannot hold."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _words(run: ReportRun) -> list[str]:
    words = [_("The report “%s” is attached.") % run.title, *run.problems]
    if settings.PUBLIC_URL:
        words.append(settings.PUBLIC_URL.rstrip("/") + reverse("reports:run-detail", args=[run.company.slug, run.pk]))
    return words


def _stored(run: ReportRun, name: str) -> StoredFile:
    """The file in the storage, where the mail finds it."""
    file = JobFile.objects.for_company(run.company_id).filter(job=run.job_id, name=name).order_by("-id").first()
    path = default_storage.save(f"{run.company_id}/mails/{new_id()}", ContentFile(bytes(file.content)))
    return StoredFile(file.name, file.content_type, path)
