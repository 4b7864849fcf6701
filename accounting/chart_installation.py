"""Install a chart of accounts from a template that Daybook ships (accounting/charts/*.csv)."""

import csv
import datetime
from pathlib import Path
from typing import Any

from accounting.fiscal_years import open_fiscal_year
from accounting.mappings import SCHEMES
from accounting.models import Account, AccountMapping, Unit
from accounting.units import define_unit, use_currency
from tenants.fields import new_id
from tenants.models import Company
from tenants.refusal import Refused
from tenants.scope import current_scope

FOLDER = Path(__file__).parent / "charts"
TEMPLATES = {
    "ifrs": "IFRS, small business",
    "us_gaap": "US GAAP",
    "uk": "United Kingdom",
    "skr03": "Germany, SKR03",
    "skr04": "Germany, SKR04",
    "pcg": "France, plan comptable général",
}


class UnknownTemplate(Refused):
    """Daybook ships no chart of this name."""

    code = "unknown_chart"


class ChartNotEmpty(Refused):
    """A template is installed into an empty chart."""

    code = "chart_not_empty"


def on_company_created(company: Company, options: dict[str, Any]) -> None:
    """A new company has its base currency, this fiscal year and the one before, and the chart that was asked for."""
    use_currency(company.base_currency)
    today = datetime.datetime.now(tz=datetime.UTC).date()
    open_fiscal_year(today.replace(year=today.year - 1, day=1))
    open_fiscal_year(today)
    if chart := options.get("chart"):
        install_chart(chart)


def install_chart(template: str) -> list[Account]:
    """Copy a shipped chart into the company's empty one, with the statutory codes that it knows.

    Refused: `unknown_chart`, `chart_not_empty`.
    """
    company = current_scope().company
    if template not in TEMPLATES:
        raise UnknownTemplate(f"There is no chart “{template}”. Known: {', '.join(TEMPLATES)}.", place="chart")
    if Account.objects.for_company(company).exists():
        raise ChartNotEmpty("The company has a chart of accounts already.")
    rows = read_template(template)
    if any(row["type"] == "statistical" and row["subtype"] != "heading" for row in rows):
        define_unit("DAY", name="Day", kind=Unit.Kind.STATISTICAL, decimals=2)
    ids = {row["code"]: new_id() for row in rows}
    accounts: list[Account] = Account.objects.bulk_create(_account(company, row, ids) for row in rows)
    AccountMapping.objects.bulk_create(
        AccountMapping(company=company, account_id=ids[row["code"]], scheme=scheme, code=row[scheme])
        for row in rows
        for scheme in SCHEMES
        if row.get(scheme)
    )
    return accounts


def read_template(template: str) -> list[dict[str, str]]:
    """The rows of a shipped chart, headings first."""
    with (FOLDER / f"{template}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _account(company: Company, row: dict[str, str], ids: dict[str, Any]) -> Account:
    return Account(
        id=ids[row["code"]],
        company=company,
        code=row["code"],
        name=row["name"],
        type=row["type"],
        subtype=row["subtype"],
        parent_id=ids[row["parent"]] if row["parent"] else None,
        currency="DAY" if row["subtype"] == "statistical" else "",
        control=row["control"] == "yes",
        open_item=row["open_item"] == "yes",
        role=row["role"],
        tags=[tag for tag in row["tags"].split(";") if tag],
    )
