"""The API of payments: draft, approve, post, reverse, set off."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from accounting.business_day import business_day
from invoicing.api_document_acts import key_of
from invoicing.api_document_serializers import ApplyIn, DocumentReasonIn
from invoicing.api_payment_serializers import (
    PaymentChangeIn,
    PaymentIn,
    PaymentOut,
    PaymentParameters,
    PaymentReverseIn,
)
from invoicing.applying import apply_credit
from invoicing.approving import decide_payment, submit_payment, withdraw_payment
from invoicing.models import Payment
from invoicing.payment_listing import payments_of
from invoicing.payment_posting import post_payment
from invoicing.payment_reversal import reverse_payment
from invoicing.payments import PartContent, PaymentContent, change_payment, delete_payment, save_payment
from invoicing.refusals import PaymentNotFound
from ledger.api_budget_warnings import with_warnings
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_view import CompanyAPIView
from tenants.description_of_views import acts_of
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class PaymentAPIView(CompanyAPIView):
    """A view about payments."""

    serializer_class: Any = PaymentOut
    queryset = Payment.objects.none()
    write_permission = Permission.DRAFT_ENTRIES
    ordering = ("-date", "-id")

    def held(self, pk: UUID) -> Payment:
        """The payment, locked; `not_found` where there is none."""
        rows = Payment.objects.for_company(self.company).select_for_update(no_key=True)
        found: Payment | None = rows.filter(pk=pk).first()
        if found is None:
            raise PaymentNotFound("There is no such payment.")
        return found

    def seen(self, pk: UUID) -> int | None:
        """The version that the caller saw, where they said so."""
        held = self.held(pk)
        if not self.request.headers.get("If-Match"):
            return None
        check_if_match(self.request, held)
        return held.version

    def answer(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        """The payment as it is now, with its ETag."""
        found = self.row(payments_of(self.company), pk=pk)
        answer = Response(self.get_serializer(found).data, status=code, headers={"ETag": etag_of(found)})
        if code == status.HTTP_201_CREATED:
            answer["Location"] = f"{self.request.path}{pk}/"
        return answer


class PaymentListView(PaymentAPIView):
    """Payments in and out."""

    @extend_schema(
        operation_id="payments_list", summary="List the payments", parameters=[PaymentParameters],
        responses=PaymentOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """The latest first, each with what of it is for nothing yet."""
        asked = PaymentParameters.of(request)
        names = {
            "contact": "contact",
            "direction": "direction",
            "state": "state",
            "start": "date__gte",
            "end": "date__lte",
        }
        rows = payments_of(self.company).filter(
            **{names[name]: value for name, value in asked.items() if name in names}
        )
        if text := asked.get("search"):
            rows = rows.filter(
                Q(number__icontains=text) | Q(reference__icontains=text) | Q(contact__name__icontains=text)
            )
        return self.page(rows)

    @extend_schema(
        operation_id="payments_add", summary="Draft a payment", request=PaymentIn, responses={201: PaymentOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """It gets its number when it is posted."""
        values = checked(PaymentIn, request.data)
        payment_id = values.pop("id", None)
        made = save_payment(content_from(values), payment_id=payment_id)
        return self.answer(made.pk, status.HTTP_201_CREATED)


class PaymentView(PaymentAPIView):
    """One payment."""

    @extend_schema(operation_id="payments_retrieve", summary="Show a payment")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With what it is for."""
        return self.answer(pk)

    @extend_schema(
        operation_id="payments_change", summary="Change a draft of a payment", parameters=[IF_MATCH],
        request=PaymentChangeIn, responses=PaymentOut,
    )  # fmt: skip
    @idempotent
    def put(self, request: Any, company: str, pk: UUID) -> Response:
        """A draft as a whole; `If-Match` carries the ETag that was read."""
        held = self.held(pk)
        content = content_from(checked(PaymentChangeIn, request.data))
        check_if_match(request, held)
        return self.answer(change_payment(pk, content, version=held.version).pk)

    @extend_schema(
        operation_id="payments_delete", summary="Delete a draft of a payment", parameters=[MAY_MATCH], request=None,
        responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """What is posted is reversed instead."""
        self.seen(pk)
        delete_payment(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def content_from(values: dict[str, Any]) -> PaymentContent:
    """What was sent, as it is written on a payment."""
    parts = tuple(PartContent(**part) for part in values.pop("parts", ()))
    return PaymentContent(parts=parts, **values)


class SubmitView(PaymentAPIView):
    """Hand a draft over for approval."""

    @extend_schema(request=None, responses=PaymentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Where no rule asks for approval it is approved at once."""
        return self.answer(submit_payment(pk, version=self.seen(pk)).pk)


class WithdrawView(PaymentAPIView):
    """Take it back to work on it."""

    @extend_schema(request=DocumentReasonIn, responses=PaymentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """What was decided counts no more."""
        return self.answer(withdraw_payment(pk, **checked(DocumentReasonIn, request.data or {})).pk)


class ApproveView(PaymentAPIView):
    """Agree to it."""

    # Delegates of approvers hold no permission of their own; the act asks.
    write_permission = Permission.VIEW_BOOKS

    @extend_schema(request=DocumentReasonIn, responses=PaymentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Not by who made it."""
        version = self.seen(pk)
        return self.answer(
            decide_payment(pk, approve=True, version=version, **checked(DocumentReasonIn, request.data or {})).pk
        )


class RejectView(PaymentAPIView):
    """Send it back, with a reason."""

    write_permission = Permission.VIEW_BOOKS

    @extend_schema(request=DocumentReasonIn, responses=PaymentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """It may be mended and submitted again."""
        version = self.seen(pk)
        return self.answer(
            decide_payment(pk, approve=False, version=version, **checked(DocumentReasonIn, request.data or {})).pk
        )


class PostView(PaymentAPIView):
    """Post it, and settle what it is for."""

    write_permission = Permission.POST_ENTRIES

    @extend_schema(request=None, responses=PaymentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Once; asked again, it answers with what was posted."""
        version, is_new = self.seen(pk), self.held(pk).state != Payment.State.POSTED
        posted = post_payment(pk, version=version)
        return with_warnings(self.company, self.answer(pk), posted.entry_id if is_new else None)


class ReverseView(PaymentAPIView):
    """Take it back: what it settled is open again."""

    write_permission = Permission.REVERSE_ENTRIES

    @extend_schema(request=PaymentReverseIn, responses=PaymentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """From that day on; the past stays as it was."""
        values = checked(PaymentReverseIn, request.data)
        date = values.get("date") or business_day(self.company)
        return self.answer(reverse_payment(pk, date=date, reason=values["reason"]).pk)


class ApplyView(PaymentAPIView):
    """Use what of it is for nothing yet."""

    write_permission = Permission.POST_ENTRIES

    @extend_schema(request=ApplyIn, responses=PaymentOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Sets it off against the documents in their order, as far as it goes."""
        self.held(pk)
        values = checked(ApplyIn, request.data)
        apply_credit(pk, values["documents"], date=values.get("date"), key=key_of(request, pk))
        return self.answer(pk)


ACTS = {
    "submit": (SubmitView, "Submit"), "withdraw": (WithdrawView, "Take back"), "approve": (ApproveView, "Approve"),
    "reject": (RejectView, "Reject"), "post": (PostView, "Post"), "reverse": (ReverseView, "Reverse"),
    "apply": (ApplyView, "Set off"),
}  # fmt: skip
ACT_VIEWS = acts_of(ACTS, "payments", "a payment")
