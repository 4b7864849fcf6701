"""What operations ask: is the process alive, can it work, and how is it doing."""

import contextlib
import hmac
from typing import Any

from django.core.cache import cache
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django_prometheus.exports import ExportToDjangoView  # type: ignore[import-untyped]
from prometheus_client import Gauge

from config.environment import text

CONNECTIONS = Gauge(
    "daybook_db_connections",
    "Connections to the database, of all processes",
    multiprocess_mode="mostrecent",
)

LOOPBACK = {"127.0.0.1", "::1", ""}
# Migrations only ever get applied: once this process has seen them all, it need not look again.
_seen: set[str] = set()


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Whether requests can be served: the database answers and is migrated. The cache is told, not required."""
    checks = {"database": _database(), "migrations": _migrations(), "cache": _cache()}
    ready = checks["database"] == "ok" and checks["migrations"] == "ok"
    return JsonResponse({"ready": ready, **checks}, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for the holder of METRICS_TOKEN, or from this machine itself."""
    if not _may_see_metrics(request):
        return HttpResponseForbidden("Send METRICS_TOKEN as a bearer token.\n", content_type="text/plain")
    _count_connections()
    response: HttpResponse = ExportToDjangoView(request)
    return response


def _count_connections() -> None:
    with contextlib.suppress(DatabaseFailure), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        CONNECTIONS.set(cursor.fetchone()[0])


def _may_see_metrics(request: Any) -> bool:
    token = text("METRICS_TOKEN")
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    # A proxy on this machine is no local caller.
    return request.META.get("REMOTE_ADDR", "") in LOOPBACK and "X-Forwarded-For" not in request.headers


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure:
        return "unreachable"
    return "ok"


def _migrations() -> str:
    if "migrations" in _seen:
        return "ok"
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseFailure:
        return "unknown"
    if missing:
        return "missing"
    _seen.add("migrations")
    return "ok"


def _cache() -> str:
    try:
        cache.set("readyz", 1, 10)
        return "ok" if cache.get("readyz") == 1 else "unreachable"
    except Exception:  # whatever the client raises: we work without a cache
        return "unreachable"
