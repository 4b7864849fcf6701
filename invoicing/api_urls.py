"""Addresses of the invoicing API."""

from typing import Any

from django.urls import path

from invoicing import api_payments as payments
from invoicing.api_document_acts import FileView, PostLaterView, PostManyView, acts_under
from invoicing.api_documents import views_of
from invoicing.document_downloads import FORMS
from tenants.description_of_views import described

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
    if address in ACTS:
        name = address.replace("-", "_")
        together = described(
            PostManyView, f"{name.title()}PostManyView", post=(f"{name}_post_many", f"Post several {noun}")
        )
        together.kinds = kinds
        found.insert(1, path(f"{COMPANY}{address}/post/", together.as_view()))
    return found


urlpatterns = [
    *(one for address, (noun, kinds) in DOCUMENTS.items() for one in _documents(address, noun, kinds)),
    path(f"{COMPANY}documents/post/", PostLaterView.as_view()),
    path(f"{COMPANY}payments/", payments.PaymentListView.as_view()),
    path(f"{COMPANY}payments/<uuid:pk>/", payments.PaymentView.as_view()),
    *(path(f"{COMPANY}payments/<uuid:pk>/{act}/", view.as_view()) for act, view in payments.ACT_VIEWS.items()),
]
