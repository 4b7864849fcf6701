"""Addresses of the pages, relative to /c/<company>/."""

from django.urls import path, register_converter

from invoicing import (
    views_applying,
    views_approvals,
    views_attachments,
    views_bill_import,
    views_bulk_posting,
    views_document_form,
    views_document_list,
    views_documents,
    views_dunning,
    views_dunning_levels,
    views_mailing,
    views_payment_form,
    views_payments,
    views_receiving,
    views_recurring_documents,
    views_settings,
    views_statement,
)
from invoicing.families import FAMILIES


class FamilyConverter:
    """The address of a family of documents."""

    regex = "|".join(FAMILIES)

    def to_python(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands in the address."""
        return value


register_converter(FamilyConverter, "family")

app_name = "invoicing"
_DOCUMENT = "documents/<uuid:pk>/"
_RECURRING = "recurring-documents/<uuid:pk>/"
urlpatterns = [
    path("<family:family>/", views_document_list.document_list, name="document-list"),
    path("<family:family>/sums/", views_document_list.document_sums, name="document-sums"),
    path("<family:family>/new/", views_document_form.document_new, name="document-new"),
    path("<family:family>/post/", views_bulk_posting.documents_post, name="documents-post"),
    path("<family:family>/preview/", views_document_form.document_preview, name="document-preview"),
    path(_DOCUMENT, views_documents.document_detail, name="document-detail"),
    path(f"{_DOCUMENT}edit/", views_document_form.document_edit, name="document-edit"),
    path(f"{_DOCUMENT}act/", views_documents.document_act, name="document-act"),
    path(f"{_DOCUMENT}credit/", views_documents.document_credit, name="document-credit"),
    path(f"{_DOCUMENT}settlements/<uuid:settlement>/undo/", views_documents.settlement_undo, name="settlement-undo"),
    path("credits/<uuid:pk>/apply/", views_applying.credit_apply, name="credit-apply"),
    path(f"{_DOCUMENT}mail/", views_mailing.document_mail, name="document-mail"),
    path(f"{_DOCUMENT}share/", views_mailing.document_share, name="document-share"),
    path(f"{_DOCUMENT}files/<slug:form>/", views_documents.document_file, name="document-file"),
    path(f"{_DOCUMENT}attachments/", views_attachments.document_attach, name="document-attach"),
    path(f"{_DOCUMENT}attachments/<uuid:file>/remove/", views_attachments.document_detach, name="document-detach"),
    path(f"{_DOCUMENT}receive/", views_receiving.order_receive, name="order-receive"),
    path(f"{_DOCUMENT}repeat/", views_recurring_documents.recurring_new, name="recurring-new"),
    path("recurring-documents/", views_recurring_documents.recurring_list, name="recurring-list"),
    path(_RECURRING, views_recurring_documents.recurring_detail, name="recurring-detail"),
    path(f"{_RECURRING}edit/", views_recurring_documents.recurring_edit, name="recurring-edit"),
    path(f"{_RECURRING}change/", views_recurring_documents.recurring_change, name="recurring-change"),
    path(f"{_RECURRING}<str:date>/", views_recurring_documents.occurrence_act, name="occurrence-act"),
    path("bills/import/", views_bill_import.bill_import, name="bill-import"),
    path("approvals/documents/", views_approvals.approval_list, name="approval-list"),
    path("contacts/<uuid:pk>/statement/", views_statement.contact_statement, name="contact-statement"),
    path("dunning/", views_dunning.dunning, name="dunning"),
    path("dunning/block/", views_dunning.block, name="dunning-block"),
    path("dunning/notices/", views_dunning.notice_list, name="dunning-notice-list"),
    path("dunning/notices/<uuid:pk>/", views_dunning.notice_detail, name="dunning-notice-detail"),
    path("dunning/notices/<uuid:pk>/pdf/", views_dunning.notice_file, name="dunning-notice-file"),
    path("dunning/levels/", views_dunning_levels.level_list, name="dunning-level-list"),
    path("dunning/levels/usual/", views_dunning_levels.usual_levels, name="dunning-levels-usual"),
    path("dunning/levels/new/", views_dunning_levels.level_form, name="dunning-level-new"),
    path("dunning/levels/<uuid:pk>/", views_dunning_levels.level_form, name="dunning-level-edit"),
    path("mail-templates/", views_mailing.mail_template_list, name="mail-template-list"),
    path("mail-templates/new/", views_mailing.mail_template_form, name="mail-template-new"),
    path("mail-templates/<uuid:pk>/", views_mailing.mail_template_form, name="mail-template-edit"),
    path("invoicing-settings/logo/", views_settings.logo, name="logo"),
    path("invoicing-settings/", views_settings.invoicing_settings, name="settings"),
    path("payments/", views_payments.payment_list, name="payment-list"),
    path("payments/new/", views_payment_form.payment_new, name="payment-new"),
    path("payments/<uuid:pk>/", views_payments.payment_detail, name="payment-detail"),
    path("payments/<uuid:pk>/edit/", views_payment_form.payment_edit, name="payment-edit"),
    path("payments/<uuid:pk>/act/", views_payments.payment_act, name="payment-act"),
]
