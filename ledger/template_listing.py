"""Templates as lists show them: how many lines, what they add up to, and what comes again of each."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum

from accounting.amounts import amount_text
from ledger.models import EntryTemplate, RecurringEntry, TemplateLine
from tenants.models import Company

_CSV_PAGE = 500


def list_templates(company: Company) -> Any:
    """The company's templates, those in use first, by name."""
    return EntryTemplate.objects.for_company(company).select_related("journal").order_by("-is_active", "name", "id")


def with_figures(company: Company, templates: Iterable[Any]) -> None:
    """Say of each template its `figures` (count, total, foreign) and its `uses`, in two statements."""
    shown = [template.pk for template in templates]
    ours = Q(currency__in=["", company.base_currency])
    lines = TemplateLine.objects.for_company(company).filter(template__in=shown).order_by().values("template")
    sums = lines.annotate(
        count=Count("id"), total=Sum("amount", filter=ours & Q(amount__gt=0)), foreign=Count("id", filter=~ours)
    )
    figures = {row["template"]: row for row in sums}
    recurring = RecurringEntry.objects.for_company(company).filter(template__in=shown).order_by()
    uses = dict(recurring.values_list("template").annotate(Count("id")))
    for template in templates:
        template.figures, template.uses = figures.get(template.pk, {}), uses.get(template.pk, 0)


def template_register(company: Company, found: Any, decimals: int) -> Iterator[list[Any]]:
    """The templates for a file, one row each; lines in other currencies are counted and not in the total."""
    yield ["Name", "Journal", "Memo", "Reference", "In use", "Lines", "Total", "Lines in other currencies",
           "Recurring entries", "Template"]  # fmt: skip
    for page in Paginator(found, _CSV_PAGE):
        with_figures(company, page)
        for one in page:
            yield [
                one.name, one.journal.code, one.memo, one.reference, "yes" if one.is_active else "no",
                one.figures.get("count", 0), amount_text(one.figures.get("total") or Decimal(0), decimals),
                one.figures.get("foreign", 0), one.uses, one.pk,
            ]  # fmt: skip
