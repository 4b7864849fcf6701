"""The API of statements of account."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.api_query import QueryParameters
from accounting.api_serializers import checked
from accounting.models import Contact
from invoicing.statement import statement_of
from invoicing.statement_letter import mail_statement
from jobs.api_mails import MailOut
from jobs.models import OutboundMail
from tenants.api_fields import AmountField, StrictSerializer
from tenants.api_view import CompanyAPIView
from tenants.fields import new_id
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission


class StatementDays(QueryParameters):
    """From when to when."""

    start = serializers.DateField()
    end = serializers.DateField()


class StatementLineOut(serializers.Serializer[Any]):
    date = serializers.DateField()
    kind = serializers.CharField(source="source", help_text="What made the entry: invoice, payment, …")
    number = serializers.CharField()
    memo = serializers.CharField()
    amount = AmountField(max_digits=30, decimal_places=6, help_text="Above zero they owe more.")
    balance = AmountField(max_digits=30, decimal_places=6)
    entry = serializers.UUIDField()
    source_id = serializers.UUIDField(allow_null=True)


class StatementOut(serializers.Serializer[Any]):
    currency = serializers.CharField()
    opening = AmountField(max_digits=30, decimal_places=6)
    lines = StatementLineOut(many=True)
    closing = AmountField(max_digits=30, decimal_places=6)


class StatementMailIn(StrictSerializer):
    """Which days, and to whom."""

    start = serializers.DateField()
    end = serializers.DateField()
    to = serializers.ListField(child=serializers.EmailField(), max_length=20, required=False)


class StatementView(CompanyAPIView):
    """The statement of account of a contact."""

    serializer_class: Any = StatementOut
    pagination_class: Any = None
    queryset = Contact.objects.none()
    write_permission = Permission.DRAFT_ENTRIES

    @extend_schema(
        operation_id="contacts_statement", summary="Show a statement of account", parameters=[StatementDays],
        responses=StatementOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """By currency, with running balances."""
        contact = self.row(Contact.objects.for_company(self.company), pk=pk)
        asked = StatementDays.of(request)
        found: Any = statement_of(self.company, contact, asked["start"], asked["end"])
        return Response(StatementOut(found, many=True).data)

    @extend_schema(
        operation_id="contacts_mail_statement", summary="Send a statement of account", request=StatementMailIn,
        responses={202: MailOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """As PDF by e-mail, through the outbox."""
        asked = checked(StatementMailIn, request.data)
        mail = mail_statement(
            pk, asked["start"], asked["end"], key=idempotency_key(request) or str(new_id()), to=asked.get("to", ())
        )
        fresh = OutboundMail.objects.for_company(self.company).get(pk=mail.pk)
        return Response(MailOut(fresh).data, status=status.HTTP_202_ACCEPTED)
