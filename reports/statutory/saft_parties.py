"""The customers and suppliers of a SAF-T file, with what stands on their accounts before and after the days."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from uuid import UUID

from django.db.models import Prefetch

from accounting.chart import Chart, ChartAccount, chart_of
from accounting.models import Contact, ContactAddress
from reports.statutory.asked import ZERO, AskedExport
from reports.statutory.ledger_lines import SubAccountTotals, sub_account_totals
from reports.statutory.saft_dialect import LONGER, MIDDLE, SHORT, Dialect, balance, fitted, text
from reports.statutory.saft_header import address, person
from reports.statutory.xml_pieces import Markup, all_of, element

# Contacts that are read at once.
BATCH = 200
# Whose part of an account it is follows from the account: these are kept with suppliers, all others with customers.
OF_SUPPLIERS = frozenset({"payable", "prepayment"})
PARTIES = ("Customer", "Supplier")


def party_of(account: ChartAccount) -> str:
    """Whether the sub-accounts of an account are customers or suppliers."""
    return "Supplier" if account.subtype in OF_SUPPLIERS else "Customer"


class Parties:
    """Who has sub-accounts with anything on them, by the id of the contact."""

    def __init__(self, asked: AskedExport, dialect: Dialect) -> None:
        self._asked, self._dialect = asked, dialect
        self._chart: Chart = chart_of(asked.company)
        self._decimals = self._chart.units[asked.company.base_currency].decimals

    def pieces(self, party: str) -> Iterator[bytes]:
        """All customers, or all suppliers; nothing where there are none."""
        held = groupby(self._held(party), key=lambda row: row.contact_id)
        found = ((contact, list(rows)) for contact, rows in held if contact)
        begun = False
        while batch := list(islice(found, BATCH)):
            if not begun:
                begun = True
                yield f"<{party}s>\n".encode()
            contacts = self._contacts(contact for contact, _rows in batch)
            for contact, rows in batch:
                yield self._written(party, contacts[contact], rows).encode() + b"\n"
        if begun:
            yield f"</{party}s>\n".encode()

    def _held(self, party: str) -> Iterator[SubAccountTotals]:
        for row in sub_account_totals(self._asked):
            if row.contact_id and party_of(self._chart.by_id[row.account_id]) == party:
                yield row

    def _contacts(self, ids: Iterable[UUID | None]) -> dict[UUID | None, Contact]:
        company = self._asked.company
        addresses = Prefetch("addresses", ContactAddress.objects.for_company(company).order_by("number"))
        found = Contact.objects.for_company(company).filter(pk__in=list(ids)).prefetch_related(addresses)
        return {contact.pk: contact for contact in found}

    def _written(self, party: str, contact: Contact, rows: Sequence[SubAccountTotals]) -> Markup:
        where = next(iter(contact.addresses.all()), ContactAddress())
        lines = ", ".join(part for part in (where.street, where.supplement) if part)
        return element(
            party, element("RegistrationNumber", fitted(contact.registration or contact.tax_number, MIDDLE)),
            element("Name", text(contact.name, self._dialect.name)),
            address(self._dialect, lines, where.postal_code, where.city, where.country or contact.country),
            self._reached(contact), self._taxed(contact), element(f"{party}ID", fitted(contact.code, MIDDLE)),
            self._balances(rows),
        )  # fmt: skip

    def _reached(self, contact: Contact) -> Markup:
        if not (contact.phone or contact.email):
            return Markup("")
        return element(
            "Contact", person(""), element("Telephone", contact.phone[:SHORT]), element("Email", contact.email[:LONGER])
        )

    def _taxed(self, contact: Contact) -> Markup:
        return element(
            "TaxRegistration", element("TaxRegistrationNumber", fitted(contact.tax_number, MIDDLE))
        )  # fmt: skip

    def _balances(self, rows: Sequence[SubAccountTotals]) -> Markup:
        """Norway takes the balance of every account; the OECD one balance, so that it is of all of them together."""
        if self._dialect.by_side:
            return all_of(*(element("BalanceAccount", self._account(row)) for row in rows))
        first = rows[0]
        together = first._replace(
            opening=sum((row.opening for row in rows), ZERO), closing=sum((row.closing for row in rows), ZERO)
        )
        return self._account(together)

    def _account(self, row: SubAccountTotals) -> Markup:
        code = self._chart.by_id[row.account_id].code
        return all_of(
            element("AccountID", fitted(code, LONGER)), balance("Opening", row.opening, self._decimals),
            balance("Closing", row.closing, self._decimals),
        )  # fmt: skip
