"""What every page writes with: amounts, icons, and addresses that keep the filters."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants.navigation import landing

register = template.Library()

DASH = "–"


@register.filter
def money(value: Any, decimals: Any = 2) -> str:
    """An amount with its currency's decimals and grouped thousands; negative in parentheses, zero as a dash."""
    amount = _amount(value)
    if amount is None:
        return ""
    if not amount:
        return DASH
    text = _grouped(abs(amount), decimals)
    return f"({text})" if amount < 0 else text


@register.filter
def figure(value: Any, decimals: Any = 2) -> SafeString:
    """The amount as table cells show it: digits stand under digits, whether in parentheses or not."""
    amount = _amount(value)
    kind = "" if amount is None else "zero" if not amount else "negative" if amount < 0 else "positive"
    return format_html('<span class="figure {}">{}</span>', kind, money(value, decimals))


@register.filter
def debit(value: Any, decimals: Any = 2) -> str:
    """A signed amount in the debit column: empty for credits."""
    amount = _amount(value)
    return _grouped(amount, decimals) if amount is not None and amount > 0 else ""


@register.filter
def credit(value: Any, decimals: Any = 2) -> str:
    """A signed amount in the credit column: empty for debits."""
    amount = _amount(value)
    return _grouped(-amount, decimals) if amount is not None and amount < 0 else ""


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of the icon font, silent for screen readers."""
    return format_html('<span class="icon" aria-hidden="true">{}</span>', name)


@register.simple_tag(takes_context=True)
def query(context: Any, address: str = "", **changes: Any) -> str:
    """The address's query with these changes, the rest kept: `{% query page=2 %}`; None removes.

    A page that is shown where forms are sent to names its own address: `{% query own page=2 %}`.
    """
    request = context.get("request")
    parameters = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for name, value in changes.items():
        parameters.pop(name, None)
        if value is not None and value != "":
            parameters[name] = str(value)
    encoded = parameters.urlencode()
    return f"{address}?{encoded}" if encoded else f"{address}?"


@register.filter
def company_home(slug: str) -> str:
    """Where a person lands who enters the company."""
    return landing(slug)


@register.filter
def attribute(bound_field: Any, pair: str) -> Any:
    """A form field with one more HTML attribute: `field|attribute:"autocomplete=off"`."""
    name, _equals, value = pair.partition("=")
    return bound_field.as_widget(attrs={name: value})


def _amount(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return None


def _grouped(amount: Decimal, decimals: Any) -> str:
    # Never fewer digits than the amount has: a screen does not round the books.
    own = -int(amount.normalize().as_tuple().exponent)
    text = f"{amount:,.{max(int(decimals), own, 0)}f}"
    separator, point = str(get_format("THOUSAND_SEPARATOR")), str(get_format("DECIMAL_SEPARATOR"))
    return "".join({",": separator, ".": point}.get(letter, letter) for letter in text)
