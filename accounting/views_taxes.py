"""The pages of taxes: listed with today's percentage, kept with their rates, installed from a template."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.amounts import amount_text
from accounting.business_day import business_day
from accounting.csv_download import csv_download
from accounting.forms_taxes import TaxFilterForm, TaxForm, TaxTemplateForm, rows_of
from accounting.models import TaxCode
from accounting.row_history import shown_history
from accounting.tax_installation import install_taxes
from accounting.tax_listing import list_taxes, percent_in_words, tax_register
from accounting.tax_rules import ACCOUNTS
from accounting.taxes import add_tax, change_tax, delete_tax
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def tax_list(request: Any, company: str) -> HttpResponseBase:
    """The taxes by use and code, with what they come to today; the address is the filter. On screen or as CSV."""
    return _listed(request)


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def tax_new(request: Any, company: str) -> HttpResponse:
    """Add a tax, or with `?kind=group` a group of taxes."""
    is_group = request.GET.get("kind") == TaxCode.Kind.GROUP
    use = request.GET.get("use", "")
    form = TaxForm(request.company, None, request.POST or None, is_group=is_group, initial={"use": use} if use else {})
    return _edited(request, form, None)


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def tax_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a tax, unless somebody else did meanwhile."""
    tax = get_object_or_404(TaxCode.objects.for_company(request.company), pk=pk)
    return _edited(request, TaxForm(request.company, tax, request.POST or None, is_group=tax.is_group), tax)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def tax_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One tax: its rates or members, where it stands in the books, and in which boxes of the return."""
    rows = list_taxes(request.company, business_day(request.company), state="all")
    tax = get_object_or_404(rows.select_related(*ACCOUNTS), pk=pk)
    rates = [(rate.start, amount_text(rate.percent, 0)) for rate in tax.rates.order_by("-start")]
    members = [(one.tax, amount_text(one.percent or Decimal(0), 0)) for one in tax.members.all()]
    context = {
        "tax": tax, "percent": percent_in_words(tax), "rates": rates, "members": members,
        "deductible": amount_text(tax.deductible_percent, 0),
        "may_manage": request.scope.allows(Permission.MANAGE_ACCOUNTS), "history": shown_history(request, tax),
    }  # fmt: skip
    return render(request, "accounting/tax_detail.html", context)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def tax_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take a tax out of use, use it again, or delete it."""
    tax = get_object_or_404(TaxCode.objects.for_company(request.company), pk=pk)
    with refusals_to(flashed(request)):
        act = request.POST.get("act")
        if act == "delete":
            delete_tax(tax)
            messages.success(request, _("%s is deleted.") % tax)
            return redirect("accounting:tax-list", company=company)
        if act in ("retire", "use"):
            change_tax(tax, is_active=act == "use")
            messages.success(request, _("%s is in use.") % tax if act == "use" else _("%s is out of use.") % tax)
    return redirect("accounting:tax-detail", company=company, pk=pk)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def tax_install(request: Any, company: str) -> HttpResponseBase:
    """Start with the taxes of a template."""
    form = TaxTemplateForm(request.company, request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            made = install_taxes(form.cleaned_data["template"])
            counts = {"taxes": len(made.taxes), "positions": len(made.positions)}
            messages.success(request, _("%(taxes)d taxes and %(positions)d fiscal positions are there.") % counts)
            return redirect("accounting:tax-list", company=company)
    return _listed(request, installing=form)


def _listed(request: Any, *, installing: TaxTemplateForm | None = None) -> HttpResponseBase:
    form = TaxFilterForm({"state": "active", **request.GET.dict()})
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {}
    found = list_taxes(request.company, business_day(request.company), **asked) if valid else []
    if valid and request.GET.get("format") == "csv":
        return csv_download("taxes", tax_register(found), subject="accounting_taxcode")
    page: Any = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for tax in page:
        tax.shown_percent = percent_in_words(tax)
    narrowed = bool(asked.get("text") or asked.get("use") or asked.get("kind") or asked.get("state") != "active")
    may_manage = request.scope.allows(Permission.MANAGE_ACCOUNTS)
    offered = may_manage and (installing or not page.object_list)
    context = {
        "form": form, "page": page, "narrowed": narrowed, "may_manage": may_manage,
        "install": _installing(request, installing) if offered else None,
    }  # fmt: skip
    status = installing.status if installing else 200 if valid else 422
    return render(request, "accounting/tax_list.html", context, status=status)


def _installing(request: Any, refused: TaxTemplateForm | None) -> PageAct:
    slug = request.company.slug
    return PageAct(
        "install", reverse("accounting:tax-install", args=[slug]), refused or TaxTemplateForm(request.company),
        page=reverse("accounting:tax-list", args=[slug]), title=_("Install taxes"), button=_("Install"),
        label=_("Install a template"), is_primary=True,
        hint=_("Taxes with their rates, boxes of the return and fiscal positions; all of them can be changed later."),
    )  # fmt: skip


def _edited(request: Any, form: TaxForm, tax: TaxCode | None) -> HttpResponse:
    rows = rows_of(request.company, tax, is_group=form.is_group, data=request.POST or None)
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        said = [row for row in rows if not row.is_blank]
        given = {**form.values(), rows.prefix: [row.values() for row in said]}
        with refusals_to(lambda refusal: refused.append(_shown(refusal, form, said))):
            saved = change_tax(tax, **given) if tax else add_tax(**given)
            messages.success(request, _("%s is saved.") % saved)
            return redirect("accounting:tax-detail", company=request.company.slug, pk=saved.pk)
    wrong = form.errors or (request.method == "POST" and any(rows.errors))
    status = refused[0].status if refused else 422 if wrong else 200
    context = {"form": form, "rows": rows, "tax": tax, "stale": status == 409}
    return render(request, "accounting/tax_form.html", context, status=status)


def _shown(refusal: Refused, form: TaxForm, said: list[Any]) -> Refused:
    """Say it at the row that it is about, or else at the form."""
    place, _dot, _field = refusal.place.partition(".")
    number = place.partition("[")[2].removesuffix("]")
    (said[int(number)] if number.isdecimal() and int(number) < len(said) else form).show(refusal)
    return refusal
