"""The API of kept reports: ask for one, comment on it, reject it, verify it; people sign it off on its page."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.api_serializers import checked
from jobs.api_serializers import JobOut, ListFilter
from ledger.api_imports import JournalFileAPIView
from ledger.api_keys import kept_apart
from reports.catalogue import CATALOGUE
from reports.models import ReportDecision, ReportRun
from reports.report_files import FORMATS
from reports.report_runs import ask_for_report
from reports.reverification import verify_run
from reports.run_decisions import RunNotFound, comment_on, reject
from reports.run_listing import STATES, list_runs
from tenants.api_fields import SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission


class ReportRunIn(StrictSerializer):
    """A report of the catalogue, and what is asked of it in the words of its own address, `start` for its first day."""

    report = serializers.ChoiceField(choices=list(CATALOGUE))
    asked = serializers.DictField(child=TextField(max_length=4000), help_text="`date`, and what the report heeds.")
    forms = serializers.ListField(child=serializers.ChoiceField(choices=list(FORMATS)), required=False)
    title = TextField(max_length=200, required=False, allow_blank=True)


class ReportFileOut(serializers.Serializer[Any]):
    form = serializers.CharField()
    name = serializers.CharField(help_text="Of the file of the job.")
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class ReportRunOut(SparseFields, serializers.ModelSerializer[ReportRun]):
    state = serializers.ChoiceField(choices=list(STATES), read_only=True)
    asked = serializers.DictField(read_only=True)
    figures_hash = serializers.SerializerMethodField(help_text="SHA-256 over all figures, hexadecimal.")
    problems = serializers.ListField(child=serializers.CharField(), read_only=True)
    files = ReportFileOut(many=True, read_only=True)

    class Meta:
        model = ReportRun
        fields = read_only_fields = [
            "id", "report", "title", "state", "asked", "start", "date", "block_number", "figures_hash", "row_count",
            "problems", "files", "job", "schedule", "occurrence", "made_by", "made_at",
        ]  # fmt: skip

    def get_figures_hash(self, run: ReportRun) -> str:
        """As text."""
        return bytes(run.figures_hash).hex()


class ReportDecisionIn(StrictSerializer):
    comment = TextField(max_length=10_000, required=False, allow_blank=True)


class ReportDecisionOut(serializers.ModelSerializer[ReportDecision]):
    class Meta:
        model = ReportDecision
        fields = read_only_fields = ["id", "kind", "comment", "by", "at"]


class DifferenceOut(serializers.Serializer[Any]):
    label: Any = serializers.CharField()
    kept = serializers.ListField(child=serializers.JSONField(), allow_null=True)
    now = serializers.ListField(child=serializers.JSONField(), allow_null=True)


class ShapingOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    what = serializers.CharField()
    changed = serializers.ListField(child=serializers.CharField(), help_text="The fields.")


class VerificationOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    files_changed = serializers.ListField(child=serializers.CharField())
    is_same_at_block = serializers.BooleanField(
        allow_null=True, help_text="Made again as known then, every figure is the same; null where that cannot be."
    )
    problem = serializers.CharField(help_text="Why it cannot be made again; empty where it can.")
    shaped = ShapingOut(many=True, help_text="What it is laid out by and was changed since, where it is another then.")
    is_same_today = serializers.BooleanField()
    columns = serializers.ListField(child=serializers.CharField(), help_text="Of the figures of a difference.")
    differences = DifferenceOut(many=True, help_text="At most 200.")
    difference_count = serializers.IntegerField()


class RunFilter(ListFilter):
    """How the list may be narrowed."""

    report = serializers.ChoiceField(choices=list(CATALOGUE), required=False)
    state = serializers.ChoiceField(choices=list(STATES), required=False)


class ReportRunListView(JournalFileAPIView):
    """Kept reports."""

    serializer_class: Any = ReportRunOut
    queryset: Any = ReportRun.objects.none()
    permission = Permission.VIEW_BOOKS
    write_permission = Permission.EXPORT
    ordering = ("-made_at", "-id")

    def get_serializer_class(self) -> Any:
        """What is asked for is a job; what is listed are reports."""
        return JobOut if self.request.method == "POST" else ReportRunOut

    @extend_schema(operation_id="report_runs_list", summary="List kept reports", parameters=[RunFilter],
                   responses=ReportRunOut(many=True))  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """The newest first."""
        asked = RunFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        answer: Response = self.page(list_runs(self.company, **asked.validated_data))
        return answer

    @extend_schema(operation_id="report_runs_start", summary="Make a report and keep it", request=ReportRunIn,
                   responses={202: JobOut})  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """In the background, as known at the last block; the finished job names the report in `result.run`."""
        said, given = checked(ReportRunIn, request.data), idempotency_key(request)
        job = ask_for_report(
            said["report"], said["asked"], forms=said.get("forms", ["pdf", "xlsx"]), title=said.get("title", ""),
            key=kept_apart(given) if given else "",
        )  # fmt: skip
        return self.accepted(request, job)


class ReportRunAPIView(CompanyAPIView):
    """A view about one kept report."""

    serializer_class: Any = ReportRunOut
    queryset = ReportRun.objects.none()
    write_permission = Permission.EXPORT

    def run_found(self, pk: UUID) -> ReportRun:
        """The report with its state; `not_found` where there is none."""
        found: ReportRun | None = list_runs(self.company).filter(pk=pk).first()
        if found is None:
            raise RunNotFound("There is no such report.")
        return found


class ReportRunView(ReportRunAPIView):
    """One kept report."""

    @extend_schema(operation_id="report_runs_retrieve", summary="Show a kept report")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """What was asked, the block, the hash of its figures, and its files, which its job hands out."""
        return Response(self.get_serializer(self.run_found(pk)).data)


class ReportRunVerificationView(ReportRunAPIView):
    """A kept report beside the books."""

    serializer_class: Any = VerificationOut
    permission = Permission.EXPORT

    @extend_schema(operation_id="report_runs_verify", summary="Verify a kept report", responses=VerificationOut)
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """Made again as known at its block and as known today, and compared with what was kept."""
        return Response(VerificationOut(verify_run(self.run_found(pk))).data)


class ReportRunDecisionsView(ReportRunAPIView):
    """What was decided about a kept report."""

    serializer_class: Any = ReportDecisionOut
    queryset = ReportDecision.objects.none()
    ordering = ("at", "id")

    @extend_schema(operation_id="report_runs_decisions", summary="List what was decided about a report",
                   responses=ReportDecisionOut(many=True))  # fmt: skip
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """Comments included, the oldest first."""
        rows = ReportDecision.objects.for_company(self.company).filter(run=self.run_found(pk).pk)
        answer: Response = self.page(rows)
        return answer


def decision_view(name: str, act: Any, summary: str, about: str) -> Any:
    """The view of one act on a kept report."""

    class DecisionView(ReportRunAPIView):
        __doc__ = about

        @extend_schema(operation_id=f"report_runs_{name.replace('-', '_')}", summary=summary, request=ReportDecisionIn,
                       responses={201: ReportDecisionOut})  # fmt: skip
        @idempotent
        def post(self, request: Any, company: str, pk: UUID) -> Response:
            """Noted with who and when, for good."""
            made = act(pk, checked(ReportDecisionIn, request.data).get("comment", ""))
            return Response(ReportDecisionOut(made).data, status=status.HTTP_201_CREATED)

    DecisionView.__name__ = f"ReportRun{name.title().replace('-', '')}View"
    return DecisionView


DECISIONS = {
    "comment": decision_view("comment", comment_on, "Comment on a report", "Comment on a kept report."),
    "reject": decision_view("reject", reject, "Reject a report", "Reject a kept report."),
}
