"""What is asked of a report on its page."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.api_query import FIRST_YEAR
from accounting.models import Dimension
from ledger.forms import LedgerFilterForm
from ledger.models import Budget
from reports.catalogue import ReportKind
from reports.entry_conditions import CONDITIONS
from reports.statement_layouts import AT, layout_choices
from reports.table import Asked
from tenants.models import Company

PERIODS = [("", _("one")), ("month", _("month")), ("quarter", _("quarter")), ("year", _("year"))]
BEFORE = [("none", _("nothing")), ("year", _("year before")), ("period", _("period before"))]
BASES = [("", _("accrual")), ("cash", _("cash"))]
OF_DIMENSIONS = frozenset({"across", "value"})
METHODS = [("", _("indirect")), ("direct", _("direct"))]


LAID_OUT_AS = {"budget-variance": "profit-and-loss"}


class ReportForm(LedgerFilterForm):
    """Days, knowledge, columns, what stands beside, and what narrows it; what a report does not heed is not asked."""

    by = forms.ChoiceField(label=_("Columns by"), required=False, choices=PERIODS)
    compare = forms.ChoiceField(label=_("Beside it"), required=False, choices=BEFORE)
    across = forms.ChoiceField(label=_("Across"), required=False)
    basis = forms.ChoiceField(label=_("Basis"), required=False, choices=BASES)
    method = forms.ChoiceField(label=_("Method"), required=False, choices=METHODS)
    layout = forms.ChoiceField(label=_("Layout"), required=False)
    accounts = forms.CharField(
        label=_("Accounts"), required=False, max_length=4000,
        widget=forms.TextInput({"placeholder": "4000-4999, 6100", "autocomplete": "off"}),
    )  # fmt: skip
    contact = forms.CharField(label=_("Contact"), required=False, max_length=60)
    box = forms.CharField(label=_("Box"), required=False, max_length=20)
    only = forms.ChoiceField(label=_("Only"), required=False)
    value = forms.CharField(
        label=_("Dimension"), required=False, max_length=80,
        widget=forms.TextInput({"placeholder": "project:ALPHA", "autocomplete": "off"}),
    )  # fmt: skip
    budget = forms.ChoiceField(label=_("Budget"), required=False)

    def __init__(self, company: Company, kind: ReportKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        choices: dict[str, Any] = {
            "across": lambda: [("", "–"), *Dimension.objects.for_company(company).values_list("code", "name")],
            "layout": lambda: layout_choices(company, LAID_OUT_AS.get(kind.name, kind.name)),
            "budget": lambda: [("", _("first")), *_budgets(company)],
            "only": lambda: [("", _("all")), *((name, one.label) for name, one in CONDITIONS.items())],
        }
        names = {"start": "from", "known_at": "known"}
        heeded = {"to", *(names.get(one, one) for one in kind.heeds)}
        if heeded & OF_DIMENSIONS and not Dimension.objects.for_company(company).exists():
            heeded -= {name for name in OF_DIMENSIONS if not self.data.get(name)}
        for name in [*self.fields]:
            if name not in heeded:
                del self.fields[name]
            elif name in choices:
                self.fields[name].choices = choices[name]()  # type: ignore[attr-defined]
        # A version of a layout is no choice of the list, and yet may be asked for.
        asked_layout = str(self.data.get("layout", "")) if "layout" in self.fields else ""
        if AT in asked_layout:
            self.fields["layout"].choices = [*choices["layout"](), (asked_layout, asked_layout)]  # type: ignore[attr-defined]
        if "from" not in self.fields:
            self.fields["to"].label = _("As at")
        self.order_fields(["from", "to", "by", "compare", "across", "basis", "method", "layout", "known"])

    def clean(self) -> dict[str, Any]:
        """The range begins before it ends, and lies in days that books have."""
        asked = super().clean() or self.cleaned_data
        for name in ("from", "to"):
            day = asked.get(name)
            if isinstance(day, datetime.date) and not FIRST_YEAR <= day.year < datetime.MAXYEAR:
                self.add_error(name, _("No books are of that year."))
        start, end = asked.get("from"), asked.get("to")
        if start and end and start > end:
            self.add_error("from", _("The range ends before it begins."))
        return asked

    def asked(self, today: datetime.date) -> Asked:
        """What the report is made of; what is wrong is left out."""
        said = dict(self.cleaned_data)
        compare = said.get("compare") or self.kind.compare
        texts = {name: said.get(name) or "" for name in self.kind.heeds - {"start", "known_at", "compare"}}
        return Asked(
            said.get("to") or today, said.get("from"), said.get("known"), compare="" if compare == "none" else compare,
            **texts,
        )  # fmt: skip


def _budgets(company: Company) -> list[tuple[str, str]]:
    """The budgets of which a version is active."""
    rows = Budget.objects.for_company(company).filter(state=Budget.State.ACTIVE).order_by("name")
    return [(name, name) for name in rows.values_list("name", flat=True)]
