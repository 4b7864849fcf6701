"""The API of closing: what is left to do before a period closes, and exceptions from lock dates."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.api_periods import PeriodAPIView
from accounting.api_query import IsoDate
from accounting.api_serializers import checked
from accounting.close_checklist import checklist
from accounting.lock_exceptions import approve_exception, ask_exception, end_exception
from accounting.models import LockDate, LockException
from tenants.api_fields import SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.idempotency import idempotent
from tenants.models import Membership
from tenants.permissions import Permission
from tenants.refusal import NotFound


class CloseCheckOut(serializers.Serializer):  # type: ignore[type-arg]
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(help_text="How many things are left to do.")
    blocks = serializers.BooleanField(help_text="Whether the period cannot be closed before.")


class ChecklistOut(serializers.Serializer):  # type: ignore[type-arg]
    """Everything that is checked before a period closes."""

    period = serializers.UUIDField()
    ready = serializers.BooleanField()
    checks = CloseCheckOut(many=True)


class LockExceptionOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = LockException
        fields = read_only_fields = [
            "id", "kind", "start", "person", "reason", "expires_at", "requested_by", "requested_at", "approved_by",
            "approved_at", "revoked_by", "revoked_at",
        ]  # fmt: skip


class LockExceptionIn(StrictSerializer):
    """Post behind a lock from a day on, for one member or everybody who may post, until a moment."""

    kind = serializers.ChoiceField(choices=LockDate.Kind.choices, required=False, default="all")
    start = IsoDate()
    expires_at = serializers.DateTimeField()
    reason = TextField(max_length=2000)
    person = serializers.EmailField(required=False, allow_blank=True, default="", help_text="Everybody where empty.")


class EndIn(StrictSerializer):
    """Why; it stays in the audit trail."""

    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class PeriodChecklistView(PeriodAPIView):
    """What is left to do before a period closes."""

    serializer_class = ChecklistOut
    write_permission = None

    @extend_schema(operation_id="periods_checklist", summary="Show the close checklist", responses=ChecklistOut)
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """Each check with how much is left; closing is refused while one that blocks is not done."""
        checks = checklist(self.period(pk))
        ready = all(one.is_done or not one.blocks for one in checks)
        rows = [{"code": one.code, "label": one.label, "count": one.count, "blocks": one.blocks} for one in checks]
        return Response({"period": str(pk), "ready": ready, "checks": rows})


class LockExceptionListView(CompanyAPIView):
    """Exceptions from lock dates."""

    serializer_class = LockExceptionOut
    queryset = LockException.objects.none()
    write_permission = Permission.POST_ENTRIES
    ordering = ("-requested_at", "-id")

    @extend_schema(
        operation_id="lock_exceptions_list", summary="List exceptions from lock dates",
        responses=LockExceptionOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """The latest first: asked for, approved, ended."""
        return self.page(LockException.objects.for_company(self.company))

    @extend_schema(
        operation_id="lock_exceptions_ask", summary="Ask for an exception from a lock date", request=LockExceptionIn,
        responses={201: LockExceptionOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Nothing is open before another person approves it."""
        values = checked(LockExceptionIn, request.data)
        asked = ask_exception(**{**values, "person": self._member(values["person"])})
        return Response(self.get_serializer(asked).data, status=status.HTTP_201_CREATED)

    def _member(self, email: str) -> Any:
        if not email:
            return None
        members = Membership.objects.for_company(self.company).filter(user__email=email.lower(), is_active=True)
        found = members.select_related("user").first()
        if found is None:
            raise NotFound("There is no such member.")
        return found.user


class LockExceptionApproveView(CompanyAPIView):
    """Approve an exception."""

    serializer_class = LockExceptionOut
    queryset = LockException.objects.none()
    write_permission = Permission.MANAGE_PERIODS

    @extend_schema(operation_id="lock_exceptions_approve", summary="Approve an exception", request=None)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """By another person than asked for it, or than it is for."""
        return Response(self.get_serializer(approve_exception(pk)).data)


class LockExceptionEndView(CompanyAPIView):
    """End an exception."""

    serializer_class = LockExceptionOut
    queryset = LockException.objects.none()
    write_permission = Permission.POST_ENTRIES

    @extend_schema(operation_id="lock_exceptions_end", summary="End or decline an exception", request=EndIn)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """The lock holds again at once."""
        return Response(self.get_serializer(end_exception(pk, **checked(EndIn, request.data or {}))).data)
