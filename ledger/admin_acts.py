"""Acts on several rows of the admin: asked for what they need, done one by one, and what was refused is said."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from ledger.entry_grid import with_line
from tenants import admin_base

SEEN = "seen"


class ReasonAskForm(forms.Form):
    """Why; it stays in the trail."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=2000, widget=UnfoldAdminTextInputWidget)


def do_each(request: Any, rows: Any, act: Callable[[Any], object], done: str) -> None:
    """Do it with each row; `done` has a place for the number. A refusal says its line."""
    admin_base.do_each(request, rows, act, done, with_line)


def ask_reason(
    admin: Any, request: Any, rows: Any, *, action: str, title: str, button: str
) -> tuple[str, TemplateResponse | None]:
    """The reason that was given; or the page that asks for it."""
    form = ReasonAskForm(request.POST if "reason" in request.POST else None)
    page = ask(admin, request, rows, form, action=action, title=title, button=button)
    return form.cleaned_data["reason"] if page is None else "", page


def ask_once_more(
    admin: Any, request: Any, rows: Any, *, action: str, title: str
) -> tuple[dict[str, int], TemplateResponse | None]:
    """The versions of the rows that the person was shown; or the page that shows them."""
    form = forms.Form(request.POST if SEEN in request.POST else None)
    page = ask(admin, request, rows, form, action=action, title=title, sentence=_("As they are now:"))
    return seen_versions(request), page


def seen_versions(request: Any) -> dict[str, int]:
    """Row -> the version that the asking page has shown."""
    pairs = (text.rpartition(":") for text in request.POST.getlist(SEEN))
    return {pk: int(version) for pk, _colon, version in pairs if version.isdecimal()}


def ask(
    admin: Any, request: Any, rows: Any, form: forms.Form, *, action: str, title: str, button: str = "",
    sentence: str = "",
) -> TemplateResponse | None:  # fmt: skip
    """The page that asks for what an act needs; None where it was given."""
    if form.is_bound and form.is_valid():
        return None
    context = {
        **admin.admin_site.each_context(request), "title": title, "form": form, "entries": rows, "opts": admin.opts,
        "action": action, "selected": ACTION_CHECKBOX_NAME, "button": button or title,
        "sentence": sentence or _("With one reason for all of them:"), "seen": SEEN,
    }  # fmt: skip
    return TemplateResponse(request, "ledger/admin_ask.html", context)
