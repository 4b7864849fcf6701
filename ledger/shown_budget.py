"""What can be done with a version of a budget from its page."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger.budgets import values_of
from ledger.forms_budgets import BudgetKeepingForm, NewVersionForm, SpreadForm, SureForm
from ledger.models import Budget
from ledger.views_new_entry import new_key
from tenants.forms import RefusableForm
from tenants.page_acts import PageAct
from tenants.permissions import Permission


def acts_of(request: Any, budget: Budget, refused: Mapping[str, RefusableForm]) -> dict[str, PageAct | None]:
    """The acts that its state and the person's rights offer; a form that was refused comes back with what is wrong."""
    may_plan = request.scope.allows(Permission.MANAGE_ACCOUNTS)
    acts: dict[str, PageAct | None] = {
        "activating": _activating(budget, refused), "retiring": _retiring(budget, refused),
        "keeping": _keeping(budget, refused), "spreading": _spreading(budget, refused),
        "renewing": _renewing(budget, refused),
    }  # fmt: skip
    return acts if may_plan else dict.fromkeys(acts)


def _act(budget: Budget, name: str, form: RefusableForm, **said: Any) -> PageAct:
    company = budget.company.slug
    url, page = reverse(f"ledger:budget-{name}", args=[company, budget.pk]), reverse(
        "ledger:budget-detail", args=[company, budget.pk]
    )  # fmt: skip
    return PageAct(name, url, form, page=page, version=budget.version, **said)


def _activating(budget: Budget, refused: Mapping[str, RefusableForm]) -> PageAct | None:
    if not budget.is_draft and "activate" not in refused:
        return None
    return _act(
        budget, "activate", refused.get("activate") or SureForm(), title=_("Activate %s") % budget,
        button=_("Activate"), is_primary=True,
        hint=_("From then on it does not change. The version of this name that is active now retires."),
    )  # fmt: skip


def _retiring(budget: Budget, refused: Mapping[str, RefusableForm]) -> PageAct | None:
    if budget.state != Budget.State.ACTIVE and "retire" not in refused:
        return None
    return _act(
        budget, "retire", refused.get("retire") or SureForm(), title=_("Retire %s") % budget, button=_("Retire"),
        hint=_("It stays readable; nothing warns or stops by it any more."),
    )  # fmt: skip


def _keeping(budget: Budget, refused: Mapping[str, RefusableForm]) -> PageAct | None:
    if not budget.is_draft and "keeping" not in refused:
        return None
    dimension = budget.dimension.code if budget.dimension else ""
    initial = {"control": budget.control, "basis": budget.basis, "dimension": dimension}
    form = refused.get("keeping") or BudgetKeepingForm(budget.company, initial=initial, auto_id="id_keeping_%s")
    return _act(budget, "keeping", form, title=_("How %s is kept") % budget, button=_("Change"), label=_("Control"))


def _spreading(budget: Budget, refused: Mapping[str, RefusableForm]) -> PageAct | None:
    if not budget.is_draft and "spread" not in refused:
        return None
    form = refused.get("spread") or SpreadForm(
        chart_of(budget.company), sorted(values_of(budget)), auto_id="id_spread_%s"
    )  # fmt: skip
    return _act(
        budget, "spread", form, title=_("Spread an amount"), button=_("Spread"),
        hint=_("The same in every month, to the last cent, in place of what is planned for the account."),
    )  # fmt: skip


def _renewing(budget: Budget, refused: Mapping[str, RefusableForm]) -> PageAct:
    form = refused.get("renewing") or NewVersionForm(initial={"key": new_key()}, auto_id="id_renewing_%s")
    return _act(
        budget, "new-version", form, title=_("A new version of %s") % budget.name, button=_("Make it"),
        label=_("New version"), hint=_("A draft with the amounts of version %d.") % budget.number,
        is_primary=not budget.is_draft,
    )  # fmt: skip
