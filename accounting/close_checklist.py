"""What stands in the way of closing a period: asked of every app that has something to say (settings.CLOSE_CHECKS)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounting.models import Period
from tenants.refusal import Refused


@dataclass(frozen=True, slots=True)
class CloseCheck:
    """One line of the checklist: how many things are left to do; what blocks is done before the period closes.

    `page` is the name of the page where they are, `query` what narrows it; `hint` says what to do where no page does.
    """

    code: str
    label: str
    count: int
    blocks: bool = True
    page: str = ""
    query: str = ""
    hint: str = ""

    @property
    def is_done(self) -> bool:
        return self.count == 0


class CloseBlocked(Refused):
    """Something is left to do before the period can be closed."""

    code = "close_blocked"


Check = Callable[[Period], list[CloseCheck]]


def checklist(period: Period) -> list[CloseCheck]:
    """Everything that is checked before the period closes, done or not."""
    found: list[CloseCheck] = []
    for path in settings.CLOSE_CHECKS:
        check: Check = import_string(path)
        found += check(period)
    return found


def refuse_blocked(period: Period) -> None:
    """Refuse (`close_blocked`) to close while something that blocks is left; the refusal names each."""
    left = [one for one in checklist(period) if one.blocks and not one.is_done]
    if left:
        named = "; ".join(f"{one.label}: {one.count}" for one in left)
        raise CloseBlocked(
            _("%(period)s cannot be closed yet. %(left)s.") % {"period": period, "left": named}, place="period",
            blockers=[{"code": one.code, "label": one.label, "count": one.count} for one in left],
        )  # fmt: skip
