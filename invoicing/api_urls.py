"""Addresses of the invoicing API."""

from typing import Any

from django.urls import path

from invoicing import api_attachments as attachments
from invoicing import api_dunning as dunning
from invoicing import api_payments as payments
from invoicing import api_receipts as receipts
from invoicing import api_recurring as recurring
from invoicing import api_sending as sending
from invoicing import api_settings as invoicing
from invoicing.api_document_acts import FileView, PostLaterView, PostManyView, acts_under
from invoicing.api_documents import views_of
from invoicing.api_statement import StatementView
from invoicing.document_files import FORMS
from tenants.description_of_views import acts_of, described

COMPANY = "companies/<slug:company>/"
# Address -> what it is called, and the kinds of document under it.
DOCUMENTS = {
    "invoices": ("invoices", ("invoice", "debit_note")),
    "bills": ("bills", ("bill",)),
    "credit-notes": ("credit notes", ("credit_note", "supplier_credit")),
    "quotes": ("quotes", ("quote",)),
    "purchase-orders": ("purchase orders", ("purchase_order",)),
}
NAMES = {"pdf": "PDF", "facturx": "Factur-X", "ubl": "UBL", "cii": "CII"}
ACTS = {
    "invoices": ("submit", "withdraw", "approve", "reject", "post", "credit"),
    "bills": ("submit", "withdraw", "approve", "reject", "post", "credit"),
    "credit-notes": ("submit", "withdraw", "approve", "reject", "post", "apply"),
}

SENDING = {
    "mail": (sending.DocumentMailView, "Send by e-mail"),
    "share": (sending.DocumentShareView, "Give a public link to"),
    "unshare": (sending.DocumentUnshareView, "Close the public link of"),
}


def _documents(address: str, noun: str, kinds: tuple[str, ...]) -> list[Any]:
    many, one = views_of(address, noun, *kinds)
    found = [path(f"{COMPANY}{address}/", many.as_view()), path(f"{COMPANY}{address}/<uuid:pk>/", one.as_view())]
    views = acts_under(address, f"a {noun.rstrip('s')}")
    for act in ACTS.get(address, ()):
        view = views[act]
        view.kinds = kinds
        found.append(path(f"{COMPANY}{address}/<uuid:pk>/{act}/", view.as_view()))
    for form in FORMS if address in ACTS else ("pdf",):
        file = described(
            FileView, f"{address.title().replace('-', '_')}{form.title()}View",
            get=(f"{address.replace('-', '_')}_{form}", f"Download one of the {noun} as {NAMES[form]}"),
        )  # fmt: skip
        file.kinds, file.form = kinds, form
        found.append(path(f"{COMPANY}{address}/<uuid:pk>/{form}/", file.as_view()))
    found += _attachments(address, noun, kinds)
    if address != "bills":
        found += [
            path(f"{COMPANY}{address}/<uuid:pk>/{act}/", view.as_view()) for act, view in _sending(address, noun, kinds)
        ]
    if address in ACTS:
        name = address.replace("-", "_")
        together = described(
            PostManyView, f"{name.title()}PostManyView", post=(f"{name}_post_many", f"Post several {noun}")
        )
        together.kinds = kinds
        found.insert(1, path(f"{COMPANY}{address}/post/", together.as_view()))
    return found


def _attachments(address: str, noun: str, kinds: tuple[str, ...]) -> list[Any]:
    """The files that were attached to one of them."""
    name, one = address.replace("-", "_"), f"a {noun.rstrip('s')}"
    many = described(
        attachments.DocumentAttachmentsView, f"{name.title()}AttachmentsView",
        get=(f"{name}_attachments_list", f"List the files of {one}"),
        post=(f"{name}_attachments_add", f"Attach a file to {one}"),
    )  # fmt: skip
    single = described(
        attachments.DocumentAttachmentView, f"{name.title()}AttachmentView",
        delete=(f"{name}_attachments_remove", f"Remove a file of {one}"),
    )  # fmt: skip
    many.kinds = single.kinds = kinds
    under = f"{COMPANY}{address}/<uuid:pk>/attachments/"
    return [path(under, many.as_view()), path(f"{under}<uuid:attachment>/", single.as_view())]


def _sending(address: str, noun: str, kinds: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Orders go by e-mail, and what is ours is shared as well."""
    acts = SENDING if address != "purchase-orders" else {"mail": SENDING["mail"]}
    return list(acts_of(acts, address, f"a {noun.rstrip('s')}", kinds=kinds).items())


urlpatterns = [
    *(one for address, (noun, kinds) in DOCUMENTS.items() for one in _documents(address, noun, kinds)),
    path(f"{COMPANY}documents/post/", PostLaterView.as_view()),
    path(f"{COMPANY}purchase-orders/<uuid:pk>/receipts/", receipts.ReceiptListView.as_view()),
    path(f"{COMPANY}bills/<uuid:pk>/matching/", receipts.MatchingView.as_view()),
    path(f"{COMPANY}bills/receive/", invoicing.ReceivedInvoiceView.as_view()),
    path(f"{COMPANY}invoicing-settings/", invoicing.InvoicingSettingsView.as_view()),
    path(f"{COMPANY}mail-templates/", sending.MailTemplateListView.as_view()),
    path(f"{COMPANY}mail-templates/<uuid:pk>/", sending.MailTemplateView.as_view()),
    path(f"{COMPANY}dunning-levels/", dunning.DunningLevelListView.as_view()),
    path(f"{COMPANY}dunning-levels/<uuid:pk>/", dunning.DunningLevelView.as_view()),
    path(f"{COMPANY}dunning/", dunning.DunningPlanView.as_view()),
    path(f"{COMPANY}dunning/run/", dunning.DunningRunView.as_view()),
    path(f"{COMPANY}dunning-notices/", dunning.DunningNoticeListView.as_view()),
    path(f"{COMPANY}dunning-blocks/", dunning.DunningBlockListView.as_view()),
    path(f"{COMPANY}dunning-blocks/<uuid:pk>/", dunning.DunningBlockView.as_view()),
    path(f"{COMPANY}contacts/<uuid:pk>/statement/", StatementView.as_view()),
    path(f"{COMPANY}tax-rows/", invoicing.TaxRowListView.as_view()),
    path(f"{COMPANY}recurring-documents/", recurring.RecurringDocumentListView.as_view()),
    path(f"{COMPANY}recurring-documents/<uuid:pk>/", recurring.RecurringDocumentView.as_view()),
    path(f"{COMPANY}recurring-documents/<uuid:pk>/retry/", recurring.RecurringDocumentRetryView.as_view()),
    path(f"{COMPANY}recurring-documents/<uuid:pk>/skip/", recurring.RecurringDocumentSkipView.as_view()),
    path(f"{COMPANY}payments/", payments.PaymentListView.as_view()),
    path(f"{COMPANY}payments/<uuid:pk>/", payments.PaymentView.as_view()),
    *(path(f"{COMPANY}payments/<uuid:pk>/{act}/", view.as_view()) for act, view in payments.ACT_VIEWS.items()),
]
