"""The API of how a company makes its documents, of received e-invoices, and of the tax ledger."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounting.api import account_named
from accounting.api_files import form_of
from accounting.api_query import QueryParameters
from accounting.api_references import CODE_OR_ID, CodeField
from accounting.api_serializers import checked
from accounting.chart import UnknownAccount
from accounting.named_rows import terms_named
from invoicing.api_document_serializers import DocumentOut
from invoicing.api_documents import DocumentAPIView
from invoicing.bill_import import receive_bill
from invoicing.invoicing_settings import change_settings, settings_of
from invoicing.models import Document, InvoicingSettings, TaxRow
from ledger.attachments import content_of_upload
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission

TEXTS = {
    "street": 200, "postal_code": 20, "city": 100, "phone": 40, "website": 200, "registration": 100, "bank_name": 100,
    "iban": 50, "bic": 11, "footer": 2000,
}  # fmt: skip


class InvoicingSettingsOut(serializers.ModelSerializer[InvoicingSettings]):
    customer_terms = CodeField(help_text="Code.")
    supplier_terms = CodeField(help_text="Code.")
    dunning_account = CodeField(help_text="Code.")
    has_logo = serializers.BooleanField(source="logo", read_only=True)
    email = serializers.CharField(read_only=True)

    class Meta:
        model = InvoicingSettings
        fields = read_only_fields = [
            "prices_include_tax", "tax_rounding", "cash_step", "write_off_cap", "customer_terms", "supplier_terms",
            "email", *TEXTS, "dunning_account", "dunning_by_itself", "match_bills", "quantity_tolerance",
            "price_tolerance", "has_logo", "version",
        ]  # fmt: skip


class InvoicingSettingsIn(StrictSerializer):
    """What is sent is changed."""

    prices_include_tax = serializers.BooleanField(required=False)
    tax_rounding = serializers.ChoiceField(choices=Document.TaxRounding.choices, required=False)
    cash_step = AmountField(max_digits=10, decimal_places=4, required=False, allow_null=True)
    write_off_cap = AmountField(max_digits=24, decimal_places=6, required=False)
    customer_terms = TextField(max_length=60, required=False, allow_null=True, help_text=CODE_OR_ID)
    supplier_terms = TextField(max_length=60, required=False, allow_null=True, help_text=CODE_OR_ID)
    dunning_account = TextField(max_length=120, required=False, allow_null=True, help_text=CODE_OR_ID)
    dunning_by_itself = serializers.BooleanField(required=False)
    match_bills = serializers.ChoiceField(
        choices=InvoicingSettings.Match.choices, required=False, allow_blank=True,
        help_text="What bills of purchase orders are compared with.",
    )  # fmt: skip
    quantity_tolerance = AmountField(max_digits=9, decimal_places=6, required=False, help_text="Percent.")
    price_tolerance = AmountField(max_digits=9, decimal_places=6, required=False, help_text="Percent.")
    email = serializers.EmailField(required=False, allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        """With the plain texts."""
        texts = {name: TextField(max_length=most, required=False, allow_blank=True) for name, most in TEXTS.items()}
        return {**super().get_fields(), **texts}


class InvoicingSettingsView(CompanyAPIView):
    """How documents are made."""

    serializer_class: Any = InvoicingSettingsOut
    queryset = InvoicingSettings.objects.none()
    write_permission = Permission.MANAGE_COMPANY

    @extend_schema(operation_id="invoicing_settings_retrieve", summary="Show how documents are made")
    def get(self, request: Any, company: str) -> Response:
        """The defaults where nothing was said."""
        return self.answer(settings_of(self.company))

    @extend_schema(
        operation_id="invoicing_settings_change", summary="Change how documents are made",
        request=InvoicingSettingsIn, responses=InvoicingSettingsOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str) -> Response:
        """From now on; posted documents stay as they are. An `If-Match` that is sent has to fit."""
        values = checked(InvoicingSettingsIn, request.data)
        for name in ("customer_terms", "supplier_terms"):
            if (named := values.get(name)) is not None:
                values[name] = terms_named(named, place=name)
        if (named := values.get("dunning_account")) is not None:
            values["dunning_account"] = account_named(named)
            if values["dunning_account"] is None:
                raise UnknownAccount(f"There is no account “{named}”.", place="dunning_account")
        before = settings_of(self.company)
        if request.headers.get("If-Match"):
            check_if_match(request, before)
            values["version"] = before.version
        return self.answer(change_settings(**values))

    def answer(self, found: InvoicingSettings) -> Response:
        """The settings with their ETag."""
        return Response(self.get_serializer(found).data, headers={"ETag": etag_of(found)})


class ReceivedInvoiceIn(StrictSerializer):
    """An e-invoice as it came."""

    file = serializers.FileField(help_text="UBL, CII, or a PDF that carries one (Factur-X).")


class ReceivedInvoiceView(DocumentAPIView):
    """Read a received e-invoice."""

    kinds = ("bill", "supplier_credit")
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="bills_receive", summary="Draft a bill from an e-invoice",
        request={"multipart/form-data": ReceivedInvoiceIn}, responses={201: DocumentOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """A draft with the taxes as the supplier stated them; nothing where the file does not add up."""
        upload = checked(ReceivedInvoiceIn, form_of(request))["file"]
        made = receive_bill(upload.name, content_of_upload(upload))
        return self.answer(made.pk, status.HTTP_201_CREATED)


class TaxRowOut(SparseFields, serializers.ModelSerializer[TaxRow]):
    tax_code = CodeField(help_text="Code.")
    base = AmountField(max_digits=24, decimal_places=6, read_only=True)
    amount = AmountField(max_digits=24, decimal_places=6, read_only=True)
    deductible = AmountField(max_digits=24, decimal_places=6, read_only=True)

    class Meta:
        model = TaxRow
        fields = read_only_fields = [
            "id", "date", "document", "entry", "tax_code", "percent", "base", "amount", "deductible", "base_boxes",
            "tax_boxes", "counter_boxes",
        ]  # fmt: skip


class TaxRowParameters(QueryParameters):
    """How the tax ledger may be narrowed."""

    start = serializers.DateField(required=False, help_text="First tax point.")
    end = serializers.DateField(required=False, help_text="Last tax point.")
    document = serializers.UUIDField(required=False)


class TaxRowListView(CompanyAPIView):
    """The tax ledger."""

    serializer_class: Any = TaxRowOut
    queryset = TaxRow.objects.none()
    ordering = ("date", "id")

    @extend_schema(
        operation_id="tax_rows_list",
        summary="List the tax ledger",
        parameters=[TaxRowParameters],
        responses=TaxRowOut(many=True),
    )
    def get(self, request: Any, company: str) -> Response:
        """What each document and payment adds to the tax return, by tax point, in base currency."""
        asked = TaxRowParameters.of(request)
        rows = TaxRow.objects.for_company(self.company).select_related("tax_code")
        for name, lookup in (("start", "date__gte"), ("end", "date__lte"), ("document", "document")):
            if name in asked:
                rows = rows.filter(**{lookup: asked[name]})
        return self.page(rows)
