"""Exchange rates: what one unit of a currency is worth in the base currency on a day."""

import datetime
from decimal import Decimal

from accounting.models import ExchangeRate
from tenants.refusal import Refused
from tenants.scope import current_scope


class MissingRate(Refused):
    """No rate is known on or before the date. It is never taken to be 1."""

    code = "missing_rate"


class BadRate(Refused):
    """A rate is a positive number with at most 12 decimals."""

    code = "bad_rate"


def set_rate(currency: str, date: datetime.date, rate: Decimal, *, source: str) -> ExchangeRate:
    """Note the rate of a day and where it comes from; the latest word for that day counts."""
    if not rate.is_finite() or rate <= 0 or rate != rate.quantize(Decimal("1e-12")):
        raise BadRate("A rate is a positive number with at most 12 decimals.", place="rate")
    noted, _created = ExchangeRate.objects.update_or_create(
        company=current_scope().company, currency=currency, date=date, defaults={"rate": rate, "source": source}
    )
    return noted


def rate_on(currency: str, date: datetime.date, *, place: str = "") -> tuple[Decimal, str]:
    """The latest rate on or before the date, with its source; refused (`missing_rate`) where there is none."""
    company = current_scope().company
    known = ExchangeRate.objects.for_company(company).filter(currency=currency, date__lte=date)
    found = known.order_by("-date").first()
    if found is None:
        raise MissingRate(
            f"There is no exchange rate of {currency} to {company.base_currency} on or before {date}.", place=place
        )
    return found.rate, f"{found.source} {found.date}"
