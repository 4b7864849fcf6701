"""Amounts as the API and files have them: exact decimals as text, with at least the decimals of their unit."""

from decimal import Decimal


def amount_text(amount: Decimal, decimals: int) -> str:
    """“100.00” for a currency of two decimals; more decimals only where the amount has them."""
    whole, _point, fraction = f"{amount or Decimal(0):f}".partition(".")
    fraction = fraction.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{fraction}" if fraction else whole


def rate_text(rate: Decimal | None) -> str | None:
    """An exchange rate without the zeros that its column adds."""
    return None if rate is None else amount_text(rate, 0)
