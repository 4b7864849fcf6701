"""Dimensions: open cost centres, projects and departments, and say which accounts must carry them."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from accounting.models import Account, AccountDimension, Dimension, DimensionValue
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope


class DimensionCodeTaken(Refused):
    """Another dimension, or another value of the dimension, has the code."""

    code = "dimension_code_taken"


class UnknownDimension(Refused):
    """The company has no such dimension."""

    code = "unknown_dimension"


def open_dimension(*, code: str, name: str) -> Dimension:
    """Let lines carry a further dimension. Refused: `dimension_code_taken`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    try:
        with transaction.atomic():
            dimension: Dimension = Dimension.objects.create(company=scope.company, code=code, name=name)
            return dimension
    except IntegrityError as error:
        raise DimensionCodeTaken(f"There is a dimension “{code}” already.", place="code") from error


def open_dimension_value(dimension: Dimension, *, code: str, name: str) -> DimensionValue:
    """Add one cost centre, project or department. Refused: `dimension_code_taken`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    try:
        with transaction.atomic():
            value: DimensionValue = DimensionValue.objects.create(
                company=scope.company, dimension=dimension, code=code, name=name
            )
            return value
    except IntegrityError as error:
        raise DimensionCodeTaken(f"{dimension.code} has a value “{code}” already.", place="code") from error


def change_dimension_value(
    value: DimensionValue, *, name: str | None = None, is_active: bool | None = None
) -> DimensionValue:
    """Rename a value, or stop new lines from carrying it."""
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    value.name = value.name if name is None else name
    value.is_active = value.is_active if is_active is None else is_active
    value.save(update_fields=["name", "is_active"])
    return value


@transaction.atomic
def require_dimensions(account: Account, codes: Iterable[str]) -> None:
    """Lines of the account must carry exactly these dimensions from now on. Refused: `unknown_dimension`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    wanted = list(dict.fromkeys(codes))
    known = {row.code: row for row in Dimension.objects.for_company(scope.company).filter(code__in=wanted)}
    for number, code in enumerate(wanted):
        if code not in known:
            raise UnknownDimension(f"There is no dimension “{code}”.", place=f"mandatory_dimensions[{number}]")
    rules = AccountDimension.objects.for_company(scope.company).filter(account=account)
    rules.exclude(dimension__code__in=wanted).delete()
    present = set(rules.values_list("dimension__code", flat=True))
    AccountDimension.objects.bulk_create(
        AccountDimension(company=scope.company, account=account, dimension=known[code])
        for code in wanted
        if code not in present
    )
