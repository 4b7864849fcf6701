"""References to accounts, taxes, fiscal positions and payment terms in the API: named by code or id, shown by code."""

from typing import Any

from rest_framework import serializers

from accounting.api import account_named
from accounting.chart import UnknownAccount
from accounting.named_rows import position_named, tax_named, terms_named

CODE_OR_ID = "Code or id."


class CodeField(serializers.SlugRelatedField):  # type: ignore[type-arg]
    """Output: the code of what is pointed at, or null."""

    def __init__(self, slug_field: str = "code", **kwargs: Any) -> None:
        super().__init__(slug_field=slug_field, read_only=True, allow_null=True, **kwargs)


def resolve_accounts(values: dict[str, Any]) -> None:
    """Look the accounts up that are offered. Refused: `unknown_account`."""
    for name in ("income_account", "expense_account"):
        if (named := values.get(name)) is not None:
            values[name] = account_named(named)
            if values[name] is None:
                raise UnknownAccount(f"There is no account “{named}”.", place=name)


def resolve_taxes(values: dict[str, Any]) -> None:
    """Look the taxes up that are offered. Refused: `unknown_tax`."""
    for name in ("sales_tax", "purchase_tax"):
        if (named := values.get(name)) is not None:
            values[name] = tax_named(named, place=name)


def resolve_terms(values: dict[str, Any]) -> None:
    """Look payment terms and the fiscal position up. Refused: `unknown_payment_terms`, `unknown_fiscal_position`."""
    for name in ("customer_terms", "supplier_terms"):
        if (named := values.get(name)) is not None:
            values[name] = terms_named(named, place=name)
    if (named := values.get("fiscal_position")) is not None:
        values["fiscal_position"] = position_named(named, place="fiscal_position")
