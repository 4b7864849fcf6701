"""A file of a job as an HTTP answer."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from jobs.models import JobFile


def attachment(file: JobFile) -> HttpResponse:
    """The file to be saved, never to be shown: a browser must not run what somebody handed in."""
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
