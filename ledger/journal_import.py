"""Import a journal that another program wrote: beancount, hledger/ledger, or CSV. All of it, or nothing.

What the source declares and the company lacks is made: accounts, units, fiscal years, rates. What the source's
tolerance let pass becomes a rounding line; what is understood and left out is counted. The report names all of it.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounting.accounts import open_account
from accounting.chart import Chart, chart_of
from accounting.fiscal_years import open_fiscal_year
from accounting.models import Currency, ExchangeRate, FiscalYear, Unit
from accounting.units import define_unit, use_currency
from ledger.journal_plan import JournalPlan, Prices, Rounding, Target, plan_journal
from ledger.parsers.beancount import parse_beancount
from ledger.parsers.csv_journal import parse_csv_journal
from ledger.parsers.hledger import parse_hledger
from ledger.parsers.journal import BadEncoding, ParsedJournal, Problem, decode
from ledger.posting import post_batch
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

FORMATS = {
    "beancount": (".beancount", ".bean"),
    "hledger": (".journal", ".hledger", ".ledger", ".j", ".dat"),
    "csv": (".csv", ".tsv", ".txt"),
}
CHUNK = 500
SHOWN_PROBLEMS = 1000
TYPE_OF_ROOT = {
    "assets": "asset", "liabilities": "liability", "equity": "equity", "income": "income", "revenues": "income",
    "expenses": "expense",
}  # fmt: skip

Progress = Callable[[int, int, str], None]


class UnknownFormat(Refused):
    """Neither the name of the file nor the caller says what it is."""

    code = "unknown_format"


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do; with problems, nothing was stored."""

    format: str
    dry_run: bool
    entries: int = 0
    lines: int = 0
    accounts: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    years: list[str] = field(default_factory=list)
    rates: int = 0
    roundings: list[Rounding] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report in plain values; amounts as strings, at most a thousand problems in full."""
        values = asdict(self)
        values["problem_count"] = len(self.problems)
        values["problems"] = values["problems"][:SHOWN_PROBLEMS]
        values["roundings"] = [
            {**rounding, "amount": str(rounding["amount"]), "date": rounding["date"].isoformat()}
            for rounding in values["roundings"]
        ]
        return values


class _NothingStored(Exception):
    """Ends the transaction of a dry run, or of an import with problems."""


def format_of(name: str) -> str:
    """Which format a file's name announces; refused (`unknown_format`) where none does."""
    for kind, endings in FORMATS.items():
        if name.lower().endswith(endings):
            return kind
    raise UnknownFormat(f"“{name}”: say whether this is beancount, hledger or csv.", place="format")


def import_journal(
    data: bytes, format: str, *, key: str, dry_run: bool = False, progress: Progress = lambda *_: None
) -> ImportReport:
    """Import a file into the current company under one key; the same file under the same key is imported once.

    With a problem anywhere, or in a dry run, nothing is stored and the report says what would have been.
    """
    scope = current_scope()
    scope.require(Permission.IMPORT_JOURNALS)
    report = ImportReport(format=format, dry_run=dry_run)
    progress(0, 0, "Reading the file")
    parsed = _parse(data, format, scope.company.base_currency, report)
    if parsed is None:
        return report
    try:
        with transaction.atomic():
            _store(parsed, report, key, progress)
            if dry_run or report.problems:
                raise _NothingStored
    except _NothingStored:
        pass
    except Refused as refusal:
        report.problems.append(Problem(0, refusal.code, f"{refusal.message} {refusal.place}".strip()))
    return report


def run_import(job: "RunningJob") -> dict[str, Any]:
    """The background job: imports the file that was handed in with it."""
    parameters = job.parameters
    with company_scope(job.company, actor=job.actor, act="import journal"):
        report = import_journal(
            job.file("journal"), parameters["format"], key=f"import:{job.key}", dry_run=bool(parameters.get("dry_run")),
            progress=job.progress,
        )  # fmt: skip
    return report.as_json()


def _parse(data: bytes, format: str, base: str, report: ImportReport) -> ParsedJournal | None:
    try:
        text = decode(data)
    except BadEncoding as error:
        report.problems.append(Problem(error.place, error.code, error.message))
        return None
    if format == "beancount":
        return parse_beancount(text)
    if format == "hledger":
        return parse_hledger(text)
    if format == "csv":
        return parse_csv_journal(text, base_currency=base)
    raise UnknownFormat(f"“{format}” is not beancount, hledger or csv.", place="format")


def _store(parsed: ParsedJournal, report: ImportReport, key: str, progress: Progress) -> None:
    progress(0, len(parsed.transactions), "Preparing accounts and units")
    target = _prepare(parsed, report, key)
    if report.problems:
        report.problems = sorted([*report.problems, *parsed.problems], key=lambda problem: problem.place)
        return
    plan = plan_journal(parsed, target)
    report.roundings, report.ignored, report.problems = plan.roundings, plan.ignored, plan.problems
    if not report.problems:
        _open_years(plan, report)
        _post(plan, report, key, progress)


def _prepare(parsed: ParsedJournal, report: ImportReport, key: str) -> Target:
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


def _units(parsed: ParsedJournal, commodities: set[str], report: ImportReport) -> dict[str, str]:
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


def _accounts(parsed: ParsedJournal, used: set[str], chart: Chart, report: ImportReport) -> dict[str, str]:
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
            if not kind or report.format == "csv":
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


def _prices(parsed: ParsedJournal, units: dict[str, str], report: ImportReport) -> Prices:
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


def _open_years(plan: JournalPlan, report: ImportReport) -> None:
    company = current_scope().company
    before = set(FiscalYear.objects.for_company(company).values_list("name", flat=True))
    for date in sorted({entry.date.replace(day=1) for entry in plan.entries}):
        open_fiscal_year(date)
    after = FiscalYear.objects.for_company(company).values_list("name", flat=True)
    report.years = sorted(set(after) - before)


def _post(plan: JournalPlan, report: ImportReport, key: str, progress: Progress) -> None:
    total = len(plan.entries)
    for start in range(0, total, CHUNK):
        chunk = plan.entries[start : start + CHUNK]
        try:
            post_batch(f"{key}:{start // CHUNK + 1}", chunk)
        except Refused as refusal:
            place = _place_of(refusal, plan.places[start : start + CHUNK])
            report.problems.append(Problem(place, refusal.code, refusal.message))
            return
        report.entries += len(chunk)
        report.lines += sum(len(entry.lines) for entry in chunk)
        progress(report.entries, total, "Posting")


def _place_of(refusal: Refused, places: list[int]) -> int:
    """The line of the source behind a refusal such as `entries[12].lines[0].account`."""
    if match := re.match(r"entries\[(\d+)\]", refusal.place):
        return places[int(match.group(1))]
    return places[0] if len(places) == 1 else 0
