"""The API of companies, their members, credentials and audit trail."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from tenants.api_credentials import create_api_credential, revoke
from tenants.api_description import IF_MATCH
from tenants.api_permissions import OperatorCreates
from tenants.api_serializers import (
    AuditEventOut,
    AuditFilter,
    CompaniesOut,
    CompanyIn,
    CompanyOut,
    CompanySettingsIn,
    CredentialIn,
    CredentialMade,
    CredentialOut,
    MemberAdded,
    MemberChangeIn,
    MemberIn,
    MemberOut,
)
from tenants.api_view import CompanyAPIView
from tenants.audit_trail import events
from tenants.companies import create_company
from tenants.company_settings import change_company, locked_company
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.membership import add_member, change_member, companies_of
from tenants.models import ApiCredential, AuditEvent, Company, Membership
from tenants.permissions import Permission


class CompanyListView(GenericAPIView):  # type: ignore[type-arg]
    """The companies of the caller."""

    serializer_class = CompanyOut
    permission_classes = [IsAuthenticated, OperatorCreates]
    queryset = Company.objects.none()
    pagination_class = None

    @extend_schema(operation_id="companies_list", responses=CompaniesOut)
    def get(self, request: Any) -> Response:
        """The companies that the signed-in person may enter."""
        rows = [membership.company for membership in companies_of(request.user)]
        return Response({"results": self.get_serializer(rows, many=True).data})

    @extend_schema(operation_id="companies_create", request=CompanyIn, responses={201: CompanyOut})
    @transaction.atomic
    @idempotent
    def post(self, request: Any) -> Response:
        """Create a company; only operators of the installation may."""
        given = CompanyIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        options = {name: values.pop(name) for name in ("chart", "taxes") if name in values}
        company = create_company(**values, options=options)
        return Response(self.get_serializer(company).data, status=status.HTTP_201_CREATED)


class CompanyView(CompanyAPIView):
    """The settings of a company."""

    serializer_class = CompanyOut
    queryset = Company.objects.none()
    write_permission = Permission.MANAGE_COMPANY

    @extend_schema(operation_id="companies_retrieve")
    def get(self, request: Any, company: str) -> Response:
        """The company's settings."""
        return Response(self.get_serializer(self.company).data, headers={"ETag": etag_of(self.company)})

    @extend_schema(
        operation_id="companies_change", parameters=[IF_MATCH], request=CompanySettingsIn, responses=CompanyOut
    )
    @idempotent
    def patch(self, request: Any, company: str) -> Response:
        """Change settings; `If-Match` carries the ETag that was read."""
        given = CompanySettingsIn(data=request.data)
        given.is_valid(raise_exception=True)
        check_if_match(request, locked_company())
        changed = change_company(**given.validated_data)
        return Response(self.get_serializer(changed).data, headers={"ETag": etag_of(changed)})


class MemberListView(CompanyAPIView):
    """The members of a company."""

    serializer_class = MemberOut
    permission = write_permission = Permission.MANAGE_MEMBERS
    unstored = ("password",)

    def get_queryset(self) -> Any:
        return Membership.objects.for_company(self.company).select_related("user")

    @extend_schema(operation_id="members_list", responses=MemberOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The members, former ones included."""
        return self.page(self.get_queryset())

    @extend_schema(operation_id="members_add", request=MemberIn, responses={201: MemberAdded})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Let a person in."""
        given = MemberIn(data=request.data)
        given.is_valid(raise_exception=True)
        membership, password = add_member(**given.validated_data)
        data = {**MemberOut(membership).data, "password": password or None}
        return Response(data, status=status.HTTP_201_CREATED, headers={"ETag": etag_of(membership)})


class MemberView(CompanyAPIView):
    """One member."""

    serializer_class = MemberOut
    queryset = Membership.objects.none()
    permission = write_permission = Permission.MANAGE_MEMBERS

    @extend_schema(operation_id="members_retrieve")
    def get(self, request: Any, company: str, pk: Any) -> Response:
        """The member."""
        membership = self.row(Membership.objects.for_company(self.company).select_related("user"), pk=pk)
        return Response(self.get_serializer(membership).data, headers={"ETag": etag_of(membership)})

    @extend_schema(operation_id="members_change", parameters=[IF_MATCH], request=MemberChangeIn, responses=MemberOut)
    @idempotent
    def patch(self, request: Any, company: str, pk: Any) -> Response:
        """Give another role, or end the membership."""
        rows = Membership.objects.for_company(self.company).select_related("user")
        membership = self.row(rows.select_for_update(of=("self",)), pk=pk)
        given = MemberChangeIn(data=request.data)
        given.is_valid(raise_exception=True)
        check_if_match(request, membership)
        changed = change_member(membership, **given.validated_data)
        return Response(self.get_serializer(changed).data, headers={"ETag": etag_of(changed)})


class CredentialListView(CompanyAPIView):
    """The API credentials of a company."""

    serializer_class = CredentialOut
    permission = write_permission = Permission.MANAGE_MEMBERS
    unstored = ("key",)

    def get_queryset(self) -> Any:
        return ApiCredential.objects.for_company(self.company)

    @extend_schema(operation_id="credentials_list", responses=CredentialOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The credentials, revoked ones included; never their keys."""
        return self.page(self.get_queryset())

    @extend_schema(operation_id="credentials_create", request=CredentialIn, responses={201: CredentialMade})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Make a credential; the answer shows its key, once."""
        given = CredentialIn(data=request.data)
        given.is_valid(raise_exception=True)
        credential, key = create_api_credential(**given.validated_data)
        return Response({**CredentialOut(credential).data, "key": key}, status=status.HTTP_201_CREATED)


class CredentialView(CompanyAPIView):
    """One credential."""

    serializer_class = CredentialOut
    queryset = ApiCredential.objects.none()
    permission = write_permission = Permission.MANAGE_MEMBERS

    @extend_schema(operation_id="credentials_retrieve")
    def get(self, request: Any, company: str, pk: Any) -> Response:
        """The credential, without its key."""
        return Response(self.get_serializer(self.row(ApiCredential.objects.for_company(self.company), pk=pk)).data)

    @extend_schema(operation_id="credentials_revoke", request=None, responses={200: CredentialOut})
    @idempotent
    def delete(self, request: Any, company: str, pk: Any) -> Response:
        """Revoke the credential for good; it stays in the list."""
        credential = revoke(self.row(ApiCredential.objects.for_company(self.company), pk=pk))
        return Response(self.get_serializer(credential).data)


class AuditView(CompanyAPIView):
    """The audit trail of a company."""

    serializer_class = AuditEventOut
    queryset = AuditEvent.objects.none()
    permission = Permission.VIEW_AUDIT
    ordering = ("-at", "-id")

    @extend_schema(operation_id="audit_list", parameters=[AuditFilter], responses=AuditEventOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """Who changed what, when, from where and why; newest first."""
        asked = AuditFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return self.page(events(self.company, **asked.validated_data))
