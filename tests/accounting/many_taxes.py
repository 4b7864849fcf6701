"""Many taxes in a few statements, for lists whose queries are counted: the acts make the first, the others are like it."""

from collections.abc import Sequence
from typing import Any

from accounting.models import FiscalPosition, FiscalPositionTax, TaxBox, TaxCode, TaxGroupMember, TaxRate


def add_taxes_like_the_first(company: Any, numbers: Sequence[int]) -> None:
    """For each number a tax with its rate, a group of it, a box and a position, like T0, G0, 0 and P0."""
    tax, group = (TaxCode.objects.for_company(company).get(code=code) for code in ("T0", "G0"))
    box = TaxBox.objects.for_company(company).get(code="0")
    position = FiscalPosition.objects.for_company(company).get(name="P0")
    boxes = [[str(number)] if tax.tax_boxes else [] for number in numbers]
    _copies(box, [{"code": str(number)} for number in numbers])
    taxes = _copies(tax, [{"code": f"T{n}", "tax_boxes": own} for n, own in zip(numbers, boxes, strict=True)])
    _copies(TaxRate.objects.for_company(company).get(tax=tax), [{"tax": one} for one in taxes])
    groups = _copies(group, [{"code": f"G{number}"} for number in numbers])
    members = [{"group": one, "tax": of} for one, of in zip(groups, taxes, strict=True)]
    _copies(TaxGroupMember.objects.for_company(company).get(group=group), members)
    positions = _copies(position, [{"name": f"P{number}"} for number in numbers])
    replaced = [{"position": one, "source": of} for one, of in zip(positions, taxes, strict=True)]
    _copies(FiscalPositionTax.objects.for_company(company).get(position=position), replaced)


def _copies(row: Any, differing: list[dict[str, Any]]) -> list[Any]:
    model = type(row)
    same = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if not field.primary_key}
    return list(model.objects.bulk_create(model(**{**same, **one}) for one in differing))
