"""Addresses of the pages, relative to /c/<company>/."""

from django.urls import path

from accounting import (
    views_accounts,
    views_chart_files,
    views_closing,
    views_contacts,
    views_lock_exceptions,
    views_periods,
    views_rates,
)

app_name = "accounting"
urlpatterns = [
    path("accounts/", views_accounts.account_list, name="account-list"),
    path("accounts/new/", views_accounts.account_new, name="account-new"),
    path("accounts/import/", views_chart_files.chart_import, name="chart-import"),
    path("accounts/status/", views_accounts.account_status, name="account-status"),
    path("accounts/<uuid:pk>/edit/", views_accounts.account_edit, name="account-edit"),
    path("contacts/", views_contacts.contact_list, name="contact-list"),
    path("contacts/new/", views_contacts.contact_new, name="contact-new"),
    path("contacts/twins/", views_contacts.contact_twins, name="contact-twins"),
    path("contacts/<uuid:pk>/", views_contacts.contact_detail, name="contact-detail"),
    path("contacts/<uuid:pk>/edit/", views_contacts.contact_edit, name="contact-edit"),
    path("contacts/<uuid:pk>/act/", views_contacts.contact_act, name="contact-act"),
    path("contacts/<uuid:pk>/merge/", views_contacts.contact_merge, name="contact-merge"),
    path("contacts/<uuid:pk>/bank-accounts/", views_contacts.bank_account_add, name="bank-account-add"),
    path("bank-accounts/<uuid:pk>/act/", views_contacts.bank_account_act, name="bank-account-act"),
    path("periods/", views_periods.period_list, name="period-list"),
    path("periods/next-year/", views_periods.next_year, name="next-year"),
    path("periods/lock-date/", views_periods.lock_date, name="lock-date"),
    path("periods/<uuid:pk>/status/", views_periods.period_status, name="period-status"),
    path("periods/<uuid:pk>/checklist/", views_closing.period_checklist, name="period-checklist"),
    path("lock-exceptions/", views_lock_exceptions.lock_exception_list, name="lock-exception-list"),
    path(
        "lock-exceptions/<uuid:pk>/approve/",
        views_lock_exceptions.lock_exception_approve,
        name="lock-exception-approve",
    ),
    path("lock-exceptions/<uuid:pk>/end/", views_lock_exceptions.lock_exception_end, name="lock-exception-end"),
    path("rates/", views_rates.rate_list, name="rate-list"),
]
