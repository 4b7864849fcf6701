"""The accountant's master data: units and rates, the chart of accounts, dimensions, years and periods, numbers."""

from accounting.models.chart import (
    HEADING,
    SUBTYPES,
    Account,
    AccountDimension,
    AccountType,
    Dimension,
    DimensionValue,
    SubAccount,
)
from accounting.models.contacts import Contact, ContactAddress, ContactBankAccount
from accounting.models.mappings import AccountMapping
from accounting.models.numbers import Generation, NumberCounter, NumberSeries, NumberUse
from accounting.models.periods import DateRange, FiscalYear, LockDate, LockException, Period
from accounting.models.units import Currency, ExchangeRate, Unit

__all__ = [
    "HEADING",
    "SUBTYPES",
    "Account",
    "AccountDimension",
    "AccountMapping",
    "AccountType",
    "Contact",
    "ContactAddress",
    "ContactBankAccount",
    "Currency",
    "DateRange",
    "Dimension",
    "DimensionValue",
    "ExchangeRate",
    "FiscalYear",
    "Generation",
    "LockDate",
    "LockException",
    "NumberCounter",
    "NumberSeries",
    "NumberUse",
    "Period",
    "SubAccount",
    "Unit",
]
