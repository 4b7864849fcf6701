"""What is asked of a report on its page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms import LedgerFilterForm
from reports.catalogue import ReportKind


class ReportForm(LedgerFilterForm):
    """Days, knowledge, columns, and the year before; what the report does not have is not asked."""

    by = forms.ChoiceField(
        label=_("Columns by"), required=False,
        choices=[("", _("one")), ("month", _("month")), ("quarter", _("quarter")), ("year", _("year"))],
    )  # fmt: skip
    compare = forms.ChoiceField(
        label=_("Beside it"), required=False, choices=[("", _("nothing")), ("year", _("year before"))]
    )

    def __init__(self, kind: ReportKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["from", "to", "by", "compare", "known"])
        if not kind.is_ranged:
            del self.fields["from"]
            self.fields["to"].label = _("As at")
        if not kind.has_columns:
            del self.fields["by"]
        if not kind.has_comparison:
            del self.fields["compare"]
