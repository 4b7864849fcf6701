"""The page of a new or changed document: kept as a draft, submitted or posted, once, however often it is sent."""

import uuid
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounting.amounts import amount_text
from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.models import Item
from accounting.tax_lookup import taxes_of
from invoicing.approving import submit_document
from invoicing.document_filling import fill
from invoicing.document_posting import post_document
from invoicing.document_totals import reckon
from invoicing.documents import change_document, save_document
from invoicing.families import FAMILIES, Family, family_of
from invoicing.forms_documents import DocumentHeadForm, offered_contacts
from invoicing.models import BOOKED, SALES, Document, DocumentLine
from invoicing.refusals import ApprovalNeeded, DocumentNotFound
from invoicing.typed_document import NO_TAX, LineRow, content_lines, mark, padded, stored_rows, typed_rows
from ledger.account_choices import account_choices
from ledger.told_budgets import tell_posted
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused

ITEMS_OFFERED = 1000


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def document_new(request: Any, company: str, family: str) -> HttpResponse:
    """Type a document; `?copy=` starts from another one, `?contact=` for a contact."""
    one = FAMILIES[family]
    if request.method != "POST":
        return _page(request, one, *_started(request, one))
    return _sent(request, one, None)


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def document_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a draft, unless somebody else did meanwhile."""
    document = _document(request, pk)
    family = family_of(document.kind)
    if not document.is_editable:
        return redirect("invoicing:document-detail", company=company, pk=pk)
    if request.method != "POST":
        form = DocumentHeadForm(request.company, family, initial=_initial(document))
        return _page(request, family, form, _stored(request, document), document)
    return _sent(request, family, document)


@require_POST
@never_cache
@needs(Permission.DRAFT_ENTRIES)
def document_preview(request: Any, company: str, family: str) -> HttpResponse:
    """What the document would come to as it is typed now: the totals under the grid. Nothing is kept."""
    one = FAMILIES[family]
    chart = chart_of(request.company)
    head = DocumentHeadForm(request.company, one, request.POST, initial=_kind_of(request, one))
    rows = typed_rows(request.POST, sorted(chart.dimensions))
    if not head.is_valid():
        return render(request, "invoicing/document_totals.html", {"waiting": True})
    try:
        filled = fill(request.company, head.content(_kind(request, one), content_lines(rows, chart)))
        taxes, instalments = reckon(filled)
    except Refused as refusal:
        return render(request, "invoicing/document_totals.html", {"problem": refusal.message})
    context = {
        "document": filled.document,
        "taxes": taxes,
        "instalments": instalments,
        "lines": filled.lines,
        "decimals": chart.units[filled.document.currency].decimals,
    }
    return render(request, "invoicing/document_totals.html", context)


def _sent(request: Any, family: Family, document: Document | None) -> HttpResponse:
    chart = chart_of(request.company)
    rows = typed_rows(request.POST, sorted(chart.dimensions))
    initial = _initial(document) if document else _kind_of(request, family)
    head = DocumentHeadForm(request.company, family, request.POST, initial=initial)
    if not head.is_valid():
        return _page(request, family, head, rows, document)
    try:
        with transaction.atomic():
            saved = _saved(request, family, head, rows, document)
            return _gone_on(request, saved)
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        place = mark(refusal, rows)
        if place:
            head.add_error(None, _("Line %(number)s: %(message)s") % {"number": place, "message": refusal.message})
        else:
            head.show(refusal)
        return _page(request, family, head, rows, document, refusal=refusal)


def _saved(
    request: Any, family: Family, head: DocumentHeadForm, rows: Sequence[LineRow], document: Document | None
) -> Document:
    kind = document.kind if document else _kind(request, family)
    content = head.content(kind, content_lines(rows, chart_of(request.company)))
    if document is None:
        return save_document(content, document_id=head.cleaned_data["key"])
    return change_document(document.pk, content, version=head.cleaned_data["version"])


def _gone_on(request: Any, saved: Document) -> HttpResponse:
    """What the button that was pressed asks for, once the document is kept."""
    then = request.POST.get("then", "draft")
    if then == "post":
        posted = post_document(saved.pk)
        messages.success(request, _("%s is posted.") % posted)
        tell_posted(request, posted.entry_id)
    elif then == "submit":
        state = submit_document(saved.pk).state
        messages.success(
            request, _("It waits for approval.") if state == "submitted" else _("It is ready to be posted.")
        )
    else:
        messages.success(request, _("The draft is saved."))
    return redirect("invoicing:document-detail", company=request.company.slug, pk=saved.pk)


def _started(request: Any, family: Family) -> tuple[DocumentHeadForm, list[LineRow]]:
    """An empty form, or one that starts from another document or a contact."""
    initial: dict[str, Any] = {
        "date": business_day(request.company), "key": uuid.uuid4(), "contact": request.GET.get("contact", ""),
        **_kind_of(request, family),
    }  # fmt: skip
    rows: list[LineRow] = []
    if (start := request.GET.get("copy", "")) and (document := _copied(request, start)):
        rows = _stored(request, document)
        for row in rows:
            row.credits = row.order_line = ""
        initial = {**_initial(document), **initial, "contact": _contact_text(document), "due_date": None}
    return DocumentHeadForm(request.company, family, initial=initial), rows


def _copied(request: Any, text: str) -> Document | None:
    try:
        return _document(request, UUID(text))
    except ValueError:
        return None


def _kind(request: Any, family: Family) -> str:
    wanted = request.POST.get("kind") or request.GET.get("kind", "")
    return wanted if wanted in family.kinds else family.kinds[0]


def _kind_of(request: Any, family: Family) -> dict[str, Any]:
    return {"is_sale": _kind(request, family) in SALES}


def _document(request: Any, pk: UUID) -> Document:
    rows = Document.objects.for_company(request.company).select_related("contact", "terms", "position")
    found: Document | None = rows.filter(pk=pk).first()
    if found is None:
        raise DocumentNotFound(_("There is no such document."))
    return found


def _stored(request: Any, document: Document) -> list[LineRow]:
    lines = DocumentLine.objects.for_company(request.company).filter(document=document).order_by("number")
    return stored_rows(lines.select_related("item", "tax_code"), chart_of(request.company))


def _contact_text(document: Document) -> str:
    return f"{document.contact.code} {document.contact.name}"


def _initial(document: Document) -> dict[str, Any]:
    return {
        "contact": _contact_text(document), "date": document.date, "reference": document.reference,
        "terms": document.terms_id, "due_date": None if document.terms_id else document.due_date,
        "tax_date": document.tax_date if document.tax_date != document.date else None, "currency": document.currency,
        "rate": amount_text(document.rate, 0) if document.rate else "", "position": document.position_id,
        "prices_include_tax": str(document.prices_include_tax).lower(), "tax_rounding": document.tax_rounding,
        "cash_step": amount_text(document.cash_step, 0) if document.cash_step else "", "notes": document.notes,
        "stated": " ".join(f"{code} {text}" for code, text in document.stated_taxes.items()), "memo": document.memo,
        "reason": document.reason, "version": document.version, "key": document.pk, "is_sale": document.is_sale,
    }  # fmt: skip


def _page(
    request: Any, family: Family, head: DocumentHeadForm, rows: Sequence[LineRow], document: Document | None = None,
    *, refusal: Refused | None = None,
) -> HttpResponse:  # fmt: skip
    chart, kind = chart_of(request.company), document.kind if document else _kind(request, family)
    dimensions, sale = sorted(chart.dimensions), head.is_sale
    taxes = taxes_of(request.company).by_code.values()
    use = "sales" if sale else "purchases"
    context = {
        "family": family, "kind": kind, "head": head, "document": document, "rows": padded(rows, dimensions),
        "blank": padded([], dimensions)[0], "no_tax": NO_TAX,
        "dimensions": [(name, sorted(chart.dimensions[name])) for name in dimensions],
        "taxes": [tax for tax in taxes if tax.use == use and tax.is_active], "wide": any(row.is_wide for row in rows),
        "contacts": offered_contacts(request.company, customers=sale), "items": _items(request, sale=sale),
        "accounts": account_choices(chart, to_post=True), "may_post": request.scope.allows(Permission.POST_ENTRIES),
        "booked": kind in BOOKED, "approval_needed": isinstance(refusal, ApprovalNeeded),
        "is_credit": kind in ("credit_note", "supplier_credit"),
    }  # fmt: skip
    status = refusal.status if refusal else head.status
    return render(request, "invoicing/document_form.html", context, status=status)


def _items(request: Any, *, sale: bool) -> list[dict[str, str]]:
    """What the item boxes offer, and what choosing one fills in."""
    rows = Item.objects.for_company(request.company).filter(is_active=True).order_by("code")[:ITEMS_OFFERED]
    base = request.company.base_currency
    return [
        {
            "code": row.code, "name": row.name, "description": row.description or row.name, "unit": row.unit,
            "currency": row.currency or base,
            "price": amount_text(price, 2) if (price := row.sale_price if sale else row.purchase_price) else "",
        }
        for row in rows
    ]  # fmt: skip
