"""The shapes of payments in the API."""

from rest_framework import serializers

from accounting.api_query import IsoDate, QueryParameters
from accounting.api_references import CODE_OR_ID, CodeField
from invoicing.api_document_serializers import ExactField
from invoicing.models import Payment, PaymentPart
from invoicing.payment_listing import state_of
from ledger.api_serializers import WarningOut
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField


class PartIn(StrictSerializer):
    """What a payment is for: a document, or another payment that is given back."""

    document = serializers.UUIDField(required=False, allow_null=True)
    refunds = serializers.UUIDField(required=False, allow_null=True)
    amount = AmountField(required=False, help_text="In the currency of the document.")
    discount = AmountField(required=False)
    write_off = AmountField(required=False)
    spent = AmountField(required=False, allow_null=True, help_text="Of the payment, where the currencies differ.")


class PaymentChangeIn(StrictSerializer):
    """A payment as it is written."""

    direction = serializers.ChoiceField(choices=Payment.Direction.choices)
    role = serializers.ChoiceField(choices=Payment.Role.choices)
    contact = TextField(max_length=120, help_text="Number or id.")
    date = IsoDate()
    amount = AmountField()
    currency = TextField(max_length=24, required=False, allow_null=True)
    rate = ExactField(max_digits=24, required=False, allow_null=True)
    account = TextField(max_length=120, required=False, allow_null=True, help_text=CODE_OR_ID)
    method = serializers.ChoiceField(choices=Payment.Method.choices, required=False)
    reference = TextField(max_length=200, required=False, allow_blank=True)
    memo = TextField(max_length=10_000, required=False, allow_blank=True)
    reason = TextField(max_length=2000, required=False, allow_blank=True)
    prepayment = serializers.BooleanField(required=False)
    parts = PartIn(many=True, required=False)


class PaymentIn(PaymentChangeIn):
    """A new payment."""

    id = serializers.UUIDField(required=False, help_text="An id of the caller's own: kept once, however often sent.")


class PartOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    document = serializers.UUIDField(source="document_id", allow_null=True)
    refunds = serializers.UUIDField(source="refunds_id", allow_null=True)
    amount = AmountField()
    spent = AmountField()
    discount = AmountField()
    write_off = AmountField()

    class Meta:
        model = PaymentPart
        fields = read_only_fields = ["number", "document", "refunds", "amount", "spent", "discount", "write_off"]


class PaymentOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    contact = serializers.UUIDField(source="contact_id")
    contact_name = serializers.CharField(source="contact.name")
    account = CodeField(help_text="Code.")
    amount = AmountField()
    rate = ExactField(allow_null=True)
    open = AmountField(source="open_amount", help_text="What of it is for nothing yet.")
    status = serializers.SerializerMethodField()
    entry = serializers.UUIDField(source="entry_id", allow_null=True)
    parts = PartOut(many=True)
    warnings = WarningOut(many=True, required=False, help_text="In the answer to a posting that goes past a plan.")

    class Meta:
        model = Payment
        fields = read_only_fields = [
            "id", "number", "direction", "role", "state", "status", "contact", "contact_name", "date", "amount", "open",
            "currency", "rate", "rate_source", "account", "method", "reference", "memo", "reason", "prepayment",
            "entry", "parts", "warnings", "created_by", "created_at", "posted_by", "posted_at", "version",
        ]  # fmt: skip

    def get_status(self, payment: Payment) -> str:
        """Draft, submitted, approved, rejected, posted, or reversed."""
        return state_of(payment)


class PaymentParameters(QueryParameters):
    """How payments may be narrowed."""

    contact = serializers.UUIDField(required=False)
    direction = serializers.ChoiceField(choices=Payment.Direction.choices, required=False)
    state = serializers.ChoiceField(choices=Payment.State.choices, required=False)
    start = IsoDate(required=False, help_text="The first date.")
    end = IsoDate(required=False, help_text="The last date.")
    search = serializers.CharField(max_length=200, required=False, help_text="Part of number, reference or name.")


class PaymentReverseIn(StrictSerializer):
    """When and why a payment is taken back."""

    date = IsoDate(required=False, help_text="Today, where left out.")
    reason = TextField(max_length=2000)
