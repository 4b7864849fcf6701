"""The API of statutory exports: ask for a file, see what became of it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounting.api_serializers import checked
from jobs.api_serializers import JobRowOut, ListFilter
from jobs.models import State
from ledger.api_imports import JournalFileAPIView
from ledger.api_keys import kept_apart
from reports.statutory.exporting import ask_to_export, statutory_exports
from reports.statutory.formats import FORMATS
from tenants.api_fields import StrictSerializer, TextField
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission


class StatutoryExportIn(StrictSerializer):
    """A format, and what it needs to be told (docs/statutory.md)."""

    format = serializers.ChoiceField(choices=list(FORMATS))
    parameters = serializers.DictField(
        child=TextField(max_length=100, allow_blank=True),
        help_text="By name, as text: `year` (the name of a fiscal year) for every format; `from` and `to` where it "
        "may be a part of the year; the others are the format's own.",
    )


class StatutoryExportFilter(ListFilter):
    """How the list may be narrowed."""

    state = serializers.ChoiceField(choices=State.choices, required=False)


class StatutoryExportOut(JobRowOut):
    """An export: its job, what was asked, and what came of it; the file is the job's."""

    parameters = serializers.DictField(read_only=True, help_text="With the format.")
    result = serializers.DictField(
        read_only=True, allow_null=True,
        help_text="`file`, `bytes`, `entries`, `lines`, `debit`, `credit`, `replaced_characters`, `block`.",
    )  # fmt: skip

    class Meta(JobRowOut.Meta):
        fields = read_only_fields = [*JobRowOut.Meta.fields, "parameters", "result"]


class StatutoryExportListView(JournalFileAPIView):
    """Statutory exports."""

    serializer_class: Any = StatutoryExportOut
    permission = write_permission = Permission.EXPORT

    @extend_schema(
        operation_id="statutory_exports_list", summary="List the statutory exports",
        parameters=[StatutoryExportFilter], responses=StatutoryExportOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """The newest first."""
        asked = StatutoryExportFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        answer: Response = self.page(statutory_exports(self.company).filter(**asked.validated_data))
        return answer

    @extend_schema(
        operation_id="statutory_exports_start", summary="Export in a statutory format", request=StatutoryExportIn,
        responses={202: StatutoryExportOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """FEC, SAF-T or DATEV; the finished job has the file."""
        values = checked(StatutoryExportIn, request.data)
        given = idempotency_key(request)
        job = ask_to_export(values["format"], values["parameters"], kept_apart(given) if given else "")
        return self.accepted(request, job)
