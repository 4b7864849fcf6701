"""The reports there are: name -> what makes it, and what may be asked of it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.aged_balances import aged_payables, aged_receivables
from reports.audit_report import audit_report
from reports.budget_variance import budget_variance
from reports.cash_flow import cash_flow
from reports.changes_in_equity import changes_in_equity
from reports.control_accounts import control_accounts
from reports.entries_after_closing import entries_after_closing
from reports.general_ledger import general_ledger
from reports.journal_register import journal_register
from reports.number_register import number_register
from reports.partner_ledger import partner_ledger
from reports.statements import balance_sheet, profit_and_loss
from reports.table import Asked, Report
from reports.tax_return import tax_return, tax_rows
from reports.tax_tie_out import tax_tie_out
from reports.trial_balance_report import trial_balance_report
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One report of the catalogue: what it heeds of `Asked` besides its last day, and where its days begin on a page
    that names no first one: with the fiscal `year`, the `month`, or nowhere."""

    name: str
    title: Promise
    about: Promise
    make: Callable[[Company, Asked], Report]
    heeds: frozenset[str] = frozenset()
    begins: str = ""
    compare: str = ""


def _kind(
    name: str, title: Promise, about: Promise, make: Callable[[Company, Asked], Report], heeds: str = "", *,
    begins: str = "", compare: str = "",
) -> ReportKind:  # fmt: skip
    return ReportKind(name, title, about, make, frozenset(heeds.split()), begins, compare)


# By what they are about, in the order in which people look for them.
GROUPS: tuple[tuple[Promise, tuple[ReportKind, ...]], ...] = (
    (_("Statements"), (
        _kind("profit-and-loss", _("Profit and loss"), _("What was earned and spent, by kind."), profit_and_loss,
              "start known_at by compare across basis layout", begins="year"),
        _kind("balance-sheet", _("Balance sheet"), _("What is owned and owed on a day."), balance_sheet,
              "known_at by compare basis layout"),
        _kind("cash-flow", _("Cash flow statement"),
              _("Where cash came from and went, reconciled to the cash accounts."), cash_flow,
              "start known_at by compare method layout", begins="year"),
        _kind("budget-variance", _("Budget variance"), _("What was planned beside what was posted."), budget_variance,
              "start known_at by across layout budget", begins="year"),
        _kind("changes-in-equity", _("Changes in equity"), _("How each part of equity came from opening to closing."),
              changes_in_equity, "start known_at compare", begins="year"),
    )),
    (_("Books"), (
        _kind("trial-balance", _("Trial balance"), _("Every account's balance beside an earlier one."),
              trial_balance_report, "start known_at compare", compare="year"),
        _kind("general-ledger", _("General ledger"), _("Every account with its lines and its running balance."),
              general_ledger, "start known_at accounts only value", begins="year"),
        _kind("journal-register", _("Journal register"), _("Every entry with its lines, in the order of the books."),
              journal_register, "start known_at only", begins="year"),
    )),
    (_("Customers and suppliers"), (
        _kind("aged-receivables", _("Aged receivables"), _("What customers owe, by how long it has been due."),
              aged_receivables, "known_at"),
        _kind("aged-payables", _("Aged payables"), _("What is owed to suppliers, by how long it has been due."),
              aged_payables, "known_at"),
        _kind("partner-ledger", _("Partner ledger"), _("Every customer and supplier with what moved their balance."),
              partner_ledger, "start known_at contact", begins="year"),
    )),
    (_("Taxes"), (
        _kind("tax-return", _("Tax return"), _("What each box comes to, tied to the books."), tax_return,
              "start known_at", begins="month"),
        _kind("tax-rows", _("Tax rows"), _("The tax ledger behind the return, or behind one box of it."), tax_rows,
              "start known_at box", begins="month"),
        _kind("tax-tie-out", _("Tax tie-out"), _("The return beside the tax accounts, and what explains a difference."),
              tax_tie_out, "start known_at", begins="month"),
    )),
    (_("Control"), (
        _kind("control-accounts", _("Control accounts"), _("Each beside the sum of its items."), control_accounts,
              "known_at"),
        _kind("number-register", _("Number register"), _("Every number that was given, and whether one is missing."),
              number_register, "start known_at", begins="year"),
        _kind("entries-after-closing", _("Entries after closing"),
              _("What was posted into a period after it had been closed."), entries_after_closing, "start known_at"),
        _kind("audit", _("Audit report"), _("What an auditor asks first, with the lines behind each answer."),
              audit_report, "start known_at", begins="year"),
    )),
)  # fmt: skip
CATALOGUE = {one.name: one for _title, own in GROUPS for one in own}
