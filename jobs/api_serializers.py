"""The shapes of jobs in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs.files import files_of
from jobs.models import Job, JobFile, State
from tenants.api_fields import SparseFields, StrictSerializer, TextField


class JobFileOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    sha256 = serializers.CharField(source="sha256_hex", read_only=True, help_text="Hexadecimal.")

    class Meta:
        model = JobFile
        fields = read_only_fields = ["name", "role", "content_type", "size", "sha256", "created_at"]


class JobRowOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Job
        fields = read_only_fields = [
            "id", "kind", "key", "state", "done", "total", "message", "error_code", "error_message", "attempts",
            "max_attempts", "run_after", "cancel_requested", "cancelled_by", "actor_type", "actor_id", "actor_name",
            "created_at", "started_at", "finished_at", "version",
        ]  # fmt: skip


class JobOut(JobRowOut):
    parameters = serializers.DictField(read_only=True)
    result = serializers.DictField(read_only=True, allow_null=True)
    files = serializers.SerializerMethodField()

    class Meta(JobRowOut.Meta):
        fields = read_only_fields = [*JobRowOut.Meta.fields, "parameters", "result", "files"]

    @extend_schema_field(JobFileOut(many=True))
    def get_files(self, job: Job) -> Any:
        """What was handed in with the job, and what it made."""
        return JobFileOut(files_of(job), many=True).data


class ListFilter(StrictSerializer):
    """How a list may be narrowed; other parameters of the query are not its business."""

    def to_internal_value(self, data: Any) -> Any:
        """The filters among the query's parameters."""
        return super().to_internal_value({name: value for name, value in data.items() if name in self.fields})


class JobFilter(ListFilter):
    """How the list may be narrowed."""

    state = serializers.ChoiceField(choices=State.choices, required=False)
    kind = TextField(max_length=100, required=False)
