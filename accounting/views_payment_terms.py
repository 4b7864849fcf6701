"""The pages of payment terms."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.due_dates import discount_until, due_parts
from accounting.forms_payment_terms import InstalmentFormSet, TermsForm, kept_instalments, typed_instalments
from accounting.models import PaymentTerms
from accounting.payment_terms import add_standard_terms, add_terms, change_terms, delete_terms, parts_of
from accounting.row_history import shown_history
from accounting.terms_wording import discount_in_words, due_in_words
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50
EXAMPLE = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an invoice of today would be due."""

    date: Any
    total: Decimal
    parts: list[tuple[Any, Decimal]]
    discount: Decimal
    discount_until: Any
    decimals: int


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def terms_list(request: Any, company: str) -> HttpResponse:
    """The payment terms by code, those out of use last."""
    rows = PaymentTerms.objects.for_company(request.company).prefetch_related("instalments")
    page: Any = Paginator(rows.order_by("-is_active", "code", "id"), PAGE).get_page(request.GET.get("page"))
    for terms in page:
        terms.due, terms.discount = due_in_words(terms), discount_in_words(terms)
    return render(request, "accounting/payment_terms_list.html", {"page": page, **_rights(request)})


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def terms_new(request: Any, company: str) -> HttpResponse:
    """Add payment terms."""
    return _edited(request, TermsForm(None, request.POST or None), None)


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def terms_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change payment terms, unless somebody else did meanwhile."""
    terms = _terms(request, pk)
    return _edited(request, TermsForm(terms, request.POST or None), terms)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def terms_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Payment terms, and what an invoice of today would be due."""
    terms = _terms(request, pk)
    context = {
        "terms": terms, "due": due_in_words(terms), "discount": discount_in_words(terms),
        "preview": _preview(request, terms), "history": shown_history(request, terms), **_rights(request),
    }  # fmt: skip
    return render(request, "accounting/payment_terms_detail.html", context)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def terms_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take payment terms out of use, use them again, or delete them."""
    terms = _terms(request, pk)
    with refusals_to(flashed(request)):
        act = request.POST.get("act")
        if act == "delete":
            delete_terms(terms)
            messages.success(request, _("%s are deleted.") % terms)
            return redirect("accounting:payment-terms-list", company=company)
        if act in ("retire", "use"):
            change_terms(terms, is_active=act == "use")
            messages.success(request, _("%s are in use.") % terms if act == "use" else _("%s are out of use.") % terms)
    return redirect("accounting:payment-terms-detail", company=company, pk=pk)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def terms_standard(request: Any, company: str) -> HttpResponse:
    """Add the usual payment terms to a company that was there before them."""
    made = add_standard_terms()
    messages.success(request, _("Payment terms added: %d.") % len(made))
    return redirect("accounting:payment-terms-list", company=company)


def _edited(request: Any, form: TermsForm, terms: PaymentTerms | None) -> HttpResponse:
    kept = kept_instalments(terms) if terms else []
    rows = InstalmentFormSet(request.POST or None, initial=kept, prefix="instalments")
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        said, instalments = typed_instalments(rows)
        with refusals_to(lambda refusal: refused.append(_shown(refusal, form, said))):
            given = {**form.values(), "instalments": instalments}
            saved = change_terms(terms, **given) if terms else add_terms(**given)
            messages.success(request, _("%s are saved.") % saved)
            return redirect("accounting:payment-terms-detail", company=request.company.slug, pk=saved.pk)
    wrong = form.errors or (request.method == "POST" and any(rows.errors))
    status = refused[0].status if refused else 422 if wrong else 200
    context = {
        "form": form, "rows": rows, "terms": terms, "stale": status == 409,
        "preview": _preview(request, terms) if terms else None,
    }  # fmt: skip
    return render(request, "accounting/payment_terms_form.html", context, status=status)


def _shown(refusal: Refused, form: TermsForm, said: list[Any]) -> Refused:
    """Say it at the instalment that it is about, or else at the form."""
    place, _dot, _field = refusal.place.partition(".")
    number = place.removeprefix("instalments[").removesuffix("]")
    (said[int(number)] if number.isdecimal() and int(number) < len(said) else form).show(refusal)
    return refusal


def _preview(request: Any, terms: PaymentTerms) -> Preview:
    company = request.company
    today, decimals = business_day(company), chart_of(company).units[company.base_currency].decimals
    return Preview(
        date=today, total=EXAMPLE, parts=due_parts(today, parts_of(terms), EXAMPLE, decimals), decimals=decimals,
        discount=EXAMPLE * terms.discount_percent / 100, discount_until=discount_until(today, terms.discount_days),
    )  # fmt: skip


def _terms(request: Any, pk: UUID) -> PaymentTerms:
    rows = PaymentTerms.objects.for_company(request.company).prefetch_related("instalments")
    found: PaymentTerms = get_object_or_404(rows, pk=pk)
    return found


def _rights(request: Any) -> dict[str, bool]:
    return {"may_manage": request.scope.allows(Permission.MANAGE_ACCOUNTS)}
