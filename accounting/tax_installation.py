"""Install taxes, boxes of the return and fiscal positions from a template that Daybook ships (tax_templates/*.json).

Its fiscal positions are found by nobody until a person lets them: whether goods or services are sold decides, not the
country alone.
"""

import datetime
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.chart import Chart, chart_of
from accounting.fiscal_positions import add_position
from accounting.models import Account, FiscalPosition, TaxBox, TaxCode
from accounting.tax_boxes import set_boxes
from accounting.taxes import add_tax
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope

FOLDER = Path(__file__).parent / "tax_templates"
TEMPLATES = {
    "uk": "United Kingdom, VAT",
    "de": "Germany, Umsatzsteuer",
    "fr": "France, TVA",
    "us": "United States, sales and use tax",
    "generic": "VAT of no country in particular",
}
OF_CHART = {"uk": "uk", "skr03": "de", "skr04": "de", "pcg": "fr", "us_gaap": "us", "ifrs": "generic"}
OF_COUNTRY = {"GB": "uk", "DE": "de", "FR": "fr", "US": "us"}
EUROPEAN_UNION = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
ACCOUNTS = ("account", "counter_account", "pending_account")


class UnknownTaxTemplate(Refused):
    """Daybook ships no taxes of this name."""

    code = "unknown_tax_template"


class TaxesNotEmpty(Refused):
    """A template is installed where there are no taxes yet."""

    code = "taxes_not_empty"


@dataclass(frozen=True, slots=True)
class Installed:
    """What a template has brought."""

    taxes: list[TaxCode]
    boxes: list[TaxBox]
    positions: list[FiscalPosition]


def on_company_created(company: Company, options: dict[str, Any]) -> None:
    """A new company has the taxes that were asked for, or else those of its chart."""
    template = options.get("taxes", OF_CHART.get(options.get("chart", ""), ""))
    if template:
        install_taxes(template)


@transaction.atomic
def install_taxes(template: str) -> Installed:
    """Copy shipped taxes, boxes and fiscal positions into a company that has none.

    Taxes stand on the accounts of the chart that the template knows, or else on those with the posting roles
    `tax_payable` and `tax_receivable`; a tax for which the chart has no account is left out.

    Refused: `unknown_tax_template`, `taxes_not_empty`, `missing_role`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    if template not in TEMPLATES:
        known = ", ".join(TEMPLATES)
        sentence = _("There are no taxes “%(template)s”. Known: %(known)s.") % {"template": template, "known": known}
        raise UnknownTaxTemplate(sentence, place="taxes")
    # Two who install at once wait for each other.
    company = Company.objects.select_for_update(no_key=True).get(pk=scope.company.pk)
    if any(model.objects.for_company(company).exists() for model in (TaxCode, TaxBox, FiscalPosition)):
        raise TaxesNotEmpty(_("The company has taxes, boxes of the return or fiscal positions already."))
    content = read_template(template)
    accounts = _accounts(company, content["accounts"])
    boxes = set_boxes(content["boxes"])
    taxes: dict[str, TaxCode] = {}
    for row in content["taxes"]:
        if all(row.get(name) is None or accounts[row[name]] for name in ACCOUNTS):
            taxes[row["code"]] = _added(row, accounts)
    positions = [
        _position(row, number, taxes, accounts, content["country"])
        for number, row in enumerate(content["positions"], start=1)
    ]
    return Installed(list(taxes.values()), boxes, positions)


def offered_template(company: Company) -> str:
    """The template that fits the country of the company best."""
    return OF_COUNTRY.get(company.country, "generic")


def read_template(template: str) -> dict[str, Any]:
    """What a shipped template holds: `country`, `accounts`, `boxes`, `taxes`, `positions`."""
    content: dict[str, Any] = json.loads((FOLDER / f"{template}.json").read_text(encoding="utf-8"))
    return content


def _accounts(company: Company, named: dict[str, dict[str, str]]) -> dict[str, Account | None]:
    """The account for each name that the template uses, in the company's own chart."""
    chart = chart_of(company)
    known = sorted({name for codes in named.values() for name in codes} - {"role"})
    fitting = next((name for name in known if _fits(chart, name, named)), None)
    ids = {}
    for name, codes in named.items():
        if fitting:
            ids[name] = chart.by_code[codes[fitting]].id
        elif role := codes.get("role"):
            ids[name] = chart.in_role(role).id
    rows = Account.objects.for_company(company).in_bulk(list(ids.values()))
    return {name: rows[ids[name]] if name in ids else None for name in named}


def _fits(chart: Chart, name: str, named: dict[str, dict[str, str]]) -> bool:
    """Whether the company's chart has every account of this shipped chart that taxes stand on."""
    found = [chart.by_code.get(codes.get(name, "")) for codes in named.values()]
    return all(account is not None and not account.is_heading for account in found)


def _added(row: dict[str, Any], accounts: dict[str, Account | None]) -> TaxCode:
    fields = dict(row)
    fields.update({name: accounts[row[name]] for name in ACCOUNTS if name in row})
    fields["rates"] = [
        (datetime.date.fromisoformat(start), Decimal(percent)) for start, percent in row.get("rates", ())
    ]
    if "deductible_percent" in row:
        fields["deductible_percent"] = Decimal(row["deductible_percent"])
    return add_tax(**fields)


def _position(
    row: dict[str, Any], number: int, taxes: dict[str, TaxCode], accounts: dict[str, Account | None], home: str
) -> FiscalPosition:
    countries = row.get("countries", [])
    if countries == ["EU"]:
        countries = [country for country in EUROPEAN_UNION if country != home]
    pairs = [(taxes[source], taxes[target]) for source, target in row["taxes"] if {source, target} <= set(taxes)]
    replaced = [
        (source, target)
        for instead_of, name in row.get("accounts", ())
        if (source := accounts[instead_of]) and (target := accounts[name])
    ]
    return add_position(
        name=row["name"], automatic=False, countries=countries, who=row["who"], note=row.get("note", ""), number=number,
        taxes=pairs, accounts=replaced,
    )  # fmt: skip
