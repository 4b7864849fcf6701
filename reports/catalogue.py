"""The reports there are: name -> what makes it, and whether it covers a range of days or stands at the end of one."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.aged_balances import aged_payables, aged_receivables
from reports.general_ledger import general_ledger
from reports.journal_register import journal_register
from reports.statements import balance_sheet, profit_and_loss
from reports.table import Asked, Report
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One report of the catalogue."""

    name: str
    title: Promise
    about: Promise
    make: Callable[[Company, Asked], Report]
    is_ranged: bool = False
    has_columns: bool = False
    has_comparison: bool = False


CATALOGUE = {
    one.name: one
    for one in (
        ReportKind("profit-and-loss", _("Profit and loss"), _("What was earned and spent, by kind."),
                   profit_and_loss, is_ranged=True, has_columns=True, has_comparison=True),
        ReportKind("balance-sheet", _("Balance sheet"), _("What is owned and owed on a day."), balance_sheet,
                   has_comparison=True),
        ReportKind("general-ledger", _("General ledger"), _("Every account with its lines and its running balance."),
                   general_ledger, is_ranged=True),
        ReportKind("journal-register", _("Journal register"),
                   _("Every entry with its lines, in the order of the books."), journal_register, is_ranged=True),
        ReportKind("aged-receivables", _("Aged receivables"), _("What customers owe, by how long it has been due."),
                   aged_receivables),
        ReportKind("aged-payables", _("Aged payables"), _("What is owed to suppliers, by how long it has been due."),
                   aged_payables),
    )
}  # fmt: skip
