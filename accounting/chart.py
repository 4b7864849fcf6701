"""The chart of accounts as posting and reports look it up: cached, by code and by id."""

import dataclasses
from uuid import UUID

from accounting.lookups import CacheKeys, CacheTTL, cached
from accounting.models import HEADING, Account, AccountDimension, DimensionValue, Unit
from tenants.models import Company
from tenants.refusal import Refused


class UnknownAccount(Refused):
    """No account of the company has this code or id."""

    code = "unknown_account"


class MissingRole(Refused):
    """The chart has no account for something that the system posts by itself."""

    code = "missing_role"


@dataclasses.dataclass(frozen=True, slots=True)
class ChartAccount:
    """What posting and reports need to know of an account."""

    id: UUID
    code: str
    name: str
    type: str
    subtype: str
    currency: str
    control: bool
    open_item: bool
    status: str
    role: str
    parent_id: UUID | None
    mandatory_dimensions: frozenset[str]
    tags: tuple[str, ...] = ()

    @property
    def is_heading(self) -> bool:
        return self.subtype == HEADING

    @property
    def normal_side(self) -> int:
        """1 where debits increase the account, -1 where credits do."""
        return 1 if self.type in ("asset", "expense", "statistical") else -1


@dataclasses.dataclass(frozen=True, slots=True)
class ChartUnit:
    """A currency, commodity or statistical unit that lines may be in."""

    code: str
    name: str
    kind: str
    decimals: int


@dataclasses.dataclass(frozen=True)
class Chart:
    """A company's accounts, units and dimension values."""

    by_code: dict[str, ChartAccount]
    by_id: dict[UUID, ChartAccount]
    by_role: dict[str, ChartAccount]
    units: dict[str, ChartUnit]
    dimensions: dict[str, frozenset[str]]

    def account(self, account: str | UUID, place: str = "") -> ChartAccount:
        """The account with this code or id; refused (`unknown_account`) where there is none."""
        found = self.by_code.get(str(account)) or self.by_id.get(_as_id(account))  # type: ignore[arg-type]
        if found is None:
            raise UnknownAccount(f"There is no account “{account}”.", place=place)
        return found

    def in_role(self, role: str) -> ChartAccount:
        """The account that the system uses for this; refused (`missing_role`) where none is named."""
        if role not in self.by_role:
            raise MissingRole(f"No account has the posting role “{role}”. Name one in the chart of accounts.")
        return self.by_role[role]


def chart_of(company: Company, current: dict[str, UUID] | None = None) -> Chart:
    """The company's chart, cached for five minutes and never stale."""
    chart: Chart = cached(company, CacheKeys.CHART, CacheTTL.CHART, _load, current)
    return chart


def _load(company: Company) -> Chart:
    mandatory: dict[UUID, set[str]] = {}
    rules = AccountDimension.objects.for_company(company).values_list("account_id", "dimension__code")
    for account_id, dimension in rules:
        mandatory.setdefault(account_id, set()).add(dimension)
    accounts = [
        ChartAccount(
            id=row.id, code=row.code, name=row.name, type=row.type, subtype=row.subtype, currency=row.currency,
            control=row.control, open_item=row.open_item, status=row.status, role=row.role, parent_id=row.parent_id,
            mandatory_dimensions=frozenset(mandatory.get(row.id, ())), tags=tuple(row.tags),
        )
        for row in Account.objects.for_company(company).order_by("code")
    ]  # fmt: skip
    dimensions: dict[str, set[str]] = {}
    values = DimensionValue.objects.for_company(company).filter(is_active=True)
    for dimension, value in values.values_list("dimension__code", "code"):
        dimensions.setdefault(dimension, set()).add(value)
    return Chart(
        by_code={account.code: account for account in accounts},
        by_id={account.id: account for account in accounts},
        by_role={account.role: account for account in accounts if account.role},
        units={
            unit.code: ChartUnit(unit.code, unit.name, unit.kind, unit.decimals)
            for unit in Unit.objects.for_company(company)
        },
        dimensions={dimension: frozenset(codes) for dimension, codes in dimensions.items()},
    )


def _as_id(value: str | UUID) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except ValueError:
        return None
