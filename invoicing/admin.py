"""Documents, payments and what follows from them in the admin: looked at, submitted and posted by the dozen."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.amounts import amount_text
from accounting.chart import chart_of
from invoicing.approving import submit_document, submit_payment
from invoicing.document_posting import post_document
from invoicing.models import (
    Document,
    DocumentLine,
    DocumentTax,
    DunnedDocument,
    DunningNotice,
    Instalment,
    Payment,
    PaymentPart,
    TaxRow,
)
from invoicing.payment_posting import post_payment
from ledger.admin_acts import ask_once_more, do_each
from tenants.admin_base import CompanyInline, ReadOnlyAdmin
from tenants.permissions import Permission


class RowsInline(CompanyInline):
    """What belongs to the row, to be looked at."""

    can_delete = False

    @property
    def readonly_fields(self) -> Any:
        return self.fields


class DocumentLineInline(RowsInline):
    model = DocumentLine
    fields = [
        "number",
        "item",
        "description",
        "quantity",
        "unit_price",
        "discount_percent",
        "account",
        "tax_code",
        "net",
    ]


class DocumentTaxInline(RowsInline):
    model = DocumentTax
    fields = ["name", "kind", "percent", "base", "amount", "pending"]


class InstalmentInline(RowsInline):
    model = Instalment
    fields = ["number", "due_date", "amount"]


class PaymentPartInline(RowsInline):
    model = PaymentPart
    fk_name = "payment"
    fields = ["number", "document", "refunds", "amount", "discount", "write_off"]


class ApprovableAdmin(ReadOnlyAdmin):
    """Documents and payments; they are written on their own pages."""

    detail: str
    post: Callable[..., Any]
    submit: Callable[..., Any]
    list_filter = ["state"]
    list_select_related = ["contact", "company"]
    ordering = ["-date", "-id"]
    date_hierarchy = "date"
    actions = ["submit_chosen", "post_chosen"]
    exclude = ["makers"]

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, row: Any) -> str:
        amount = row.total if isinstance(row, Document) else row.amount
        return f"{amount_text(amount, chart_of(row.company).units[row.currency].decimals)} {row.currency}"

    @admin.display(description=gettext_lazy("page"))
    def on_its_page(self, row: Any) -> str:
        return format_html('<a href="{}">{}</a>', reverse(self.detail, args=[row.company.slug, row.pk]), _("Open"))

    def has_draft_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.DRAFT_ENTRIES))

    def has_post_permission(self, request: Any) -> bool:
        return bool(request.scope and request.scope.allows(Permission.POST_ENTRIES))

    @admin.action(description=gettext_lazy("Submit for approval"), permissions=["draft"])
    def submit_chosen(self, request: Any, queryset: Any) -> Any:
        """Hand the chosen drafts over, as they were shown."""
        seen, page = ask_once_more(self, request, queryset, action="submit_chosen", title=_("Submit them?"))
        if page is None:
            submit = type(self).submit
            do_each(
                request, queryset, lambda row: submit(row.pk, version=seen.get(str(row.pk))), _("%d are submitted.")
            )
        return page

    @admin.action(description=gettext_lazy("Post"), permissions=["post"])
    def post_chosen(self, request: Any, queryset: Any) -> Any:
        """Post the chosen ones in the order of their days, as they were shown."""
        rows = queryset.order_by("date", "id")
        seen, page = ask_once_more(self, request, rows, action="post_chosen", title=_("Post them?"))
        if page is None:
            post = type(self).post
            do_each(request, rows, lambda row: post(row.pk, version=seen.get(str(row.pk))), _("%d are posted."))
        return page


@admin.register(Document)
class DocumentAdmin(ApprovableAdmin):
    """Invoices, bills, credit notes, quotes and orders."""

    detail = "invoicing:document-detail"
    post, submit = staticmethod(post_document), staticmethod(submit_document)
    list_display = [
        "number",
        "kind",
        "state",
        "contact",
        "date",
        "due_date",
        "reference",
        "amount_shown",
        "on_its_page",
    ]
    list_filter = ["kind", "state"]
    search_fields = ["number", "reference", "contact__name", "contact__code"]
    inlines = [DocumentLineInline, DocumentTaxInline, InstalmentInline]


@admin.register(Payment)
class PaymentAdmin(ApprovableAdmin):
    """Payments in and out."""

    detail = "invoicing:payment-detail"
    post, submit = staticmethod(post_payment), staticmethod(submit_payment)
    list_display = [
        "number",
        "direction",
        "state",
        "contact",
        "date",
        "method",
        "reference",
        "amount_shown",
        "on_its_page",
    ]
    list_filter = ["direction", "role", "state", "method"]
    search_fields = ["number", "reference", "contact__name", "contact__code"]
    inlines = [PaymentPartInline]


@admin.register(TaxRow)
class TaxRowAdmin(ReadOnlyAdmin):
    """The tax ledger."""

    list_display = ["date", "document", "tax_code", "percent", "base", "amount", "deductible"]
    list_filter = ["tax_code"]
    list_select_related = ["document", "tax_code"]
    search_fields = ["document__number"]
    ordering = ["-date", "-id"]
    date_hierarchy = "date"


class DunnedDocumentInline(RowsInline):
    model = DunnedDocument
    fields = ["document", "level", "days_late", "open_amount", "interest"]


@admin.register(DunningNotice)
class DunningNoticeAdmin(ReadOnlyAdmin):
    """What was sent to late customers."""

    list_display = ["date", "contact", "level", "currency", "open_amount", "interest", "fee", "charged_by"]
    list_filter = ["level"]
    list_select_related = ["contact", "level", "charged_by"]
    search_fields = ["contact__name", "contact__code"]
    ordering = ["-date", "-id"]
    inlines = [DunnedDocumentInline]
