"""The shapes of customers, suppliers and their bank accounts in the API."""

from typing import Any

from rest_framework import serializers

from accounting.api_query import QueryParameters
from accounting.api_references import CODE_OR_ID, CodeField
from accounting.models import Contact, ContactAddress, ContactBankAccount
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField

COUNTRY_HELP = "ISO 3166-1, two capital letters."


class AddressOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = ContactAddress
        fields = read_only_fields = ["kind", "street", "supplement", "postal_code", "city", "region", "country"]


class AddressIn(StrictSerializer):
    """Where a contact lives, is billed, or takes deliveries."""

    kind = serializers.ChoiceField(choices=ContactAddress.Kind.choices, required=False, default="billing")
    street = TextField(max_length=200, required=False, allow_blank=True)
    supplement = TextField(max_length=200, required=False, allow_blank=True)
    postal_code = TextField(max_length=20, required=False, allow_blank=True)
    city = TextField(max_length=100, required=False, allow_blank=True)
    region = TextField(max_length=100, required=False, allow_blank=True)
    country = TextField(max_length=2, required=False, allow_blank=True, help_text=COUNTRY_HELP)


class ContactOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    email = serializers.CharField(help_text="Empty, where none is known.")
    credit_limit = AmountField(allow_null=True)
    income_account = CodeField(help_text="Code; offered for what they buy.")
    expense_account = CodeField(help_text="Code; offered for what they supply.")
    sales_tax = CodeField(help_text="Code; on what they buy.")
    purchase_tax = CodeField(help_text="Code; on what they supply.")
    fiscal_position = CodeField("name", help_text="Name; null: found by their country.")
    customer_terms = CodeField(help_text="Code; when they pay us.")
    supplier_terms = CodeField(help_text="Code; when we pay them.")
    merged_into = serializers.UUIDField(source="merged_into_id", allow_null=True)
    addresses = AddressOut(many=True)

    class Meta:
        model = Contact
        fields = read_only_fields = [
            "id", "code", "name", "is_customer", "is_supplier", "country", "tax_number", "registration", "email",
            "phone", "language", "currency", "credit_limit", "income_account", "expense_account", "sales_tax",
            "purchase_tax", "fiscal_position", "customer_terms", "supplier_terms", "notes", "is_active", "merged_into",
            "addresses", "version",
        ]  # fmt: skip


class ContactChangeIn(StrictSerializer):
    """What is known of a customer or supplier."""

    code = TextField(max_length=60, required=False)
    name = TextField(max_length=200, required=False)
    is_customer = serializers.BooleanField(required=False)
    is_supplier = serializers.BooleanField(required=False)
    country = TextField(max_length=2, required=False, allow_blank=True, help_text=COUNTRY_HELP)
    tax_number = TextField(max_length=40, required=False, allow_blank=True, help_text="Checked by its country.")
    registration = TextField(max_length=60, required=False, allow_blank=True)
    email = TextField(max_length=254, required=False, allow_blank=True)
    phone = TextField(max_length=40, required=False, allow_blank=True)
    language = TextField(max_length=10, required=False, allow_blank=True)
    currency = TextField(max_length=24, required=False, allow_blank=True)
    credit_limit = AmountField(required=False, allow_null=True, help_text="In base currency; null: none.")
    income_account = TextField(max_length=120, required=False, allow_null=True, help_text=CODE_OR_ID)
    expense_account = TextField(max_length=120, required=False, allow_null=True, help_text=CODE_OR_ID)
    sales_tax = TextField(max_length=40, required=False, allow_null=True, help_text=CODE_OR_ID)
    purchase_tax = TextField(max_length=40, required=False, allow_null=True, help_text=CODE_OR_ID)
    fiscal_position = TextField(max_length=100, required=False, allow_null=True, help_text="Name or id.")
    customer_terms = TextField(max_length=40, required=False, allow_null=True, help_text=CODE_OR_ID)
    supplier_terms = TextField(max_length=40, required=False, allow_null=True, help_text=CODE_OR_ID)
    notes = TextField(max_length=10_000, required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)
    addresses = AddressIn(many=True, required=False, help_text="They replace all that are there.")


class ContactIn(ContactChangeIn):
    """A new customer or supplier; without a `code` it gets the next one."""

    name = TextField(max_length=200)
    code = TextField(max_length=60, required=False, allow_blank=True)


class ContactParameters(QueryParameters):
    """How contacts may be narrowed and ordered."""

    is_customer = serializers.BooleanField(required=False)
    is_supplier = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)
    search = serializers.CharField(
        max_length=200, required=False, help_text="Part of the number, the name, the e-mail or the tax number."
    )
    ordering = serializers.ChoiceField(choices=["name", "-name", "code", "-code"], required=False)


class BankAccountOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    contact = serializers.UUIDField(source="contact_id")

    class Meta:
        model = ContactBankAccount
        fields = read_only_fields = [
            "id", "contact", "holder", "iban", "account_number", "bic", "currency", "state", "proposed_by",
            "proposed_at", "decided_by", "decided_at", "reason", "version",
        ]  # fmt: skip


class BankAccountIn(StrictSerializer):
    """Where a contact is paid; it waits until somebody else agrees."""

    holder = TextField(max_length=200, required=False, allow_blank=True, help_text="The contact, where left out.")
    iban = TextField(max_length=50, required=False, allow_blank=True)
    account_number = TextField(max_length=60, required=False, allow_blank=True, help_text="Where there is no IBAN.")
    bic = TextField(max_length=20, required=False, allow_blank=True)
    currency = TextField(max_length=3, required=False, allow_blank=True)


class MergeIn(StrictSerializer):
    """Which contact stands for both from now on."""

    into = serializers.UUIDField()
    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class TwinsOut(serializers.Serializer):  # type: ignore[type-arg]
    """Contacts that share something."""

    shared = serializers.ChoiceField(choices=["tax_number", "iban", "email", "name"])
    value = serializers.CharField()
    contacts = serializers.SerializerMethodField()

    def get_contacts(self, twins: Any) -> list[str]:
        """Their ids."""
        return [str(contact.pk) for contact in twins.contacts]
