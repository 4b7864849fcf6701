"""The shapes of taxes, boxes of the return and fiscal positions in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounting.api_payment_terms import PercentField
from accounting.api_query import IsoDate, QueryParameters
from accounting.fiscal_positions import LAST_PLACE, MOST_COUNTRIES, MOST_REPLACED, NOTE
from accounting.models import FiscalPosition, TaxBox, TaxCode, TaxRate
from accounting.tax_installation import TEMPLATES
from accounting.tax_rules import MOST_BOXES, MOST_MEMBERS, MOST_RATES
from tenants.api_fields import SparseFields, StrictSerializer, TextField

ACCOUNT_HELP = "Code or id."


@extend_schema_field({"type": "array", "items": {"type": "string"}, "maxItems": MOST_BOXES})
class BoxList(serializers.ListField):
    """Boxes of the return, by their codes."""

    child = TextField(max_length=20)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_BOXES, **kwargs)


@extend_schema_field({"type": "array", "items": {"type": "string"}, "maxItems": MOST_MEMBERS})
class MemberList(serializers.ListField):
    """Taxes of a group, by code or id."""

    child = TextField(max_length=40)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_MEMBERS, **kwargs)


@extend_schema_field({"type": "array", "items": {"type": "string", "maxLength": 2}, "maxItems": MOST_COUNTRIES})
class CountryList(serializers.ListField):
    """Countries, ISO 3166."""

    child = TextField(max_length=2)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_COUNTRIES, **kwargs)


class TaxRateOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    percent = PercentField()

    class Meta:
        model = TaxRate
        fields = read_only_fields = ["start", "percent"]


class TaxRateIn(StrictSerializer):
    """So many percent from a day on, until the next rate."""

    start = IsoDate()
    percent = PercentField()


class TaxOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    deductible_percent = PercentField()
    account = serializers.CharField(source="account.code", default=None, allow_null=True)
    counter_account = serializers.CharField(source="counter_account.code", default=None, allow_null=True)
    pending_account = serializers.CharField(source="pending_account.code", default=None, allow_null=True)
    rates = TaxRateOut(many=True)
    members = serializers.SerializerMethodField(help_text="The codes of the taxes of a group, in their order.")

    class Meta:
        model = TaxCode
        fields = read_only_fields = [
            "id", "code", "name", "use", "kind", "category", "exemption_code", "exemption_reason", "compound",
            "deductible_percent", "account", "counter_account", "pending_account", "base_boxes", "tax_boxes",
            "counter_boxes", "is_active", "rates", "members", "version",
        ]  # fmt: skip

    def get_members(self, tax: TaxCode) -> list[str]:
        """From what the list brought along."""
        return [member.tax.code for member in tax.members.all()]


class TaxChangeIn(StrictSerializer):
    """A tax, or a group of several, under the code that lines of documents carry."""

    code = TextField(max_length=40, required=False)
    name = TextField(max_length=100, required=False, help_text="As it stands on documents.")
    use = serializers.ChoiceField(choices=TaxCode.Use.choices, required=False)
    kind = serializers.ChoiceField(choices=TaxCode.Kind.choices, required=False)
    category = serializers.ChoiceField(choices=TaxCode.Category.choices, required=False, help_text="UNCL 5305.")
    exemption_code = TextField(max_length=30, required=False, allow_blank=True, help_text="VATEX code.")
    exemption_reason = TextField(max_length=200, required=False, allow_blank=True)
    compound = serializers.BooleanField(required=False, help_text="Also on the taxes that stand before it in a group.")
    deductible_percent = PercentField(required=False, help_text="Of a tax on purchases; the rest is cost.")
    account = TextField(max_length=120, required=False, allow_null=True, help_text=ACCOUNT_HELP)
    counter_account = TextField(
        max_length=120, required=False, allow_null=True, help_text="Where the tax owed under reverse charge stands."
    )
    pending_account = TextField(
        max_length=120,
        required=False,
        allow_null=True,
        help_text="Named for a tax that is due with the payment.",
    )
    base_boxes = BoxList(required=False)
    tax_boxes = BoxList(required=False)
    counter_boxes = BoxList(required=False)
    is_active = serializers.BooleanField(required=False)
    rates: Any = serializers.ListSerializer(
        child=TaxRateIn(), required=False, max_length=MOST_RATES, help_text="They replace all that are there."
    )
    members = MemberList(required=False)


class TaxIn(TaxChangeIn):
    """A new tax with its rates, or a new group with its members."""

    code = TextField(max_length=40)
    name = TextField(max_length=100, help_text="As it stands on documents.")
    use = serializers.ChoiceField(choices=TaxCode.Use.choices)


class TaxParameters(QueryParameters):
    """How taxes may be narrowed and ordered."""

    use = serializers.ChoiceField(choices=TaxCode.Use.choices, required=False)
    kind = serializers.ChoiceField(choices=TaxCode.Kind.choices, required=False)
    is_active = serializers.BooleanField(required=False)
    search = serializers.CharField(max_length=200, required=False, help_text="Part of the code or the name.")
    ordering = serializers.ChoiceField(choices=["code", "-code", "name", "-name"], required=False)


class TaxTemplateIn(StrictSerializer):
    """Which taxes to start with."""

    template = TextField(max_length=40, help_text=f"One of: {', '.join(TEMPLATES)}.")


class TaxTemplateOut(serializers.Serializer):  # type: ignore[type-arg]
    """How much a template has brought."""

    taxes = serializers.IntegerField()
    boxes = serializers.IntegerField()
    fiscal_positions = serializers.IntegerField()


class TaxBoxOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = TaxBox
        fields = read_only_fields = ["id", "code", "name", "formula", "number"]


class TaxBoxChangeIn(StrictSerializer):
    """A box of the tax return."""

    code = TextField(max_length=20, required=False, help_text="Letters, digits, and _ . -")
    name = TextField(max_length=300, required=False)
    formula = TextField(max_length=200, required=False, allow_blank=True, help_text="“1 + 2 - 4”: from other boxes.")
    number = serializers.IntegerField(min_value=1, max_value=LAST_PLACE, required=False, help_text="Its place.")


class TaxBoxIn(TaxBoxChangeIn):
    """A new box; without a `number` it is the last one."""

    code = TextField(max_length=20, help_text="Letters, digits, and _ . -")
    name = TextField(max_length=300)


class ReplacedTaxOut(serializers.Serializer):  # type: ignore[type-arg]
    """The codes of two taxes; nothing stands for the first where there is no second."""

    replaced = serializers.CharField(source="source.code")
    by = serializers.CharField(source="target.code", default=None, allow_null=True)


class ReplacedAccountOut(serializers.Serializer):  # type: ignore[type-arg]
    """The codes of two accounts."""

    replaced = serializers.CharField(source="source.code")
    by = serializers.CharField(source="target.code")


class ReplacedTaxIn(StrictSerializer):
    """What is replaced, and by what: codes or ids of taxes."""

    replaced = TextField(max_length=40)
    by = TextField(max_length=40, required=False, allow_null=True, default=None, help_text="Null: by none.")


class ReplacedAccountIn(StrictSerializer):
    """What is replaced, and by what: codes or ids of accounts."""

    replaced = TextField(max_length=120)
    by = TextField(max_length=120)


class FiscalPositionOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    taxes = ReplacedTaxOut(many=True)
    accounts = ReplacedAccountOut(many=True)

    class Meta:
        model = FiscalPosition
        fields = read_only_fields = [
            "id", "name", "automatic", "countries", "who", "number", "note", "is_active", "taxes", "accounts",
            "version",
        ]  # fmt: skip


class FiscalPositionChangeIn(StrictSerializer):
    """Whose documents carry other taxes and accounts than usual."""

    name = TextField(max_length=100, required=False)
    automatic = serializers.BooleanField(required=False, help_text="Found by the country of the contact.")
    countries = CountryList(required=False, help_text="None: every country but the company's own.")
    who = serializers.ChoiceField(choices=FiscalPosition.Who.choices, required=False)
    number = serializers.IntegerField(
        min_value=1, max_value=LAST_PLACE, required=False, help_text="The first that fits counts."
    )
    note = TextField(max_length=NOTE, required=False, allow_blank=True, help_text="Printed on documents.")
    is_active = serializers.BooleanField(required=False)
    taxes: Any = serializers.ListSerializer(
        child=ReplacedTaxIn(), required=False, max_length=MOST_REPLACED, help_text="Instead of all that are there."
    )
    accounts: Any = serializers.ListSerializer(
        child=ReplacedAccountIn(),
        required=False,
        max_length=MOST_REPLACED,
        help_text="They replace all that are there.",
    )


class FiscalPositionIn(FiscalPositionChangeIn):
    """A new fiscal position."""

    name = TextField(max_length=100)


class FiscalPositionParameters(QueryParameters):
    """How fiscal positions may be narrowed and ordered."""

    automatic = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)
    search = serializers.CharField(max_length=200, required=False, help_text="Part of the name.")
    ordering = serializers.ChoiceField(choices=["number", "-number", "name", "-name"], required=False)
