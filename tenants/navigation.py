"""The shell of every page: the company, the way around it, and what its header warns of (settings.NAVIGATION)."""

import dataclasses
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from tenants.membership import companies_of
from tenants.models import Company, Membership
from tenants.scope import Scope, scope_or_none

SWITCHER_LIMIT = 12
LANDING = ("reports:dashboard", "ledger:entry-list", "tenants:settings")


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """One line of the sidebar."""

    label: str
    icon: str
    url: str
    current: bool
    badge: str


class Shell:
    """What base.html asks for; nothing is read before it asks."""

    def __init__(self, request: Any) -> None:
        self.request = request

    @property
    def company(self) -> Company | None:
        return getattr(self.request, "company", None)

    @property
    def membership(self) -> Membership | None:
        return getattr(self.request, "membership", None)

    @cached_property
    def groups(self) -> list[tuple[str, list[Item]]]:
        """The sidebar: what the role may open and what exists."""
        scope = getattr(self.request, "scope", None)
        return navigation(scope, self.request.path) if self.company and scope else []

    @cached_property
    def companies(self) -> list[Membership]:
        """Where else the person may go; the whole list is a page of its own."""
        return companies_of(self.request.user)[: SWITCHER_LIMIT + 1]

    @cached_property
    def badges(self) -> list[str]:
        """Warnings of the header, such as the lock date."""
        return header_badges()

    @property
    def home(self) -> str:
        return company_home(self.company) if self.company else reverse("home")


def shell(request: Any) -> dict[str, Any]:
    """The context processor of every page."""
    return {"shell": Shell(request), "company": getattr(request, "company", None), "scope": scope_or_none()}


def navigation(scope: Scope, path: str) -> list[tuple[str, list[Item]]]:
    """The groups of the sidebar with the items that the actor may open."""
    groups = []
    slug = scope.company.slug
    registry: Any = settings.NAVIGATION
    for label, entries in registry:
        urls = [
            (entry, address(entry["url_name"], slug, **entry.get("part", {})))
            for entry in entries
            if scope.allows(entry["permission"])
        ]
        items = [
            Item(str(entry["label"]), entry["icon"], url, _is_current(url, path), _badge(entry.get("badge", "")))
            for entry, url in urls
            if url
        ]
        if items:
            groups.append((str(label), items))
    return groups


@lru_cache(maxsize=4096)
def address(url_name: str, slug: str, **part: str) -> str:
    """The address of a page in the company, or of a part of it; empty where there is no such page."""
    for kwargs in ({"company": slug, **part}, {}):
        try:
            return reverse(url_name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return ""


def company_home(company: Company) -> str:
    """Where a person lands who enters the company."""
    return landing(company.slug)


def landing(slug: str) -> str:
    """The first page of the company with this short name."""
    return next(filter(None, (address(name, slug) for name in LANDING)), "/")


def header_badges() -> list[str]:
    """The texts that the apps put into the header of the current company (settings.HEADER_BADGES)."""
    scope = scope_or_none()
    if scope is None:
        return []
    texts = (import_string(path)(scope) for path in settings.HEADER_BADGES)
    return [str(text) for text in texts if text]


def admin_subheader(request: Any) -> str:
    """The line under the admin's title: the company it shows."""
    company = getattr(request, "company", None)
    return str(company) if company else _("No company chosen")


def admin_sidebar(request: Any) -> list[dict[str, Any]]:
    """The admin's sidebar: the pages of the company, then the lists of the admin."""
    from django.contrib import admin

    groups = []
    scope = getattr(request, "scope", None)
    if scope is not None:
        for label, items in navigation(scope, request.path):
            links = [{"title": item.label, "icon": item.icon, "link": item.url} for item in items]
            groups.append({"title": label, "items": links, "separator": bool(label), "collapsible": False})
    for app in admin.site.get_app_list(request):
        links = [
            {"title": model["name"], "icon": "list_alt", "link": model["admin_url"]}
            for model in app["models"]
            if model["admin_url"]
        ]
        groups.append({"title": app["name"], "items": links, "separator": True, "collapsible": True})
    return groups


def admin_stylesheet(request: Any) -> str:
    """Dense lists and figures in the admin."""
    return static("daybook-admin.css")


def _badge(path: str) -> str:
    scope = scope_or_none()
    return str(import_string(path)(scope) or "") if path and scope else ""


def _is_current(url: str, path: str) -> bool:
    return url == path
