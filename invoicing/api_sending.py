"""The API of sending: documents by e-mail, their public links, and the words of the e-mails."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounting.api_serializers import checked
from invoicing.api_documents import DocumentAPIView
from invoicing.mail_templates import PLACES, delete_template, save_template
from invoicing.mail_words import LONGEST_BODY, LONGEST_SUBJECT
from invoicing.mailing import FORMS, mail_document
from invoicing.models import DocumentLink, MailTemplate
from invoicing.pdf import LAYOUTS
from invoicing.public_links import address_of, revoke_link, share_document
from jobs.api_mails import MailOut
from jobs.models import OutboundMail
from tenants.api_fields import SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.fields import new_id
from tenants.idempotency import idempotency_key, idempotent
from tenants.permissions import Permission


class DocumentMailIn(StrictSerializer):
    """To whom and in which words; what is left out comes from the contact and the template."""

    to = serializers.ListField(child=serializers.EmailField(), max_length=20, required=False)
    cc = serializers.ListField(child=serializers.EmailField(), max_length=20, required=False)
    subject = TextField(max_length=LONGEST_SUBJECT, required=False)
    body = TextField(max_length=LONGEST_BODY, required=False, help_text="Places such as {number} are filled.")
    form = serializers.ChoiceField(choices=FORMS, required=False, help_text="What is attached.")
    layout = serializers.ChoiceField(choices=LAYOUTS, required=False)


class DocumentLinkOut(serializers.ModelSerializer[DocumentLink]):
    url = serializers.SerializerMethodField(help_text="Shows the document to whoever has it.")

    class Meta:
        model = DocumentLink
        fields = read_only_fields = ["id", "url", "created_at", "created_by", "first_seen_at"]

    def get_url(self, link: DocumentLink) -> str:
        """The whole address; without a PUBLIC_URL its path alone."""
        return address_of(link)


class MailTemplateOut(SparseFields, serializers.ModelSerializer[MailTemplate]):
    class Meta:
        model = MailTemplate
        fields = read_only_fields = ["id", "purpose", "language", "subject", "body", "version"]


class MailTemplateIn(StrictSerializer):
    """The words for a purpose and a language; those that are there are replaced."""

    purpose = serializers.ChoiceField(choices=sorted(PLACES))
    language = TextField(max_length=10, required=False, allow_blank=True, help_text="A code such as de; empty: any.")
    subject = TextField(max_length=LONGEST_SUBJECT)
    body = TextField(max_length=LONGEST_BODY)
    version = serializers.IntegerField(required=False, min_value=1, help_text="The one that was read.")


class DocumentMailView(DocumentAPIView):
    """Send it by e-mail."""

    @extend_schema(request=DocumentMailIn, responses={202: MailOut})
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Through the outbox, after the commit; the answer is the mail, whose state tells how far it is."""
        self.document(pk)
        mail = mail_document(
            pk, key=idempotency_key(request) or str(new_id()), **checked(DocumentMailIn, request.data or {})
        )
        fresh = OutboundMail.objects.for_company(self.company).get(pk=mail.pk)
        return Response(MailOut(fresh).data, status=status.HTTP_202_ACCEPTED)


class DocumentShareView(DocumentAPIView):
    """Give it a public link."""

    @extend_schema(request=None, responses=DocumentLinkOut)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Unguessable, until it is closed; asked again, it is the same."""
        self.document(pk)
        return Response(DocumentLinkOut(share_document(pk)).data)


class DocumentUnshareView(DocumentAPIView):
    """Close its public link."""

    @extend_schema(request=None, responses={204: None})
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """It opens nothing any more; a new one has another address."""
        self.document(pk)
        revoke_link(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MailTemplateListView(CompanyAPIView):
    """The company's own words for e-mails."""

    serializer_class: Any = MailTemplateOut
    queryset = MailTemplate.objects.none()
    write_permission = Permission.MANAGE_COMPANY
    ordering = ("purpose", "language", "id")

    @extend_schema(
        operation_id="mail_templates_list", summary="List the words of e-mails", responses=MailTemplateOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """Where there are none, Daybook's own are sent."""
        return self.page(MailTemplate.objects.for_company(self.company))

    @extend_schema(
        operation_id="mail_templates_save", summary="Say what e-mails say", request=MailTemplateIn,
        responses=MailTemplateOut,
    )  # fmt: skip
    @idempotent
    def put(self, request: Any, company: str) -> Response:
        """For a purpose and a language."""
        values = {"language": "", **checked(MailTemplateIn, request.data)}
        return Response(MailTemplateOut(save_template(**values)).data)


class MailTemplateView(CompanyAPIView):
    """One of them."""

    serializer_class: Any = MailTemplateOut
    queryset = MailTemplate.objects.none()
    write_permission = Permission.MANAGE_COMPANY

    @extend_schema(
        operation_id="mail_templates_delete", summary="Send Daybook's own words again", request=None,
        responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """For its purpose and language."""
        delete_template(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
