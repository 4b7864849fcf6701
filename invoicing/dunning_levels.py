"""The levels of dunning: how a late customer is asked, step by step."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invoicing.mail_words import check_words
from invoicing.models import DunningLevel
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

PLACES = ("contact", "company", "date", "level", "open", "fee", "interest", "due", "currency", "days")
CHANGEABLE = ("name", "days", "fee", "interest_percent", "subject", "body", "is_active")
_TEXT = gettext_lazy(
    "Dear {contact},\n\nthe invoices below are due, and we have not received the payment yet. Please pay {due} "
    "{currency} within seven days. If you have paid meanwhile, please disregard this letter."
    "\n\nKind regards,\n{company}"
)
USUAL: tuple[tuple[Any, int, str, str], ...] = (
    (gettext_lazy("Payment reminder"), 7, "0", "0"), (gettext_lazy("First dunning notice"), 21, "5", "5"),
    (gettext_lazy("Last dunning notice"), 35, "10", "5"),
)  # fmt: skip


class BadDunningLevel(Refused):
    """The level cannot be kept like this."""

    code = "invalid_dunning_level"


class DunningLevelNotFound(NotFound):
    """No such dunning level."""


def levels_of(company: Company) -> list[DunningLevel]:
    """Those in use, from the mildest on."""
    return list(DunningLevel.objects.for_company(company).filter(is_active=True).order_by("number"))


@transaction.atomic
def add_level(**values: Any) -> DunningLevel:
    """Ask once more, after so many days; it becomes the next number. Refused: `invalid_dunning_level`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    known = DunningLevel.objects.for_company(scope.company).select_for_update().order_by("-number").first()
    level = DunningLevel(company=scope.company, number=known.number + 1 if known else 1)
    return _kept(level, values, force_insert=True)


@transaction.atomic
def change_level(level_id: UUID, *, version: int | None = None, **changes: Any) -> DunningLevel:
    """Change how a level asks from now on; notices that went out stay. Refused: `conflict`, as adding."""
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    level = DunningLevel.objects.for_company(scope.company).select_for_update().filter(pk=level_id).first()
    if level is None:
        raise DunningLevelNotFound(_("There is no such dunning level."))
    if version is not None and level.version != version:
        raise Conflict(_("The level was changed meanwhile: look at it again."))
    level.version += 1
    return _kept(level, changes)


@transaction.atomic
def add_usual_levels() -> list[DunningLevel]:
    """A reminder and two notices, where there are no levels yet."""
    if levels_of(current_scope().company):
        raise Conflict(_("There are levels already."))
    return [
        add_level(
            name=str(name), days=days, fee=Decimal(fee), interest_percent=Decimal(interest),
            subject=f"{name}: {{company}}", body=str(_TEXT),
        )
        for name, days, fee, interest in USUAL
    ]  # fmt: skip


def _kept(level: DunningLevel, values: Mapping[str, Any], **how: Any) -> DunningLevel:
    for name in CHANGEABLE:
        if name in values:
            setattr(level, name, values[name])
    _check(level)
    level.save(**how)
    return level


def _check(level: DunningLevel) -> None:
    if not level.name.strip() or len(level.name) > 100:
        raise BadDunningLevel(_("A name has 1 to 100 characters."), place="name")
    if not -90 <= level.days <= 3650:
        raise BadDunningLevel(_("From 90 days before it is due to ten years after."), place="days")
    if level.fee < 0 or not Decimal(level.fee).is_finite():
        raise BadDunningLevel(_("A fee is 0 or more."), place="fee")
    if not 0 <= level.interest_percent < 100:
        raise BadDunningLevel(_("Interest is from 0 to 100 percent a year."), place="interest_percent")
    if level.days <= 0 and (level.fee or level.interest_percent):
        raise BadDunningLevel(_("Before it is late there is neither fee nor interest."), place="days")
    check_words(level.subject, level.body, PLACES)
    _check_order(level)


def _check_order(level: DunningLevel) -> None:
    """A later level asks later."""
    others = DunningLevel.objects.for_company(level.company_id).filter(is_active=True).exclude(pk=level.pk)
    wrong = others.filter(number__lt=level.number, days__gte=level.days) | others.filter(
        number__gt=level.number, days__lte=level.days
    )
    if level.is_active and wrong.exists():
        raise BadDunningLevel(_("Each level asks later than the one before it."), place="days")
