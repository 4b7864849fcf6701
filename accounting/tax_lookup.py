"""Tax codes and fiscal positions as documents look them up: cached for half an hour, and never stale."""

import dataclasses
import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.lookups import CacheKeys, CacheTTL, cached
from accounting.models import FiscalPosition, FiscalPositionAccount, FiscalPositionTax, TaxCode, TaxGroupMember, TaxRate
from accounting.named_rows import UnknownTax
from tenants.models import Company
from tenants.refusal import Refused


class NoTaxRate(Refused):
    """The tax has no rate on the day."""

    code = "no_tax_rate"


@dataclasses.dataclass(frozen=True, slots=True)
class Tax:
    """What documents need to know of a tax; of a group, `members` are the ids of its taxes in their order."""

    id: UUID
    code: str
    name: str
    use: str
    kind: str
    category: str
    exemption_code: str
    exemption_reason: str
    compound: bool
    deductible_percent: Decimal
    account_id: UUID | None
    counter_account_id: UUID | None
    pending_account_id: UUID | None
    base_boxes: tuple[str, ...]
    tax_boxes: tuple[str, ...]
    counter_boxes: tuple[str, ...]
    is_active: bool
    rates: tuple[tuple[datetime.date, Decimal], ...]
    members: tuple[UUID, ...]

    @property
    def is_group(self) -> bool:
        return self.kind == TaxCode.Kind.GROUP

    def percent_on(self, day: datetime.date, *, place: str = "tax") -> Decimal:
        """The rate of the day; refused (`no_tax_rate`) before the first one."""
        found = next((percent for start, percent in reversed(self.rates) if start <= day), None)
        if found is None:
            raise NoTaxRate(_("Tax %(code)s has no rate on %(day)s.") % {"code": self.code, "day": day}, place=place)
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class Position:
    """A fiscal position: what stands for which tax and which account."""

    id: UUID
    name: str
    automatic: bool
    countries: frozenset[str]
    who: str
    note: str
    taxes: dict[UUID, UUID | None]
    accounts: dict[UUID, UUID]

    def fits(self, country: str, home: str, *, has_tax_number: bool) -> bool:
        """Whether a contact of this country is meant, where home is the company's own."""
        if not self.automatic or (self.who == "business" and not has_tax_number):
            return False
        if self.who == "private" and has_tax_number:
            return False
        return country in self.countries if self.countries else bool(country) and country != home


@dataclasses.dataclass(frozen=True)
class Taxes:
    """A company's taxes and fiscal positions, the latter in the order in which they are asked."""

    by_id: dict[UUID, Tax]
    by_code: dict[str, Tax]
    positions: tuple[Position, ...]

    def tax(self, named: str | UUID, place: str = "tax") -> Tax:
        """The tax with this code or id; refused (`unknown_tax`) where there is none."""
        found = self.by_code.get(str(named)) or self.by_id.get(_as_id(named))  # type: ignore[arg-type]
        if found is None:
            raise UnknownTax(_("There is no tax “%s”.") % named, place=place)
        return found

    def single(self, tax: Tax) -> tuple[Tax, ...]:
        """The taxes that a code stands for: itself, or the members of the group."""
        return tuple(self.by_id[member] for member in tax.members) if tax.is_group else (tax,)

    def position_of(self, country: str, home: str, *, has_tax_number: bool) -> Position | None:
        """The first position that a contact of this country falls under by itself."""
        fitting = (one for one in self.positions if one.fits(country, home, has_tax_number=has_tax_number))
        return next(fitting, None)

    def position(self, named: UUID | None) -> Position | None:
        """The position with this id; None where it is out of use."""
        return next((one for one in self.positions if one.id == named), None)


def taxes_of(company: Company, current: dict[str, UUID] | None = None) -> Taxes:
    """The company's taxes and fiscal positions."""
    taxes: Taxes = cached(company, CacheKeys.TAXES, CacheTTL.TAXES, _load, current)
    return taxes


def _load(company: Company) -> Taxes:
    rates: dict[UUID, list[tuple[datetime.date, Decimal]]] = {}
    for tax_id, start, percent in (
        TaxRate.objects.for_company(company).order_by("start").values_list("tax_id", "start", "percent")
    ):
        rates.setdefault(tax_id, []).append((start, percent))
    members: dict[UUID, list[UUID]] = {}
    for group, tax in TaxGroupMember.objects.for_company(company).order_by("number").values_list("group_id", "tax_id"):
        members.setdefault(group, []).append(tax)
    taxes = [
        Tax(
            id=row.id, code=row.code, name=row.name, use=row.use, kind=row.kind, category=row.category,
            exemption_code=row.exemption_code, exemption_reason=row.exemption_reason, compound=row.compound,
            deductible_percent=row.deductible_percent, account_id=row.account_id,
            counter_account_id=row.counter_account_id, pending_account_id=row.pending_account_id,
            base_boxes=tuple(row.base_boxes), tax_boxes=tuple(row.tax_boxes), counter_boxes=tuple(row.counter_boxes),
            is_active=row.is_active, rates=tuple(rates.get(row.id, ())), members=tuple(members.get(row.id, ())),
        )
        for row in TaxCode.objects.for_company(company)
    ]  # fmt: skip
    return Taxes({tax.id: tax for tax in taxes}, {tax.code: tax for tax in taxes}, _positions(company))


def _positions(company: Company) -> tuple[Position, ...]:
    taxes: dict[UUID, dict[UUID, UUID | None]] = {}
    for position, source, target in FiscalPositionTax.objects.for_company(company).values_list(
        "position_id", "source_id", "target_id"
    ):
        taxes.setdefault(position, {})[source] = target
    accounts: dict[UUID, dict[UUID, UUID]] = {}
    for position, source, target in FiscalPositionAccount.objects.for_company(company).values_list(
        "position_id", "source_id", "target_id"
    ):
        accounts.setdefault(position, {})[source] = target
    rows = FiscalPosition.objects.for_company(company).filter(is_active=True).order_by("number", "name")
    return tuple(
        Position(
            id=row.id, name=row.name, automatic=row.automatic, countries=frozenset(row.countries), who=row.who,
            note=row.note, taxes=taxes.get(row.id, {}), accounts=accounts.get(row.id, {}),
        )
        for row in rows
    )  # fmt: skip


def _as_id(value: str | UUID) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except ValueError:
        return None
