"""The shapes of documents in the API."""

from typing import Any

from rest_framework import serializers

from accounting.amounts import amount_text
from accounting.api_query import IsoDate, QueryParameters
from accounting.api_references import CODE_OR_ID, CodeField
from invoicing.document_listing import STATUSES, status_of
from invoicing.models import Document, DocumentLine, DocumentTax, Instalment
from invoicing.pdf import LAYOUTS
from ledger.api_serializers import WarningOut
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField


class ExactField(AmountField):
    """A quantity, price or percentage as text, without the zeros that its column adds."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 30)
        kwargs.setdefault("decimal_places", 12)
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> str:
        """The number as text."""
        return amount_text(value, 0)


class DocumentLineIn(StrictSerializer):
    """A line. What is left out comes from the item, the contact and the fiscal position."""

    description = TextField(max_length=2000, required=False, allow_blank=True)
    item = TextField(max_length=120, required=False, allow_null=True, help_text=CODE_OR_ID)
    quantity = ExactField(max_digits=24, decimal_places=6, required=False)
    unit = TextField(max_length=3, required=False, allow_blank=True, help_text="UN/ECE recommendation 20.")
    unit_price = ExactField(required=False, allow_null=True)
    discount_percent = ExactField(max_digits=9, decimal_places=6, required=False)
    account = TextField(max_length=120, required=False, allow_null=True, help_text=CODE_OR_ID)
    tax = TextField(
        max_length=120, required=False, allow_null=True, allow_blank=True, help_text="Code or id; empty: none at all."
    )
    dimensions = serializers.DictField(child=TextField(max_length=40), required=False)
    credits = serializers.UUIDField(
        required=False, allow_null=True, help_text="The line that a credit note gives back."
    )
    order_line = serializers.UUIDField(
        required=False, allow_null=True, help_text="The line of a purchase order that a bill charges for."
    )


class DocumentChangeIn(StrictSerializer):
    """A document as it is written. What is left out comes from the contact and the settings of the company."""

    contact = TextField(max_length=120, help_text="Number or id.")
    date = IsoDate()
    tax_date = IsoDate(required=False, allow_null=True, help_text="Tax point; the rates of this day count.")
    due_date = IsoDate(required=False, allow_null=True, help_text="Due whole on this day, whatever the terms.")
    reference = TextField(max_length=200, required=False, allow_blank=True)
    currency = TextField(max_length=24, required=False, allow_null=True)
    rate = ExactField(max_digits=24, required=False, allow_null=True, help_text="Base currency for one.")
    terms = TextField(max_length=120, required=False, allow_null=True, allow_blank=True, help_text=CODE_OR_ID)
    position = serializers.UUIDField(required=False, allow_null=True)
    prices_include_tax = serializers.BooleanField(required=False, allow_null=True)
    tax_rounding = serializers.ChoiceField(choices=Document.TaxRounding.choices, required=False, allow_null=True)
    cash_step = ExactField(max_digits=10, decimal_places=4, required=False, allow_null=True)
    stated_taxes = serializers.DictField(
        child=AmountField(), required=False, help_text="What a supplier reckoned, by tax code."
    )
    memo = TextField(max_length=10_000, required=False, allow_blank=True)
    notes = TextField(max_length=10_000, required=False, allow_blank=True)
    reason = TextField(max_length=2000, required=False, allow_blank=True)
    lines = DocumentLineIn(many=True, required=False)


class DocumentIn(DocumentChangeIn):
    """A new document; `kind` need only be said where the address holds several."""

    kind = serializers.ChoiceField(choices=Document.Kind.choices, required=False)
    credits = serializers.UUIDField(required=False, allow_null=True)
    id = serializers.UUIDField(required=False, help_text="An id of the caller's own: kept once, however often sent.")


class DocumentLineOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    item = CodeField(help_text="Code.")
    account = CodeField(help_text="Code.")
    tax = CodeField(source="tax_code", help_text="Code.")
    quantity = ExactField()
    unit_price = ExactField()
    discount_percent = ExactField()
    net = AmountField()
    gross = AmountField()
    credits = serializers.UUIDField(source="credits_id", allow_null=True)
    order_line = serializers.UUIDField(source="order_line_id", allow_null=True)

    class Meta:
        model = DocumentLine
        fields = read_only_fields = [
            "id", "number", "description", "item", "quantity", "unit", "unit_price", "discount_percent", "account",
            "tax", "dimensions", "net", "gross", "credits", "order_line",
        ]  # fmt: skip


class DocumentTaxOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    tax = CodeField(source="tax_code", help_text="Code.")
    percent = ExactField()
    base = AmountField()
    amount = AmountField()
    deductible = AmountField()

    class Meta:
        model = DocumentTax
        fields = read_only_fields = [
            "number", "tax", "name", "kind", "category", "exemption_reason", "percent", "base", "amount", "deductible",
            "pending",
        ]  # fmt: skip


class DocumentInstalmentOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    amount = AmountField()
    line = serializers.UUIDField(source="line_id", allow_null=True, help_text="The open item in the ledger.")

    class Meta:
        model = Instalment
        fields = read_only_fields = ["number", "due_date", "amount", "line"]


class DocumentRowOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    contact = serializers.UUIDField(source="contact_id")
    contact_name = serializers.CharField(source="contact.name")
    net = AmountField()
    tax = AmountField()
    withheld = AmountField()
    rounding = AmountField()
    total = AmountField()
    open = AmountField(source="open_amount", help_text="What is not settled yet.")
    status = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = read_only_fields = [
            "id", "kind", "number", "state", "status", "contact", "contact_name", "date", "due_date", "reference",
            "currency", "net", "tax", "withheld", "rounding", "total", "open", "version",
        ]  # fmt: skip

    def get_status(self, document: Document) -> str:
        """Draft, submitted, approved, rejected; open, partly_paid, overdue, paid, reversed once it is posted."""
        return status_of(document)


class DocumentOut(DocumentRowOut):
    rate = ExactField(allow_null=True)
    terms = CodeField(help_text="Code.")
    position = serializers.UUIDField(source="position_id", allow_null=True)
    cash_step = ExactField(allow_null=True)
    stated_taxes = serializers.DictField(child=serializers.CharField())
    discount_percent = ExactField()
    base_total = AmountField(allow_null=True)
    entry = serializers.UUIDField(source="entry_id", allow_null=True)
    credits = serializers.UUIDField(source="credits_id", allow_null=True)
    made_from = serializers.UUIDField(source="made_from_id", allow_null=True)
    lines = DocumentLineOut(many=True)
    taxes = DocumentTaxOut(many=True)
    warnings = WarningOut(many=True, required=False, help_text="In the answer to a posting that goes past a plan.")
    instalments = DocumentInstalmentOut(many=True)

    class Meta:
        model = Document
        fields = read_only_fields = [
            *DocumentRowOut.Meta.fields, "tax_date", "rate", "rate_source", "terms", "position", "prices_include_tax",
            "tax_rounding", "cash_step", "stated_taxes", "discount_percent", "discount_until", "memo", "notes",
            "reason", "base_total", "entry", "credits", "made_from", "created_by", "created_at", "changed_at",
            "posted_by", "posted_at", "lines", "taxes", "instalments", "warnings",
        ]  # fmt: skip


class DocumentParameters(QueryParameters):
    """How documents may be narrowed and ordered."""

    contact = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=[*STATUSES, "unpaid"], required=False)
    currency = serializers.CharField(max_length=24, required=False)
    start = IsoDate(required=False, help_text="The first date.")
    end = IsoDate(required=False, help_text="The last date.")
    search = serializers.CharField(max_length=200, required=False, help_text="Part of number, reference or name.")


class FileParameters(QueryParameters):
    """How a document is printed."""

    layout = serializers.ChoiceField(choices=LAYOUTS, required=False)


class CreditIn(StrictSerializer):
    """What is credited, and why; without quantities all that is left."""

    date = IsoDate(required=False, help_text="Today, where left out.")
    reason = TextField(max_length=2000)
    quantities = serializers.DictField(child=ExactField(), required=False, help_text="Line id to quantity.")


class DocumentReasonIn(StrictSerializer):
    """Why; it stays in the trail."""

    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class ApplyIn(StrictSerializer):
    """Documents that are settled with what is open in the contact's favour, in this order."""

    documents = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=1000)
    date = IsoDate(required=False)


class PostManyIn(StrictSerializer):
    """Documents that are posted together, all or none, numbered in this order."""

    documents = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=500)


class PostLaterIn(StrictSerializer):
    """Documents that are posted in the background, each for itself."""

    documents = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=20_000)
