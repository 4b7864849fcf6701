"""SAF-T Financial 1.30, the Norwegian profile: every account is mapped to the income statement of the tax return.

The SAF-T code of an account is its grouping category and its grouping code with a colon between
(`balanseverdiForAnleggsmiddel:1205`), from Skatteetaten's list "næringsspesifikasjon".
"""

import re

from accounting.chart import ChartAccount
from reports.statutory.account_codes import codes_in_use
from reports.statutory.asked import AskedExport, StatutoryFile, Tally
from reports.statutory.saft import CONTENT_TYPE, audit_file
from reports.statutory.saft_dialect import NORWAY
from reports.statutory.saft_header import organisation_number, refuse_company
from reports.statutory.xml_pieces import Markup, all_of, element
from tenants.models import Company

_CODE = re.compile(r"[^:]{1,256}:[^:]{1,35}")


def refuse_norwegian(company: Company) -> None:
    """What the profile needs of a company. Refused: `missing_tax_number`, `missing_country`, `unsupported_currency`."""
    refuse_company(company)
    organisation_number(company)


def saft_norway(asked: AskedExport, tally: Tally) -> StatutoryFile:
    """The file of some days, named `SAF-T Financial_<organisation number>_<made>.xml` as Skatteetaten asks.

    Refused: `missing_tax_number`, `missing_country`, `unsupported_currency`, `unmapped_accounts` (with every account
    in use that lacks a category and a code), `unmapped_taxes`.
    """
    refuse_norwegian(asked.company)
    codes = codes_in_use(asked, "saft", lambda code: code if _CODE.fullmatch(code) else "")

    def described(account: ChartAccount) -> Markup:
        category, _colon, code = codes[account.id].partition(":")
        return all_of(
            element("GroupingCategory", category), element("GroupingCode", code), element("AccountType", "GL")
        )

    name = f"SAF-T Financial_{organisation_number(asked.company)}_{asked.made_at:%Y%m%d%H%M%S}.xml"
    return StatutoryFile(name, CONTENT_TYPE, audit_file(asked, NORWAY, tally, described))
