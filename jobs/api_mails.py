"""The API of e-mails: what went out, what waits, what failed; send again and cancel."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from jobs.api_serializers import ListFilter
from jobs.mail_deciding import cancel_mail, retry_mail
from jobs.models import MailState, OutboundMail
from tenants.api_fields import SparseFields, TextField
from tenants.api_view import CompanyAPIView
from tenants.etag import etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class MailFileOut(serializers.Serializer):  # type: ignore[type-arg]
    """A file that went with a mail."""

    name = serializers.CharField(read_only=True)
    content_type = serializers.CharField(read_only=True)


class MailRowOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    to = serializers.ListField(child=serializers.CharField(), read_only=True)
    cc = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = OutboundMail
        fields = read_only_fields = [
            "id", "key", "to", "cc", "reply_to", "subject", "about", "about_id", "message_id", "state", "attempts",
            "next_at", "error", "at", "sent_at", "actor_type", "actor_id", "actor_name", "decided_by", "version",
        ]  # fmt: skip


class MailOut(MailRowOut):
    attachments = MailFileOut(many=True, read_only=True)

    class Meta(MailRowOut.Meta):
        fields = read_only_fields = [*MailRowOut.Meta.fields, "body_text", "body_html", "attachments"]


class MailFilter(ListFilter):
    """How the list may be narrowed."""

    state = serializers.ChoiceField(choices=MailState.choices, required=False)
    about = TextField(max_length=63, required=False, help_text="The kind of row it is about.")
    about_id = serializers.UUIDField(required=False)


class MailListView(CompanyAPIView):
    """The e-mails of a company."""

    serializer_class = MailRowOut
    queryset = OutboundMail.objects.none()

    @extend_schema(
        operation_id="mails_list", summary="List the e-mails", parameters=[MailFilter], responses=MailRowOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """The latest first, without their text."""
        asked = MailFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        mails = OutboundMail.objects.for_company(self.company).defer("body_text", "body_html", "attachments")
        return self.page(mails.filter(**asked.validated_data))


class OneMailView(CompanyAPIView):
    """One e-mail."""

    serializer_class = MailOut
    queryset = OutboundMail.objects.none()
    write_permission: Permission | None = Permission.DRAFT_ENTRIES

    def mail(self, pk: UUID) -> OutboundMail:
        """The mail of this company with the id."""
        found: OutboundMail = self.row(OutboundMail.objects.for_company(self.company), pk=pk)
        return found

    def answer(self, mail: OutboundMail) -> Response:
        """The mail as it is now."""
        return Response(self.get_serializer(mail).data, headers={"ETag": etag_of(mail)})


class MailView(OneMailView):
    """One e-mail."""

    write_permission = None

    @extend_schema(operation_id="mails_retrieve", summary="Show an e-mail")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its text and the names of its attachments."""
        return self.answer(self.mail(pk))


class MailRetryView(OneMailView):
    """Send an e-mail again."""

    @extend_schema(operation_id="mails_retry", summary="Send an e-mail again", request=None, responses=MailOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """One that failed, was given up or cancelled; or was perhaps sent: then somebody may get it twice."""
        return self.answer(retry_mail(self.mail(pk)))


class MailCancelView(OneMailView):
    """Cancel an e-mail."""

    @extend_schema(operation_id="mails_cancel", summary="Cancel an e-mail", request=None, responses=MailOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """One that waits is not sent."""
        return self.answer(cancel_mail(self.mail(pk)))
