"""A real browser on a real server, for the few tests that need one."""

import asyncio
import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
# Looked at by make test-long; that a page fits a phone, by every walk.
NIGHT: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
WATCH_POLICY = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (event) => window.broken.push(event.violatedDirective + " " + event.blockedURI));
"""


@contextmanager
def serving() -> Iterator[str]:
    """The application on a free port, in a thread of this process."""
    thread = LiveServerThread("localhost", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield f"http://localhost:{thread.port}"
    finally:
        thread.terminate()


@contextmanager
def browsing(url: str, user: Any, **context: Any) -> Iterator[Any]:
    """A page of Chromium in which the person is signed in; `page.problems` collects errors of its console."""
    with _chromium() as chromium, chromium.new_context(base_url=url, **context) as window:
        window.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": _session(user), "url": url}])
        window.add_init_script(WATCH_POLICY)
        page = window.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.problems, page.checked = problems, False
        yield page


_running: list[tuple[Any, Any]] = []


@contextmanager
def _chromium() -> Iterator[Any]:
    """The browser of this process; its loop runs for the tests that have a page, and is out of sight of all others.

    To start a browser takes longer than to look at a page: one serves all, and each test has a profile of its own.
    """
    if not _running or not _running[0][0].is_connected():
        playwright = sync_playwright().start()
        atexit.register(playwright.stop)
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        _running[:] = [(chromium, asyncio.get_running_loop())]
    chromium, loop = _running[0]
    asyncio._set_running_loop(loop)
    try:
        yield chromium
    finally:
        asyncio._set_running_loop(None)


def check(page: Any, name: str) -> None:
    """Demand that axe finds nothing, nothing breaks the policy, and nothing is wider than the window or a phone.

    The sidebar is the same on every page: it is looked at on the first.
    """
    context = {"exclude": [[".sidebar"]]} if page.checked else None
    page.checked = True
    found = Axe().run(page, context=context, options=LEVELS).response["violations"]
    assert not found, (name, [(rule["id"], rule["nodes"][0]["html"]) for rule in found])
    assert page.evaluate("window.broken") == [], name
    window = page.viewport_size
    _demand_width(page, name)
    if window != NIGHT["viewport"]:
        page.set_viewport_size(NIGHT["viewport"])
        _demand_width(page, name)
        page.set_viewport_size(window)


def _demand_width(page: Any, name: str) -> None:
    size = page.viewport_size
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (name, size)


def _session(user: Any) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
