"""Import customers and suppliers from a table: the columns are those of the list as it is exported."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounting.api_contact_serializers import ContactChangeIn, ContactIn
from accounting.contact_listing import POINTERS
from accounting.contacts import (
    ADDRESS,
    ContactCodeTaken,
    ContactInUse,
    add_contact,
    change_contact,
    delete_contact,
    next_codes,
)
from accounting.master_data_import import MasterData, keep_rows, of_company, take_back
from accounting.models import Contact, ContactAddress
from accounting.table_columns import FLAG, NUMBER, Column
from accounting.table_kinds import UPDATE, TableKind
from tenants.permissions import Permission
from tenants.scope import current_scope

# Columns of the billing address, and what the address calls them.
_OF_ADDRESS = {name: name for name in ADDRESS if name not in ("kind", "country")} | {"address_country": "country"}
COLUMNS = (
    Column("code", "Number; blank: the next one", "K-1001", called=("number", "customer number", "Kundennummer")),
    Column("name", "Name", "Adatum Ltd", called=("company", "company name", "Firma"), required=True),
    Column("is_customer", "Whether they buy", "yes", FLAG, ("customer", "Kunde")),
    Column("is_supplier", "Whether they supply", "no", FLAG, ("supplier", "vendor", "Lieferant")),
    Column("country", "Two letters, ISO 3166", "GB", called=("country code", "Land")),
    Column("tax_number", "VAT or other number, checked by its country", called=("VAT number", "VAT ID", "USt-IdNr")),
    Column("registration", "Registration number", called=("company number", "registration number")),
    Column("email", "E-mail", "office@adatum.example", called=("mail", "e-mail address")),
    Column("phone", "Telephone", "+44 20 7946 0000", called=("telephone", "Telefon")),
    Column("language", "Of what is sent to them; blank: the company's", "en", called=("Sprache",)),
    Column("currency", "Of new documents; blank: the company's", called=("Währung",)),
    Column("credit_limit", "In base currency; blank: none", "5000.00", NUMBER, ("Kreditlimit",)),
    Column("income_account", "Code; offered for what they buy", called=("Erlöskonto",)),
    Column("expense_account", "Code; offered for what they supply", called=("Aufwandskonto",)),
    Column("sales_tax", "Code; on what they buy"),
    Column("purchase_tax", "Code; on what they supply"),
    Column("fiscal_position", "Name; blank: found by their country"),
    Column("customer_terms", "Code; when they pay us", called=("payment terms", "Zahlungsbedingung")),
    Column("supplier_terms", "Code; when we pay them"),
    Column("notes", "Notes", called=("note", "comment", "Notiz")),
    Column("is_active", "Whether they are in use; blank: yes", "yes", FLAG, ("active", "aktiv")),
    Column("street", "Of the billing address", "1 High Street", called=("address", "Straße")),
    Column("supplement", "Of the billing address", called=("address 2", "Adresszusatz")),
    Column("postal_code", "Of the billing address", "AB1 2CD", called=("postcode", "zip", "PLZ")),
    Column("city", "Of the billing address", "London", called=("town", "Ort", "Stadt")),
    Column("region", "Of the billing address", called=("state", "county", "Bundesland")),
    Column("address_country", "Of the billing address", "GB"),
)


def _said(values: Mapping[str, Any], kept: Contact | None) -> dict[str, Any]:
    """The row as the API takes it. What it says of the billing address is changed there; other addresses stay."""
    own = {name: value for name, value in values.items() if name not in _OF_ADDRESS}
    if "country" in own:
        own["country"] = own["country"].upper()
    where = {theirs: values[column] for column, theirs in _OF_ADDRESS.items() if column in values}
    if "country" in where:
        where["country"] = where["country"].upper()
    return {**own, "addresses": _addresses(where, kept)} if where else own


def _addresses(where: dict[str, str], kept: Contact | None) -> list[dict[str, str]]:
    rows = [{name: getattr(one, name) for name in ADDRESS} for one in kept.addresses.all()] if kept else []
    billing = next((row for row in rows if row["kind"] == ContactAddress.Kind.BILLING), None)
    if billing is None:
        return [{"kind": ContactAddress.Kind.BILLING.value, **where}, *rows]
    billing.update(where)
    return rows


def _column(place: str) -> str:
    """The column that a refusal is about: an address has columns of its own."""
    name = place.rpartition(".")[2] if place.startswith("addresses") else place
    if place.startswith("addresses") and name == "country":
        return "address_country"
    return name if any(column.name == name for column in COLUMNS) else ""


class _Numbered:
    """Adds contacts. The next number is looked up once, not for every row: that would take longer with each."""

    def __init__(self) -> None:
        self._codes: Iterator[str] | None = None

    def add(self, **values: Any) -> Contact:
        """Add one; where somebody else has taken the next number meanwhile, it is looked up again."""
        if values.get("code"):
            return add_contact(**values)
        try:
            self._codes = self._codes or next_codes(current_scope().company)
            return add_contact(**{**values, "code": next(self._codes)})
        except ContactCodeTaken:
            self._codes = None
            return add_contact(**values)


def _contact_data() -> MasterData:
    return MasterData(
        rows=lambda: of_company(Contact, *POINTERS).prefetch_related("addresses"), new=ContactIn(),
        changed=ContactChangeIn(), add=_Numbered().add, change=change_contact, delete=delete_contact,
        in_use=ContactInUse, said=_said, column=_column,
    )  # fmt: skip


CONTACTS = TableKind(
    name="contacts", title=_("Contacts"), columns=COLUMNS, option=UPDATE, needed=(Permission.MANAGE_CONTACTS,),
    page="accounting:contact-detail",
    undone=_("Contacts that it added are removed; those in use by now are taken out of use. What it changed stays "
             "changed: the history of each contact says what it was."),
    keep=lambda wanted: keep_rows(wanted, _contact_data()), undo=lambda undoing: take_back(undoing, _contact_data()),
)  # fmt: skip
