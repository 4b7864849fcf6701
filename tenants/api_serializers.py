"""The shapes of companies, members, credentials and audit events in the API."""

from typing import Any

from rest_framework import serializers

from tenants.api_fields import SparseFields, StrictSerializer, TextField
from tenants.models import ApiCredential, AuditEvent, Company, Membership
from tenants.permissions import ApiScope, Role


class CompanyOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Company
        fields = read_only_fields = [
            "id", "slug", "name", "legal_form", "tax_number", "country", "base_currency", "year_start_month",
            "time_zone", "language", "rounding", "is_active", "created_at",
        ]  # fmt: skip


class CompaniesOut(serializers.Serializer):  # type: ignore[type-arg]
    """All companies of the caller."""

    results = CompanyOut(many=True)


class CompanyIn(StrictSerializer):
    """A new company."""

    slug = serializers.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,49}\Z", help_text="The short name in addresses; small letters, digits and hyphens."
    )
    name = TextField(max_length=200)
    base_currency = serializers.RegexField(r"^[A-Z]{3}$", help_text="ISO 4217.")
    legal_form = TextField(max_length=100, required=False, allow_blank=True)
    tax_number = TextField(max_length=50, required=False, allow_blank=True)
    country = serializers.RegexField(r"^([A-Z]{2})?$", required=False, help_text="ISO 3166.")
    year_start_month = serializers.IntegerField(min_value=1, max_value=12, required=False)
    time_zone = TextField(max_length=64, required=False)
    language = TextField(max_length=10, required=False)
    rounding = serializers.ChoiceField(choices=Company.Rounding.choices, required=False)
    chart = TextField(max_length=40, required=False, help_text="A template of accounts to start with.")
    taxes = TextField(
        max_length=40, required=False, allow_blank=True,
        help_text="A template of taxes to start with; left out: the one of the chart, blank: none.",
    )  # fmt: skip


class CompanySettingsIn(StrictSerializer):
    """Settings to change; the base currency and the short name stay."""

    name = TextField(max_length=200, required=False)
    legal_form = TextField(max_length=100, required=False, allow_blank=True)
    tax_number = TextField(max_length=50, required=False, allow_blank=True)
    country = serializers.RegexField(r"^([A-Z]{2})?$", required=False, allow_blank=True)
    year_start_month = serializers.IntegerField(min_value=1, max_value=12, required=False)
    time_zone = TextField(max_length=64, required=False)
    language = TextField(max_length=10, required=False)
    rounding = serializers.ChoiceField(choices=Company.Rounding.choices, required=False)


class MemberOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    email = serializers.EmailField(source="user.email", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = Membership
        fields = read_only_fields = ["id", "email", "name", "role", "is_active", "created_at"]


class MemberIn(StrictSerializer):
    """A person to let in."""

    email = serializers.EmailField(max_length=254)
    name = TextField(max_length=150, required=False, default="", allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices)


class MemberChangeIn(StrictSerializer):
    """Another role, or the end of a membership."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class MemberAdded(MemberOut):
    password = serializers.CharField(
        read_only=True, allow_null=True, help_text="The first password of a new person, shown once; null ever after."
    )

    class Meta(MemberOut.Meta):
        fields = read_only_fields = [*MemberOut.Meta.fields, "password"]


class CredentialOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ApiScope.choices), read_only=True)

    class Meta:
        model = ApiCredential
        fields = read_only_fields = [
            "id", "name", "prefix", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at",
        ]  # fmt: skip


class CredentialIn(StrictSerializer):
    """A credential to make."""

    name = TextField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ApiScope.choices), allow_empty=False, max_length=len(ApiScope.values)
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class CredentialMade(CredentialOut):
    key = serializers.CharField(
        read_only=True, allow_null=True, help_text="Shown once; null where the same call is answered again."
    )

    class Meta(CredentialOut.Meta):
        fields = read_only_fields = [*CredentialOut.Meta.fields, "key"]


class AuditEventOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    before = serializers.DictField(read_only=True, allow_null=True)
    after = serializers.DictField(read_only=True, allow_null=True)

    class Meta:
        model = AuditEvent
        fields = read_only_fields = [
            "id", "at", "operation", "subject", "subject_id", "before", "after", "act", "reason", "actor_type",
            "actor_id", "actor_name", "on_behalf_of", "request_id", "address", "user_agent",
        ]  # fmt: skip


class AuditFilter(StrictSerializer):
    """How the trail may be narrowed."""

    subject = TextField(required=False, default="", allow_blank=True, help_text="A table.")
    row = serializers.UUIDField(required=False, default=None)
    actor = TextField(required=False, default="", allow_blank=True, help_text="Part of the actor's name.")
    operation = TextField(required=False, default="", allow_blank=True)
    since = serializers.DateField(required=False, default=None)
    until = serializers.DateField(required=False, default=None)

    def to_internal_value(self, data: Any) -> Any:
        """The filters among the query's parameters."""
        return super().to_internal_value({name: value for name, value in data.items() if name in self.fields})
