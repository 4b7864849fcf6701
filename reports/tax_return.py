"""The tax return: what each box comes to, from the rows of the tax ledger, tied out with the accounts of the taxes.

A row counts at its tax point (VAT Directive 2006/112/EC, art. 63 to 67), in the boxes that its tax had at that time.
"""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.chart import chart_of
from accounting.models import TaxBox
from accounting.tax_box_formulas import reckoned, terms_of
from reports.known_moment import known_condition
from reports.links import days_query
from reports.periods import month_start
from reports.reading import read_in_chunks
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from reports.tax_tie_out import tied_taxes
from tenants.models import Company
from tenants.refusal import Refused

# Each row under each of its boxes: the base, what may be claimed or is owed of the tax, and its other side.
_ROWS = """
FROM invoicing_taxrow t
JOIN ledger_entry e ON e.company_id = t.company_id AND e.id = t.entry_id
LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
CROSS JOIN LATERAL (
  SELECT unnest(t.base_boxes) AS box, t.base AS amount
  UNION ALL SELECT unnest(t.tax_boxes), t.deductible
  UNION ALL SELECT unnest(t.counter_boxes), t.amount) b
WHERE t.company_id = %(company)s AND t.date >= %(start)s AND t.date <= %(end)s {known}
"""
_SUMS = f"SELECT b.box, sum(b.amount) {_ROWS} GROUP BY b.box"
_LIST = f"""
SELECT t.date, coalesce(x.number_text, ''), t.entry_id, e.memo, e.reference,
       (SELECT c.code FROM accounting_taxcode c WHERE c.company_id = t.company_id AND c.id = t.tax_code_id), t.percent,
       t.base, b.amount, b.box
{_ROWS} AND b.box = ANY (%(boxes)s)
ORDER BY t.date, t.id, b.box
"""


class UnknownBox(Refused):
    """The return has no such box."""

    code = "unknown_box"


def tax_return(company: Company, asked: Asked) -> Report:
    """What each box of the return comes to for tax points from a day (of the month, where none is named) to
    another, in base currency; boxes that taxes fill, and boxes reckoned from others."""
    asked = _with_days(asked)
    decimals = chart_of(company).units[company.base_currency].decimals
    columns = [
        Column("box", _("Box")), Column("name", _("Position")), Column("amount", _("Amount"), Kind.AMOUNT, decimals),
    ]  # fmt: skip
    boxes = list(TaxBox.objects.for_company(company).order_by("number", "code"))
    filled = _sums(company, asked)
    formulas = {box.code: box.formula for box in boxes}
    amounts = reckoned(formulas, filled)
    rows = [_box_row(box, amounts[box.code], asked) for box in boxes]
    report = Report("tax-return", gettext_lazy("Tax return"), company, asked, columns, rows)
    report.problems += [
        _("Box %s is filled, and the return does not have it.") % box for box in sorted({*filled} - {*formulas})
    ]
    unexplained = [one for one in tied_taxes(company, asked) if one.unexplained]
    for one in unexplained:
        said = _("Account %(code)s: the return and the books differ by %(apart)s.")
        report.problems.append(said % {"code": one.account.code, "apart": one.unexplained})
    if boxes and not unexplained:
        report.notes.append(_("The return ties to the tax accounts: see the tax tie-out."))
    return report


def tax_rows(company: Company, asked: Asked) -> Report:
    """The rows of the tax ledger behind the return, or behind one `box` of it, in the order of their tax points; of a
    reckoned box those of the boxes that it is made of. Refused: `unknown_box`."""
    asked = _with_days(asked)
    decimals = chart_of(company).units[company.base_currency].decimals
    columns = [
        Column("date", _("Tax point"), Kind.DATE), Column("number", _("Entry"), is_wide=True),
        Column("memo", _("Description")), Column("reference", _("Reference"), is_wide=True), Column("tax", _("Tax")),
        Column("percent", "%", Kind.PERCENT, 2, is_wide=True),
        Column("base", _("Base"), Kind.AMOUNT, decimals, is_wide=True),
        Column("amount", _("In the box"), Kind.AMOUNT, decimals),
    ]  # fmt: skip
    signs = _boxes_behind(company, asked.box)
    return Report("tax-rows", gettext_lazy("Tax rows"), company, asked, columns, _list_rows(company, asked, signs))


def _with_days(asked: Asked) -> Asked:
    return asked if asked.start else dataclasses.replace(asked, start=month_start(asked.date))


def _values(company: Company, asked: Asked) -> dict[str, Any]:
    return {"company": company.pk, "start": asked.start, "end": asked.date, "known_at": asked.known_at}


def _sums(company: Company, asked: Asked) -> dict[str, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(known=known_condition(asked.known_at)), _values(company, asked))
        return dict(cursor.fetchall())


def _box_row(box: TaxBox, amount: Decimal, asked: Asked) -> Row:
    days = days_query(asked.start, asked.date, asked.known_at) | {"box": box.code}
    behind = Link("reports:report", ("tax-rows",), days)
    return Row(
        [Cell(box.code), Cell(box.name, behind), Cell(amount, behind)],
        Standing.SUBTOTAL if box.formula else Standing.LINE,
    )


def _boxes_behind(company: Company, box: str) -> dict[str, int]:
    """The boxes that taxes fill which a box is made of, each with its sign; all of them where none is named."""
    formulas = dict(TaxBox.objects.for_company(company).values_list("code", "formula"))
    if not box:
        return {code: 1 for code, formula in formulas.items() if not formula}
    if box not in formulas:
        raise UnknownBox(_("The return has no box “%s”.") % box, place="box")
    found: dict[str, int] = {}
    terms = terms_of(formulas[box], formulas) or [(1, box)]
    while terms:
        sign, code = terms.pop()
        inner = terms_of(formulas[code], formulas)
        if inner:
            terms += [(sign * own, other) for own, other in inner]
        else:
            found[code] = found.get(code, 0) + sign
    return found


def _list_rows(company: Company, asked: Asked, signs: dict[str, int]) -> Iterator[Row]:
    total = Decimal(0)
    statement = _LIST.format(known=known_condition(asked.known_at))
    for row in read_in_chunks(statement, _values(company, asked) | {"boxes": list(signs)}):
        date, number, entry, memo, reference, tax, percent, base, amount, box = row
        link = Link("ledger:entry-detail", (entry,))
        amount *= signs[box]
        total += amount
        yield Row([
            Cell(date), Cell(number, link), Cell(memo, link), Cell(reference), Cell(f"{tax} → {box}"), Cell(percent),
            Cell(base, link), Cell(amount, link),
        ])  # fmt: skip
    tied = Link("reports:report", ("tax-tie-out",), days_query(asked.start, asked.date, asked.known_at))
    yield Row([EMPTY, EMPTY, Cell(_("Total")), EMPTY, EMPTY, EMPTY, EMPTY, Cell(total, tied)], Standing.TOTAL)
