"""The shapes of the chart of accounts, its sub-accounts and dimensions in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounting.api_query import QueryParameters
from accounting.chart import chart_of
from accounting.mappings import LONGEST_CODE, SCHEMES, codes_of
from accounting.models import Account, AccountType, Dimension, DimensionValue, SubAccount
from tenants.api_fields import SparseFields, StrictSerializer, TextField


@extend_schema_field({
    "type": "object", "properties": {scheme: {"type": "string"} for scheme in SCHEMES}, "example": {"datev": "1200"},
})  # fmt: skip
class MappingsField(serializers.SerializerMethodField):
    """Statutory codes by scheme; a scheme without a code is left out."""


class AccountOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    parent = serializers.SerializerMethodField(help_text="The code of the heading above.")
    mandatory_dimensions = serializers.SerializerMethodField(help_text="What every line here must carry.")
    mappings = MappingsField(help_text="The statutory codes of the account: SAF-T, FEC, DATEV, XBRL.")

    class Meta:
        model = Account
        fields = read_only_fields = [
            "id", "code", "name", "type", "subtype", "parent", "currency", "control", "open_item", "status", "role",
            "tags", "description", "mandatory_dimensions", "mappings", "version",
        ]  # fmt: skip
        extra_kwargs = {"tags": {"help_text": "Words to find the account by."}}

    def get_parent(self, account: Account) -> str | None:
        """The heading above the account."""
        return account.parent.code if account.parent else None

    def get_mandatory_dimensions(self, account: Account) -> list[str]:
        """From the cached chart, which every row of a list shares."""
        chart = self.context.get("chart") or chart_of(account.company)
        found = chart.by_id.get(account.pk)
        return sorted(found.mandatory_dimensions) if found else []

    def get_mappings(self, account: Account) -> dict[str, str]:
        """From what the list brought along."""
        return codes_of(account)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class TextList(serializers.ListField):
    """Several short texts."""

    child = TextField(max_length=60)


class MappingsIn(StrictSerializer):
    """Statutory codes by scheme: a blank one is taken back, a scheme that is not named stays."""

    saft = TextField(max_length=LONGEST_CODE, required=False, allow_blank=True)
    fec = TextField(max_length=LONGEST_CODE, required=False, allow_blank=True)
    datev = TextField(max_length=LONGEST_CODE, required=False, allow_blank=True)
    xbrl = TextField(max_length=LONGEST_CODE, required=False, allow_blank=True)


class AccountIn(StrictSerializer):
    """A new account; a `subtype` of `heading` makes a heading, which groups others and takes no lines."""

    code = TextField(max_length=120)
    name = TextField(max_length=200)
    type = serializers.ChoiceField(choices=AccountType.choices)
    subtype = TextField(max_length=30, required=False, allow_blank=True)
    parent = TextField(max_length=120, required=False, allow_null=True, help_text="Code or id of a heading.")
    currency = TextField(max_length=24, required=False, allow_blank=True, help_text="Only lines in this unit.")
    control = serializers.BooleanField(required=False, help_text="Closed to manual posting.")
    open_item = serializers.BooleanField(required=False)
    status = serializers.ChoiceField(choices=Account.Status.choices, required=False)
    role = TextField(max_length=40, required=False, allow_blank=True, help_text="What the system posts here itself.")
    tags = TextList(required=False, max_length=50)
    description = TextField(max_length=10_000, required=False, allow_blank=True)
    mandatory_dimensions = TextList(required=False, max_length=50)
    mappings = MappingsIn(required=False)


class AccountChangeIn(StrictSerializer):
    """What may change of an account; its type stays."""

    code = TextField(max_length=120, required=False)
    name = TextField(max_length=200, required=False)
    subtype = TextField(max_length=30, required=False, allow_blank=True)
    parent = TextField(max_length=120, required=False, allow_null=True, help_text="Code or id of a heading.")
    currency = TextField(max_length=24, required=False, allow_blank=True)
    control = serializers.BooleanField(required=False)
    open_item = serializers.BooleanField(required=False)
    status = serializers.ChoiceField(choices=Account.Status.choices, required=False)
    role = TextField(max_length=40, required=False, allow_blank=True)
    tags = TextList(required=False, max_length=50)
    description = TextField(max_length=10_000, required=False, allow_blank=True)
    mandatory_dimensions = TextList(required=False, max_length=50)
    mappings = MappingsIn(required=False)


class AccountParameters(QueryParameters):
    """How the chart may be narrowed and ordered."""

    type = serializers.ChoiceField(choices=AccountType.choices, required=False)
    status = serializers.ChoiceField(choices=Account.Status.choices, required=False)
    search = serializers.CharField(max_length=200, required=False, help_text="Part of the code or the name.")
    ordering = serializers.ChoiceField(choices=["code", "-code", "name", "-name"], required=False)


class SubAccountOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = SubAccount
        fields = read_only_fields = ["id", "code", "name", "is_active"]


class SubAccountIn(StrictSerializer):
    """A new detail of an account: a customer, a wallet, an employee's leave."""

    code = TextField(max_length=60)
    name = TextField(max_length=200)


class ChartFileIn(StrictSerializer):
    """A chart of accounts as a CSV file."""

    file = serializers.FileField(allow_empty_file=True, help_text="CSV with a header; code, name and type at least.")
    dry_run = serializers.BooleanField(required=False, default=False)


class ChartProblemOut(serializers.Serializer):  # type: ignore[type-arg]
    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ChartImportOut(serializers.Serializer):  # type: ignore[type-arg]
    """What the import did, or would do."""

    dry_run = serializers.BooleanField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    problems = ChartProblemOut(many=True)


class DimensionValueOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = DimensionValue
        fields = read_only_fields = ["id", "code", "name", "is_active"]


class DimensionOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Dimension
        fields = read_only_fields = ["id", "code", "name"]


class DimensionIn(StrictSerializer):
    """A new way to cut the figures."""

    code = serializers.RegexField(r"^[a-z][a-z0-9_]*\Z", max_length=30, help_text="Small letters, digits and _.")
    name = TextField(max_length=100)


class DimensionValueIn(StrictSerializer):
    """A new cost centre, project or department."""

    code = TextField(max_length=40)
    name = TextField(max_length=100)


class DimensionValueChangeIn(StrictSerializer):
    """Another name, or no more lines."""

    name = TextField(max_length=100, required=False)
    is_active = serializers.BooleanField(required=False)


def checked(shape: type[StrictSerializer], data: Any) -> dict[str, Any]:
    """The values of a body in this shape; a problem with the place of each complaint where it is not."""
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
