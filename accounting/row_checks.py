"""What is checked of master data before it is kept, so that a refusal says what is wrong and where."""

import re
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounting.models import Account, TaxCode
from tenants.fields import CompanyModel
from tenants.refusal import Refused

Refusal = Callable[..., Refused]
# More digits than any column keeps.
DIGITS = 60
_UNIT = re.compile(r"[A-Z0-9]{0,3}", re.ASCII)


def check_texts(row: CompanyModel, refused: Refusal, prefix: str = "") -> None:
    """Every text can be kept: none holds a NUL, none is longer than its column."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, str) and "\x00" in value:
            raise refused(_("The text holds a NUL character."), place=f"{prefix}{field.name}")
        if isinstance(value, str) and field.max_length and len(value) > field.max_length:
            raise refused(_("At most %d characters.") % field.max_length, place=f"{prefix}{field.name}")


def check_accounts(row: Any, refused: Refusal) -> None:
    """What is offered for lines takes lines: no heading; an income account is one."""
    for name in ("income_account", "expense_account"):
        account: Account | None = getattr(row, name)
        if account is not None and account.is_heading:
            raise refused(_("%s is a heading.") % account.code, place=name)
    if row.income_account and row.income_account.type != "income":
        raise refused(_("%s is no income account.") % row.income_account.code, place="income_account")


def check_taxes(row: Any, chosen: set[str], refused: Refusal) -> None:
    """A tax on sales is one; and what is `chosen` now is in use, while what was chosen before may have been retired."""
    for name, use in (("sales_tax", TaxCode.Use.SALES), ("purchase_tax", TaxCode.Use.PURCHASES)):
        tax: TaxCode | None = getattr(row, name)
        if tax is not None and tax.use != use:
            wrong = _("%s is no tax on sales.") if use == TaxCode.Use.SALES else _("%s is no tax on purchases.")
            raise refused(wrong % tax.code, place=name)
    check_in_use(row, chosen & {"sales_tax", "purchase_tax"}, refused)


def check_in_use(row: Any, chosen: set[str], refused: Refusal) -> None:
    """What is chosen now is in use."""
    for name in sorted(chosen):
        target = getattr(row, name)
        if target is not None and not target.is_active:
            raise refused(_("%s is out of use.") % target, place=name)


def newly_chosen(row: Any, changes: dict[str, Any], names: tuple[str, ...]) -> set[str]:
    """Which of these references the changes point at something else."""
    return {
        name
        for name in names
        if name in changes and getattr(row, f"{name}_id") != (changes[name].pk if changes[name] else None)
    }


def is_unit(code: str) -> bool:
    """Whether it may be a unit of UN/ECE recommendation 20: up to three capital letters and digits, or none."""
    return bool(_UNIT.fullmatch(code))


def is_number_within(value: Any, least: Decimal, below: Decimal, decimals: int) -> bool:
    """Whether it is a decimal from `least`, under `below`, that the column keeps without rounding."""
    if not isinstance(value, Decimal) or not value.is_finite() or not least <= value < below:
        return False
    with localcontext() as context:
        context.prec = DIGITS
        return value == value.quantize(Decimal(1).scaleb(-decimals))


def broken_constraint(error: IntegrityError) -> str:
    """The name of the constraint that a statement broke."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
