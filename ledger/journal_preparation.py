"""Make the company ready for a journal of another program: its units, accounts, rates and rounding account."""

import datetime
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from accounting.accounts import open_account
from accounting.chart import Chart, chart_of
from accounting.models import Currency, ExchangeRate, Unit
from accounting.units import define_unit, use_currency
from ledger.journal_plan import Prices, Target
from ledger.parsers.journal import ParsedJournal, Problem
from tenants.scope import current_scope

if TYPE_CHECKING:
    from ledger.journal_import import ImportReport

TYPE_OF_ROOT = {
    "assets": "asset", "liabilities": "liability", "equity": "equity", "income": "income", "revenues": "income",
    "expenses": "expense",
}  # fmt: skip


def prepare(parsed: ParsedJournal, report: "ImportReport", key: str) -> Target:
    """Find or make what the journal names, and say how its names are called here; problems go into the report."""
    company = current_scope().company
    used = {line.account for entry in parsed.transactions for line in entry.lines}
    commodities = {line.commodity for entry in parsed.transactions for line in entry.lines}
    commodities |= {name for entry in parsed.transactions for line in entry.lines if (name := line.weight_commodity)}
    units = _units(parsed, commodities, report)
    accounts = _accounts(parsed, used, chart_of(company), report)
    chart = chart_of(company)
    return Target(
        base=company.base_currency,
        decimals=chart.units[company.base_currency].decimals,
        units=units,
        unit_decimals={unit.code: unit.decimals for unit in chart.units.values()},
        accounts=accounts,
        rounding_account=_rounding_account(chart),
        prices=_prices(parsed, units, report),
        key=key,
    )


def _units(parsed: ParsedJournal, commodities: set[str], report: "ImportReport") -> dict[str, str]:
    """Source commodity -> unit code; what is missing is brought into use or defined."""
    company = current_scope().company
    known = set(Unit.objects.for_company(company).values_list("code", flat=True))
    iso = set(Currency.objects.values_list("code", flat=True))
    priced = {
        line.commodity for entry in parsed.transactions for line in entry.lines if line.weight_commodity is not None
    }
    names: dict[str, str] = {}
    for commodity in sorted(commodities):
        code = _unit_code(commodity, company.base_currency)
        if not code:
            report.problems.append(Problem(0, "bad_commodity", f"“{commodity}” cannot be the code of a unit."))
            continue
        names[commodity] = code
        if code in known:
            continue
        if code in iso:
            use_currency(code)
        else:
            kind = Unit.Kind.COMMODITY if commodity in priced else Unit.Kind.STATISTICAL
            define_unit(code, name=commodity, kind=kind, decimals=min(parsed.commodities.get(commodity, 2), 12))
        known.add(code)
        report.units.append(code)
    return names


def _unit_code(commodity: str, base: str) -> str:
    if not commodity:
        return base
    code = re.sub(r"[^A-Z0-9'._-]", "-", commodity.upper())[:24]
    return code if re.match(r"[A-Z]", code) else f"U{code}"[:24]


def _accounts(parsed: ParsedJournal, used: set[str], chart: Chart, report: "ImportReport") -> dict[str, str]:
    """Source account -> code of the chart; accounts of plain-text journals are opened where they are missing."""
    declared = {account.name: account for account in parsed.accounts}
    by_name = {account.name: account.code for account in chart.by_code.values() if not account.is_heading}
    names: dict[str, str] = {}
    for name in sorted(used):
        if name in chart.by_code:
            names[name] = name
        elif name in by_name:
            names[name] = by_name[name]
        else:
            account = declared.get(name)
            kind = (account.type if account else "") or TYPE_OF_ROOT.get(name.split(":")[0].lower(), "")
            place = account.place if account else 0
            if not kind or report.is_table:
                report.problems.append(Problem(place, "unknown_account", f"There is no account “{name}”."))
            elif len(name) > 120:
                report.problems.append(Problem(place, "invalid_account", f"“{name}” is longer than 120 characters."))
            else:
                opened = open_account(code=name, name=name.split(":")[-1].replace("-", " "), type=kind)
                report.accounts.append(opened.code)
            names[name] = name
    return names


def _rounding_account(chart: Chart) -> str:
    if found := chart.by_role.get("rounding"):
        return found.code
    code = "Expenses:Rounding"
    return open_account(
        code=code, name="Rounding differences", type="expense", subtype="rounding", role="rounding"
    ).code


def _prices(parsed: ParsedJournal, units: dict[str, str], report: "ImportReport") -> Prices:
    """The source's prices in base currency, kept as rates where the day has none, and the company's own rates."""
    company = current_scope().company
    known: dict[str, list[tuple[datetime.date, Decimal]]] = {}
    kept: dict[tuple[str, datetime.date], ExchangeRate] = {}
    for price in parsed.prices:
        if units.get(price.currency, price.currency) == company.base_currency and price.price > 0:
            code = units.get(price.commodity) or _unit_code(price.commodity, company.base_currency)
            rate = round(price.price, 12)
            known.setdefault(price.commodity, []).append((price.date, rate))
            kept[code, price.date] = ExchangeRate(
                company=company, currency=code, date=price.date, rate=rate, source="import"
            )
    before = ExchangeRate.objects.for_company(company).count()
    ExchangeRate.objects.bulk_create(kept.values(), ignore_conflicts=True, batch_size=1000)
    report.rates = ExchangeRate.objects.for_company(company).count() - before
    by_code = {code: name for name, code in units.items()}
    for currency, date, rate in ExchangeRate.objects.for_company(company).values_list("currency", "date", "rate"):
        known.setdefault(by_code.get(currency, currency), []).append((date, rate))
    return Prices(known)
