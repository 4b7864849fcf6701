"""Payment terms in words, as lists and pages show them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.amounts import amount_text
from accounting.models import PaymentTerms
from accounting.payment_terms import LAST_DAY, WHOLE


def due_in_words(terms: PaymentTerms) -> list[str]:
    """Each instalment: “50 % after 1 month, on the last day of the month”; without the percentage where it is all."""
    words = []
    for row in sorted(terms.instalments.all(), key=lambda row: row.number):
        share = "" if row.percent == WHOLE else f"{amount_text(row.percent, 0)} % "
        words.append(f"{share}{when_in_words(row)}")
    return words


def when_in_words(row: Any) -> str:
    """“at once”, “after 30 days”, “after 1 month, on day 15”."""
    months = ngettext("%d month", "%d months", row.months) % row.months if row.months else ""
    days = ngettext("%d day", "%d days", row.days) % row.days if row.days else ""
    time = _("%(months)s and %(days)s") % {"months": months, "days": days} if months and days else months or days
    if row.day_of_month is None:
        return _("after %s") % time if time else _("at once")
    on_day = _("on the last day of the month")
    if row.day_of_month < LAST_DAY:
        on_day = _("on day %d of the month") % row.day_of_month
    return f"{_('after %s') % time}, {on_day}" if time else on_day


def discount_in_words(terms: PaymentTerms) -> str:
    """“2 % within 10 days”; empty where paying early saves nothing."""
    if not terms.discount_percent:
        return ""
    days = ngettext("%d day", "%d days", terms.discount_days) % terms.discount_days
    return _("%(percent)s %% within %(days)s") % {"percent": amount_text(terms.discount_percent, 0), "days": days}
