"""The accountant's master data: units and rates, the chart of accounts, dimensions, years and periods, numbers,
contacts, taxes, items and payment terms."""

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
from accounting.models.items import Item
from accounting.models.mappings import AccountMapping
from accounting.models.numbers import Generation, NumberCounter, NumberSeries, NumberUse
from accounting.models.periods import DateRange, FiscalYear, LockDate, LockException, Period
from accounting.models.taxes import (
    FiscalPosition,
    FiscalPositionAccount,
    FiscalPositionTax,
    TaxBox,
    TaxCode,
    TaxGroupMember,
    TaxRate,
)
from accounting.models.terms import PaymentTerms, TermsInstalment
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
    "FiscalPosition",
    "FiscalPositionAccount",
    "FiscalPositionTax",
    "FiscalYear",
    "Generation",
    "Item",
    "LockDate",
    "LockException",
    "NumberCounter",
    "NumberSeries",
    "NumberUse",
    "PaymentTerms",
    "Period",
    "SubAccount",
    "TaxBox",
    "TaxCode",
    "TaxGroupMember",
    "TaxRate",
    "TermsInstalment",
    "Unit",
]
