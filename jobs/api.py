"""The API of background jobs: how far they are, what came of them, cancel and retry."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from jobs.api_serializers import JobFilter, JobOut, JobRowOut
from jobs.cancelling import cancel
from jobs.downloads import attachment
from jobs.files import download
from jobs.models import Job
from jobs.retrying import retry
from tenants.api_view import CompanyAPIView
from tenants.etag import etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class AsItIs(BaseRenderer):
    """A file goes out as it is, whatever type the caller hopes for."""

    media_type = "*/*"
    format = "file"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data


class JobListView(CompanyAPIView):
    """The background jobs of a company."""

    serializer_class = JobRowOut
    queryset = Job.objects.none()

    @extend_schema(operation_id="jobs_list", parameters=[JobFilter], responses=JobRowOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The jobs, newest first."""
        asked = JobFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        answer: Response = self.page(Job.objects.for_company(self.company).for_list().filter(**asked.validated_data))
        return answer


class OneJobView(CompanyAPIView):
    """One job; who may cancel and retry it is for the acts to say."""

    serializer_class = JobOut
    queryset = Job.objects.none()
    write_permission = Permission.VIEW_BOOKS

    def job(self, pk: Any) -> Job:
        """The job of this company with the id."""
        found: Job = self.row(Job.objects.for_company(self.company), pk=pk)
        return found

    def answer(self, job: Job) -> Response:
        """The job as it is now."""
        return Response(self.get_serializer(job).data, headers={"ETag": etag_of(job)})


class JobView(OneJobView):
    """One job."""

    write_permission = None

    @extend_schema(operation_id="jobs_retrieve")
    def get(self, request: Any, company: str, pk: Any) -> Response:
        """How far the job is, what came of it, and its files."""
        return self.answer(self.job(pk))


class JobCancelView(OneJobView):
    """Cancel a job."""

    @extend_schema(operation_id="jobs_cancel", request=None, responses=JobOut)
    @idempotent
    def post(self, request: Any, company: str, pk: Any) -> Response:
        """A waiting job ends at once; a running one stops at its next step."""
        return self.answer(cancel(self.job(pk)))


class JobRetryView(OneJobView):
    """Retry a job."""

    @extend_schema(operation_id="jobs_retry", request=None, responses=JobOut)
    @idempotent
    def post(self, request: Any, company: str, pk: Any) -> Response:
        """Queue a failed or cancelled job again; what it did already is not done twice."""
        return self.answer(retry(self.job(pk)))


class JobFileView(OneJobView):
    """A file of a job."""

    permission = Permission.EXPORT
    write_permission = None
    renderer_classes = [AsItIs]

    @extend_schema(operation_id="jobs_file", responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: Any, company: str, pk: Any, name: str) -> HttpResponse:
        """The file; the audit trail notes the download."""
        return attachment(download(self.job(pk), name))
