"""Keep the boxes of the tax return: filled by the taxes that name them, or reckoned from other boxes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounting.models import TaxBox, TaxCode
from accounting.tax_box_formulas import TaxBoxRefused, boxes_in_order, spelt, terms_of
from tenants.etag import etag_of
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

CHANGEABLE = ("code", "name", "formula", "number")
MOST_BOXES = 500
LAST_PLACE = 32_767


class TaxBoxCodeTaken(Refused):
    """Another box has the code."""

    code = "tax_box_code_taken"


class TaxBoxInUse(Refused):
    """Taxes or formulas name the box."""

    code = "tax_box_in_use"


@transaction.atomic
def add_box(*, code: str, name: str, formula: str = "", number: int | None = None) -> TaxBox:
    """Add a box; without a place of its own it is the last one. Refused: `invalid_tax_box`, `tax_box_code_taken`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    boxes = _locked_boxes()
    last = max((box.number for box in boxes), default=0)
    box = TaxBox(company=scope.company, code=code, name=name, formula=formula, number=number or last + 1)
    _check_boxes([*boxes, box], [box])
    box.save(force_insert=True)
    return box


@transaction.atomic
def change_box(box: TaxBox, *, seen: str = "", **changes: Any) -> TaxBox:
    """Change a box; `seen` is the tag (`tenants.etag`) of the state that the caller saw.

    Refused: as adding, `tax_box_in_use` (another code while taxes or formulas name it), `conflict`, `not_found`.
    """
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    if unknown := set(changes) - set(CHANGEABLE):
        raise TaxBoxRefused(_("%s cannot be changed.") % ", ".join(sorted(unknown)), place=min(unknown))
    boxes = _locked_boxes()
    held = _found(boxes, box.pk)
    if seen and etag_of(held) != seen:
        raise Conflict(_("The box was changed meanwhile: look at it again."))
    before = held.code
    for name, value in changes.items():
        setattr(held, name, value)
    if held.code.strip() != before:
        _check_unused(before, boxes)
    _check_boxes(boxes, [held])
    held.save()
    return held


@transaction.atomic
def delete_box(box: TaxBox) -> None:
    """Remove a box that nothing names. Refused: `tax_box_in_use`, `not_found`."""
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    boxes = _locked_boxes()
    held = _found(boxes, box.pk)
    _check_unused(held.code, boxes)
    held.delete()


@transaction.atomic
def set_boxes(rows: Sequence[Mapping[str, str]]) -> list[TaxBox]:
    """Let the return have these boxes in this order (`code`, `name`, `formula`), and no others.

    Refused: `invalid_tax_box`, `tax_box_code_taken`, `tax_box_in_use` (a box that taxes name would go).
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    before = {box.code: box for box in _locked_boxes()}
    boxes = []
    for number, row in enumerate(rows, start=1):
        box = before.pop(row["code"].strip(), None) or TaxBox(company=scope.company, code=row["code"])
        box.name, box.formula, box.number = row["name"], row.get("formula", ""), number
        boxes.append(box)
    for code in before:
        _check_unused(code, boxes)
    _check_boxes(boxes, boxes)
    TaxBox.objects.for_company(scope.company).filter(pk__in=[box.pk for box in before.values()]).delete()
    for box in boxes:
        box.save()
    return boxes


def _locked_boxes() -> list[TaxBox]:
    """All of them: a circle may be closed by two who change different boxes at the same time."""
    rows = TaxBox.objects.for_company(current_scope().company).select_for_update()
    return list(rows.order_by("id"))


def _found(boxes: Iterable[TaxBox], pk: Any) -> TaxBox:
    found = next((box for box in boxes if box.pk == pk), None)
    if found is None:
        raise NotFound(_("There is no such box."))
    return found


def _check_unused(code: str, boxes: Iterable[TaxBox]) -> None:
    if tax := _filling(code):
        raise TaxBoxInUse(_("%(tax)s is added to box %(box)s.") % {"tax": tax, "box": code}, place="code")
    known = {box.code for box in boxes} | {code}
    for box in boxes:
        if box.code != code and code in (other for _sign, other in terms_of(box.formula, known)):
            raise TaxBoxInUse(
                _("Box %(box)s is reckoned from box %(code)s.") % {"box": box.code, "code": code}, place="code"
            )


def _check_boxes(boxes: Sequence[TaxBox], changed: Iterable[TaxBox]) -> None:
    """What is new makes sense, and all of them together."""
    if len(boxes) > MOST_BOXES:
        raise TaxBoxRefused(_("At most %d boxes.") % MOST_BOXES)
    for box in changed:
        _check_fields(box)
        if sum(other.code == box.code for other in boxes) > 1:
            raise TaxBoxCodeTaken(_("Another box has this code already."), place="code")
    known = {box.code for box in boxes}
    for box in changed:
        box.formula = spelt(terms_of(box.formula, known))
        if box.formula:
            _check_not_filled(box)
        if len(box.formula) > 200:
            raise TaxBoxRefused(_("At most %d characters.") % 200, place="formula")
    boxes_in_order({box.code: box.formula for box in boxes})


def _check_fields(box: TaxBox) -> None:
    box.code, box.name, box.formula = box.code.strip(), box.name.strip(), box.formula.strip()
    if "\x00" in box.code + box.name + box.formula:
        raise TaxBoxRefused(_("The text holds a NUL character."), place="name")
    try:
        box.clean_fields(exclude=["company"])
    except ValidationError as error:
        place, sentences = next(iter(error.message_dict.items()))
        raise TaxBoxRefused(sentences[0], place=place) from error
    if not 0 < box.number <= LAST_PLACE:
        raise TaxBoxRefused(_("A place is a number from 1 to %d.") % LAST_PLACE, place="number")


def _check_not_filled(box: TaxBox) -> None:
    if tax := _filling(box.code):
        sentence = _("%(tax)s is added to box %(box)s: it cannot be reckoned too.")
        raise TaxBoxRefused(sentence % {"tax": tax, "box": box.code}, place="formula")


def _filling(code: str) -> TaxCode | None:
    """A tax that is added to the box."""
    named = Q(base_boxes__contains=[code]) | Q(tax_boxes__contains=[code]) | Q(counter_boxes__contains=[code])
    found: TaxCode | None = TaxCode.objects.for_company(current_scope().company).filter(named).first()
    return found
