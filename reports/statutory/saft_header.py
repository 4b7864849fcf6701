"""The header of a SAF-T file: which program wrote it, whose books it holds, and which days of them."""

import re

from django.conf import settings
from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError
from stdnum.no import orgnr

from accounting.chart import chart_of
from invoicing.models import InvoicingSettings
from reports.statutory.asked import AskedExport
from reports.statutory.refusals import MissingCountry, MissingTaxNumber, UnsupportedCurrency
from reports.statutory.saft_dialect import LONGER, MIDDLE, NORWAY, SHORT, Dialect, fitted, text
from reports.statutory.xml_pieces import Markup, element
from tenants.models import Company

SOFTWARE = "Daybook"
VERSION = str(settings.SPECTACULAR_SETTINGS["VERSION"])


def refuse_company(company: Company) -> None:
    """What every SAF-T file needs of a company. Refused: `missing_tax_number`, `missing_country`,
    `unsupported_currency` (amounts have two decimals at most)."""
    if not company.tax_number.strip():
        raise MissingTaxNumber(
            _("SAF-T names the company by its tax number: put it into the company's settings."), place="tax_number"
        )
    if len(company.country) != 2:
        raise MissingCountry(
            _("SAF-T names the country: put it into the company's settings."), place="country"
        )  # fmt: skip
    if chart_of(company).units[company.base_currency].decimals > 2:
        raise UnsupportedCurrency(_("SAF-T has no amounts with more than two decimals."), place="base_currency")


def organisation_number(company: Company) -> str:
    """The nine digits by which Norway knows a company, from its tax number with or without NO and MVA.

    Refused: `missing_tax_number`.
    """
    digits = re.sub(r"^NO|MVA$|[\s.-]", "", re.sub(r"\s", "", company.tax_number.upper()))
    try:
        return str(orgnr.validate(digits))
    except ValidationError as error:
        message = _("SAF-T Financial needs the Norwegian organisation number: put it into the company's settings.")
        raise MissingTaxNumber(message, place="tax_number") from error


def header(asked: AskedExport, dialect: Dialect) -> Markup:
    """The whole header."""
    company = asked.company
    return element(
        "Header", element("AuditFileVersion", dialect.version), element("AuditFileCountry", company.country),
        element("AuditFileDateCreated", asked.made_at.date()), element("SoftwareCompanyName", SOFTWARE),
        element("SoftwareID", SOFTWARE), element("SoftwareVersion", text(VERSION, SHORT)),
        _company(asked, dialect), element("DefaultCurrencyCode", company.base_currency),
        element("SelectionCriteria", element("SelectionStartDate", asked.start),
                element("SelectionEndDate", asked.end)),
        element("TaxAccountingBasis", dialect.basis),
    )  # fmt: skip


def _company(asked: AskedExport, dialect: Dialect) -> Markup:
    company = asked.company
    known = InvoicingSettings.objects.for_company(company).first() or InvoicingSettings()
    if dialect is NORWAY:
        number = organisation_number(company)
        tax = element("TaxRegistration", element("TaxRegistrationNumber", f"{number}MVA"),
                      element("TaxAuthority", "Skatteetaten"))  # fmt: skip
    else:
        number = fitted(known.registration or company.tax_number, MIDDLE)
        tax = element("TaxRegistration", element("TaxRegistrationNumber", fitted(company.tax_number, MIDDLE)))
    return element(
        "Company", element("RegistrationNumber", number), element("Name", text(company.name, dialect.name)),
        address(dialect, known.street, known.postal_code, known.city, company.country),
        element("Contact", person(asked.values.get("contact", "")),
                element("Telephone", text(known.phone, SHORT)), element("Email", known.email[:LONGER])),
        tax, _bank(known),
    )  # fmt: skip


def person(name: str) -> Markup:
    """A person by first and last name; the schemas want both."""
    first, _space, last = on_two(name)
    return element("ContactPerson", element("FirstName", text(first, MIDDLE)), element("LastName", text(last, LONGER)))


def on_two(name: str) -> tuple[str, str, str]:
    """First names, and the last one."""
    return name.strip().rpartition(" ")


def address(dialect: Dialect, street: str, postal_code: str, city: str, country: str) -> Markup:
    """A postal address; town and postal code are said to be missing where they are."""
    longest_street, longest_code, longest_city = dialect.address
    return element(
        "Address", element("StreetName", street[:longest_street]), element("City", text(city, longest_city)),
        element("PostalCode", text(postal_code, longest_code)), element("Country", country),
        element("AddressType", "StreetAddress"),
    )  # fmt: skip


def _bank(known: InvoicingSettings) -> Markup:
    return element("BankAccount", element("IBANNumber", known.iban.replace(" ", "")[:MIDDLE]))
