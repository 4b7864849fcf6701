"""The taxes of a SAF-T file: the table of codes, and what of them stands in each entry."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from accounting.models import TaxCode, TaxRate
from reports.statutory.asked import AskedExport
from reports.statutory.refusals import UnmappedTaxes, named
from reports.statutory.saft_dialect import LONG, NORWAY, Dialect, fitted, text
from reports.statutory.xml_pieces import Markup, all_of, element

# Norway's name of the value added tax, which its schema wants word for word.
NORWEGIAN = ("MVA", "Merverdiavgift")
OTHERS = ("VAT", "Value added tax or its like")
_STANDARD = re.compile(r"[0-9]{1,2}")
# The LIMITs keep the planner to looking rows up by their index, as in reports.statutory.ledger_lines.
_USED = """
SELECT DISTINCT r.tax_code_id FROM invoicing_taxrow r
CROSS JOIN LATERAL (SELECT 1 FROM ledger_entry e WHERE e.company_id = r.company_id AND e.id = r.entry_id
                      AND e.date BETWEEN %(start)s AND %(end)s LIMIT 1) e
CROSS JOIN LATERAL (SELECT 1 FROM ledger_entryseal x WHERE x.company_id = r.company_id AND x.entry_id = r.entry_id
                      AND x.block_number <= %(block)s LIMIT 1) x
WHERE r.company_id = %(company)s
"""
_ROWS = """
SELECT r.entry_id, t.code, r.percent, r.base, r.amount, t.account_id, t.counter_account_id
FROM unnest(%(entries)s::uuid[]) AS entry(id)
CROSS JOIN LATERAL (SELECT * FROM invoicing_taxrow n WHERE n.company_id = %(company)s AND n.entry_id = entry.id
                    ORDER BY n.number LIMIT 10000) r
JOIN accounting_taxcode t ON t.company_id = r.company_id AND t.id = r.tax_code_id
ORDER BY r.entry_id, r.number
"""


class EntryTax(NamedTuple):
    """So much of a tax on so much, in base currency, and the accounts that it stands on."""

    code: str
    percent: Decimal
    base: Decimal
    amount: Decimal
    accounts: frozenset[UUID | None]


def tax_table(asked: AskedExport, dialect: Dialect) -> Markup:
    """The taxes that entries of the days carry, each with its rate at their end.

    Refused, for Norway: `unmapped_taxes` (neither the code nor a box of the base is a standard tax code).
    """
    with connection.cursor() as cursor:
        cursor.execute(_USED, _values(asked))
        used = [tax for (tax,) in cursor.fetchall()]
    taxes = list(TaxCode.objects.for_company(asked.company).filter(pk__in=used).order_by("code"))
    rates = TaxRate.objects.for_company(asked.company).filter(tax_id__in=used, start__lte=asked.end).order_by("start")
    latest = {rate.tax_id: rate for rate in rates}
    if dialect is NORWAY and (missing := [tax.code for tax in taxes if not _standard(tax)]):
        raise UnmappedTaxes(
            _("These taxes have no standard tax code of Norway, as their code or as a box of the base: %s.")
            % named(missing), place="taxes", taxes=missing,
        )  # fmt: skip
    type, said = NORWEGIAN if dialect is NORWAY else OTHERS
    details = [_detail(asked, dialect, tax, latest.get(tax.pk)) for tax in taxes]
    if not details:
        return Markup("")
    return element(
        "TaxTable", element("TaxTableEntry", element("TaxType", type), element("Description", said), all_of(*details))
    )


def taxes_of(asked: AskedExport, entries: Iterable[UUID]) -> dict[UUID, list[EntryTax]]:
    """What the entries add to the tax return, by entry."""
    found: dict[UUID, list[EntryTax]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {**_values(asked), "entries": list(entries)})
        for entry, code, percent, base, amount, *accounts in cursor.fetchall():
            tax = EntryTax(code, percent, base, amount, frozenset(accounts))
            found.setdefault(entry, []).append(tax)
    return found


def tax_information(dialect: Dialect, tax: EntryTax, side: str, decimals: int) -> Markup:
    """A tax on a line: Norway names the side, the OECD leaves it to the line."""
    amount = element("Amount", f"{abs(tax.amount):.{decimals}f}")
    name = f"{side}TaxAmount" if dialect.by_side else "TaxAmount"
    return element(
        "TaxInformation", element("TaxType", (NORWEGIAN if dialect is NORWAY else OTHERS)[0]),
        element("TaxCode", fitted(tax.code, dialect.tax_code)), element("TaxPercentage", tax.percent.normalize()),
        element("TaxBase", f"{abs(tax.base):.{decimals}f}"), element(name, amount),
    )  # fmt: skip


def _detail(asked: AskedExport, dialect: Dialect, tax: TaxCode, rate: TaxRate | None) -> Markup:
    norwegian = dialect is NORWAY
    return element(
        "TaxCodeDetails", element("TaxCode", fitted(tax.code, dialect.tax_code)),
        element("EffectiveDate", rate.start if rate else None), element("Description", text(tax.name, LONG)),
        element("TaxPercentage", rate.percent.normalize() if rate else Decimal(0)),
        element("Country", asked.company.country),
        element("StandardTaxCode", _standard(tax) if norwegian else None),
        element("Compensation", "false" if norwegian else None),
        element("BaseRate", tax.deductible_percent.normalize() if norwegian else None),
    )  # fmt: skip


def _standard(tax: TaxCode) -> str:
    return next((code for code in (tax.code, *tax.base_boxes) if _STANDARD.fullmatch(code)), "")


def _values(asked: AskedExport) -> dict[str, Any]:
    return {"company": asked.company.pk, "block": asked.block, "start": asked.start, "end": asked.end}
