"""The statutory formats: what each is called, what it needs to be told, and the function that writes it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.statutory.asked import AskedExport, StatutoryFile, Tally
from reports.statutory.datev import datev, refuse_currency
from reports.statutory.fec import fec, siren_of
from reports.statutory.parameters import DAY, Parameter
from reports.statutory.refusals import UnknownStatutoryFormat
from reports.statutory.saft import saft
from reports.statutory.saft_header import refuse_company
from reports.statutory.saft_norway import refuse_norwegian, saft_norway
from tenants.models import Company


class StatutoryFormat(NamedTuple):
    """One format. `ready` refuses at once what the settings of the company lack."""

    name: str
    title: Any
    version: str
    about: Any
    parameters: tuple[Parameter, ...]
    ready: Callable[[Company], Any]
    write: Callable[[AskedExport, Tally], StatutoryFile]


YEAR = Parameter("year", gettext_lazy("Fiscal year"), gettext_lazy("By its name."), required=True)
DAYS = (
    Parameter("from", gettext_lazy("First day"), gettext_lazy("Empty: of the year."), pattern=DAY),
    Parameter("to", gettext_lazy("Last day"), gettext_lazy("Empty: of the year."), pattern=DAY),
)
FEC = StatutoryFormat(
    "fec", gettext_lazy("FEC (France)"), "LPF A47 A-1",
    gettext_lazy("Every entry of a fiscal year in 18 columns, as the French tax office asks for it."),
    (YEAR, Parameter("separator", gettext_lazy("Columns separated by"), default="tab",
                     choices={"tab": gettext_lazy("tabs"), "pipe": gettext_lazy("vertical bars")})),
    siren_of, fec,
)  # fmt: skip

DATEV = StatutoryFormat(
    "datev", gettext_lazy("DATEV posting batch (Germany)"), "EXTF 700, 13",
    gettext_lazy("Every entry as postings of account and contra account, for the tax adviser's DATEV."),
    (
        YEAR, *DAYS,
        Parameter("adviser", gettext_lazy("Adviser number"), gettext_lazy("1001 to 9999999."),
                  pattern="[1-9][0-9]{3,6}", required=True),
        Parameter("client", gettext_lazy("Client number"), gettext_lazy("1 to 99999."), pattern="[1-9][0-9]{0,4}",
                  required=True),
        Parameter("account_length", gettext_lazy("Length of account numbers"), gettext_lazy("As in DATEV: 4 to 8."),
                  pattern="[4-8]", default="4"),
        Parameter("chart", gettext_lazy("Chart of accounts"), default="",
                  choices={"": gettext_lazy("not said"), "03": "SKR03", "04": "SKR04"}),
        Parameter("cost_centre_1", gettext_lazy("Cost centre 1"), gettext_lazy("The code of a dimension.")),
        Parameter("cost_centre_2", gettext_lazy("Cost centre 2"), gettext_lazy("The code of a dimension.")),
        Parameter("final", gettext_lazy("Final in DATEV"), default="0",
                  choices={"0": gettext_lazy("no, the adviser may correct"), "1": gettext_lazy("yes")}),
    ),
    refuse_currency, datev,
)  # fmt: skip

CONTACT = Parameter("contact", gettext_lazy("Person to ask"), gettext_lazy("First and last name."))
SAFT = StatutoryFormat(
    "saft", gettext_lazy("SAF-T (OECD)"), "2.00",
    gettext_lazy("Accounts, customers and suppliers with their balances, taxes, and every entry, as XML."),
    (YEAR, *DAYS, CONTACT), refuse_company, saft,
)  # fmt: skip
SAFT_NORWAY = StatutoryFormat(
    "saft-no", gettext_lazy("SAF-T Financial (Norway)"), "1.30",
    gettext_lazy("The OECD's file in the Norwegian profile; every account needs its code of the tax return."),
    (YEAR, *DAYS, CONTACT), refuse_norwegian, saft_norway,
)  # fmt: skip

FORMATS = {format.name: format for format in (SAFT, SAFT_NORWAY, FEC, DATEV)}

# What is offered first, by the country of the company.
USUAL = {"FR": "fec", "DE": "datev", "AT": "datev", "NO": "saft-no"}


def format_for(company: Company) -> StatutoryFormat:
    """The format that companies of its country are asked for first."""
    return FORMATS.get(USUAL.get(company.country, ""), next(iter(FORMATS.values())))


def format_named(name: str) -> StatutoryFormat:
    """The format with this name. Refused: `unknown_format`."""
    if name not in FORMATS:
        raise UnknownStatutoryFormat(_("There is no statutory format “%s”.") % name, place="format")
    return FORMATS[name]
