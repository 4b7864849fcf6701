"""The pages of layouts: which there are, and the builder, with the statement as it would look beside it."""

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.models.chart import SUBTYPES
from reports.forms_layouts import LayoutForm
from reports.layout_preview import preview_rows
from reports.layout_rows import ACCOUNTS, COLUMNS, FORMULA, HEADING, ONE, TOTAL, rows_typed, typed_rows
from reports.layout_versions import make_usual, retire_layout, save_layout
from reports.models import StatementLayout
from reports.statement_layouts import DEFAULT, SHIPPED, saved_layout, shipped_data, shipped_rows
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission

KINDS = (
    (ACCOUNTS, gettext_lazy("Accounts, each with its line")), (ONE, gettext_lazy("Accounts in one line")),
    (FORMULA, gettext_lazy("Formula")), (TOTAL, gettext_lazy("Formula, a total")), (HEADING, gettext_lazy("Heading")),
)  # fmt: skip
# More rows than a layout may have, so that too many are refused and not cut.
MOST_ROWS = 2_000


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def layout_list(request: Any, company: str) -> HttpResponseBase:
    """The layouts that come with Daybook, and every version of the company's own."""
    saved = StatementLayout.objects.for_company(request.company).order_by("statement", "name", "-number")
    shipped = [(name, shipped_data(name)["title"]) for name in SHIPPED]
    context = {"saved": list(saved[:500]), "shipped": shipped, "statements": StatementLayout.Statement.choices}
    return render(request, "reports/layout_list.html", context)


@never_cache
@needs(Permission.VIEW_BOOKS)
def layout_edit(request: Any, company: str) -> HttpResponseBase:
    """Write the next version of a layout, begun from another one; look at the statement before it is saved."""
    statement = request.POST.get("statement") or request.GET.get("statement") or "profit-and-loss"
    if statement not in StatementLayout.Statement.values:
        statement = "profit-and-loss"
    begun_from = request.GET.get("from", "")
    if request.method != "POST":
        rows, form = _begun(request, statement, begun_from)
        return _show(request, form, rows)
    form, rows = LayoutForm(request.POST), _posted(request)
    # To look at a layout it needs no name.
    form.fields["name"].required = request.POST.get("act") != "preview"
    if form.is_valid():
        with refusals_to(form.show):
            return _kept(request, form, rows)
    return _show(request, form, rows)


def _kept(request: Any, form: LayoutForm, rows: list[dict[str, str]]) -> HttpResponseBase:
    """Saved; or, where that was asked, shown as it would look."""
    said = form.cleaned_data
    data = {"rows": rows_typed(rows), "equal": said["equal"].split()}
    if request.POST.get("act") == "preview":
        return _show(request, form, rows, preview=preview_rows(request.company, said["statement"], data))
    saved = save_layout(said["statement"], said["name"], data, seen=said["seen"], is_usual=said["is_usual"])
    messages.success(request, _("Version %d is saved.") % saved.number)
    return redirect("reports:layout-list", company=request.company.slug)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def layout_act(request: Any, company: str) -> HttpResponseBase:
    """Take a layout where none is named, or offer it no longer."""
    statement, name = request.POST.get("statement", ""), request.POST.get("name", "")
    with refusals_to(flashed(request)):
        if request.POST.get("act") == "retire":
            retire_layout(statement, name)
            messages.success(request, _("The layout is offered no longer."))
        else:
            make_usual(statement, name)
            messages.success(request, _("It is the usual layout now."))
    return redirect("reports:layout-list", company=company)


def _begun(request: Any, statement: str, begun_from: str) -> tuple[list[dict[str, str]], LayoutForm]:
    """The rows to begin with: of a saved layout, whose next version it becomes, or of one that comes with Daybook."""
    saved = saved_layout(request.company, statement, begun_from) if begun_from and begun_from not in SHIPPED else None
    data = saved.data if saved else shipped_rows(begun_from if begun_from in SHIPPED else DEFAULT, statement)
    initial = {"statement": statement, "name": saved.name if saved else "", "seen": _last(saved),
               "equal": " ".join(data.get("equal", ())), "is_usual": bool(saved and saved.is_usual)}  # fmt: skip
    return typed_rows(data), LayoutForm(initial=initial)


def _last(saved: StatementLayout | None) -> int:
    if saved is None:
        return 0
    versions = StatementLayout.objects.for_company(saved.company_id).filter(statement=saved.statement, name=saved.name)
    return int(versions.order_by("-number").values_list("number", flat=True)[0])


def _posted(request: Any) -> list[dict[str, str]]:
    columns = {name: request.POST.getlist(f"row_{name}") for name in COLUMNS}
    count = min(max(map(len, columns.values()), default=0), MOST_ROWS)
    return [
        {name: (texts[number] if number < len(texts) else "") for name, texts in columns.items()}
        for number in range(count)
    ]


def _show(request: Any, form: LayoutForm, rows: list[dict[str, str]], preview: Any = None) -> HttpResponseBase:
    context = {
        "form": form, "rows": rows, "kinds": KINDS, "preview": preview, "subtypes": SUBTYPES,
        "may_save": request.scope.allows(Permission.MANAGE_ACCOUNTS),
    }  # fmt: skip
    return render(request, "reports/layout_form.html", context, status=form.status if form.is_bound else 200)
