"""Addresses of the API, relative to /api/v1/."""

from typing import Any

from django.conf import settings
from django.urls import path

from accounting import (
    api,
    api_closing,
    api_contacts,
    api_dimensions,
    api_fiscal_positions,
    api_items,
    api_payment_terms,
    api_periods,
    api_taxes,
    api_units,
)
from accounting.api_table_imports import views_of

_BASE = "companies/<slug:company>/"
_CONTACT = f"{_BASE}contacts/<uuid:pk>/"
_BANK = f"{_BASE}contact-bank-accounts/<uuid:pk>/"
_VALUES = f"{_BASE}dimensions/<str:dimension>/values/"


def _table_imports(table: str) -> list[Any]:
    start, undo, template = views_of(table)
    return [
        path(f"{_BASE}imports/{table}/", start.as_view()),
        path(f"{_BASE}imports/{table}/template/", template.as_view()),
        path(f"{_BASE}imports/{table}/<uuid:pk>/undo/", undo.as_view()),
    ]


urlpatterns = [
    path(f"{_BASE}accounts/", api.AccountListView.as_view(), name="api-account-list"),
    path(f"{_BASE}accounts/export/", api.ChartExportView.as_view(), name="api-account-export"),
    path(f"{_BASE}accounts/import/", api.ChartImportView.as_view(), name="api-account-import"),
    path(f"{_BASE}accounts/<str:code>/", api.AccountView.as_view(), name="api-account"),
    path(f"{_BASE}accounts/<str:code>/sub-accounts/", api.SubAccountListView.as_view(), name="api-sub-account-list"),
    path(f"{_BASE}units/", api_units.UnitListView.as_view(), name="api-unit-list"),
    path(f"{_BASE}rates/", api_units.RateListView.as_view(), name="api-rate-list"),
    path(f"{_BASE}dimensions/", api_dimensions.DimensionListView.as_view(), name="api-dimension-list"),
    path(_VALUES, api_dimensions.DimensionValueListView.as_view(), name="api-dimension-value-list"),
    path(f"{_VALUES}<str:value>/", api_dimensions.DimensionValueView.as_view(), name="api-dimension-value"),
    path(f"{_BASE}fiscal-years/", api_periods.FiscalYearListView.as_view(), name="api-fiscal-year-list"),
    path(f"{_BASE}periods/", api_periods.PeriodListView.as_view(), name="api-period-list"),
    path(f"{_BASE}periods/<uuid:pk>/", api_periods.PeriodView.as_view(), name="api-period"),
    path(f"{_BASE}periods/<uuid:pk>/close/", api_periods.PeriodCloseView.as_view(), name="api-period-close"),
    path(f"{_BASE}periods/<uuid:pk>/reopen/", api_periods.PeriodReopenView.as_view(), name="api-period-reopen"),
    path(f"{_BASE}periods/<uuid:pk>/checklist/", api_closing.PeriodChecklistView.as_view(), name="api-checklist"),
    path(f"{_BASE}lock-exceptions/", api_closing.LockExceptionListView.as_view(), name="api-lock-exception-list"),
    path(
        f"{_BASE}lock-exceptions/<uuid:pk>/approve/",
        api_closing.LockExceptionApproveView.as_view(),
        name="api-lock-exception-approve",
    ),
    path(
        f"{_BASE}lock-exceptions/<uuid:pk>/end/",
        api_closing.LockExceptionEndView.as_view(),
        name="api-lock-exception-end",
    ),
    path(f"{_BASE}contacts/", api_contacts.ContactListView.as_view(), name="api-contact-list"),
    path(f"{_BASE}contacts/twins/", api_contacts.ContactTwinsView.as_view(), name="api-contact-twins"),
    path(_CONTACT, api_contacts.ContactView.as_view(), name="api-contact"),
    path(f"{_CONTACT}merge/", api_contacts.ContactMergeView.as_view(), name="api-contact-merge"),
    path(f"{_CONTACT}split/", api_contacts.ContactSplitView.as_view(), name="api-contact-split"),
    path(f"{_CONTACT}bank-accounts/", api_contacts.BankAccountListView.as_view(), name="api-bank-account-list"),
    path(f"{_BANK}approve/", api_contacts.BankAccountApproveView.as_view(), name="api-bank-account-approve"),
    path(f"{_BANK}reject/", api_contacts.BankAccountRejectView.as_view(), name="api-bank-account-reject"),
    path(f"{_BANK}retire/", api_contacts.BankAccountRetireView.as_view(), name="api-bank-account-retire"),
    path(f"{_BASE}items/", api_items.ItemListView.as_view(), name="api-item-list"),
    path(f"{_BASE}items/<uuid:pk>/", api_items.ItemView.as_view(), name="api-item"),
    path(f"{_BASE}payment-terms/", api_payment_terms.TermsListView.as_view(), name="api-payment-terms-list"),
    path(f"{_BASE}payment-terms/<uuid:pk>/", api_payment_terms.TermsView.as_view(), name="api-payment-terms"),
    path(f"{_BASE}taxes/", api_taxes.TaxListView.as_view(), name="api-tax-list"),
    path(f"{_BASE}taxes/install/", api_taxes.TaxInstallView.as_view(), name="api-tax-install"),
    path(f"{_BASE}taxes/<uuid:pk>/", api_taxes.TaxView.as_view(), name="api-tax"),
    path(f"{_BASE}tax-boxes/", api_taxes.TaxBoxListView.as_view(), name="api-tax-box-list"),
    path(f"{_BASE}tax-boxes/<uuid:pk>/", api_taxes.TaxBoxView.as_view(), name="api-tax-box"),
    path(f"{_BASE}fiscal-positions/", api_fiscal_positions.FiscalPositionListView.as_view(), name="api-position-list"),
    path(f"{_BASE}fiscal-positions/<uuid:pk>/", api_fiscal_positions.FiscalPositionView.as_view(), name="api-position"),
    path(f"{_BASE}lock-dates/", api_periods.LockDateView.as_view(), name="api-lock-dates"),
    *(view for table in settings.TABLE_IMPORTS for view in _table_imports(table)),
]
