"""How many calls a credential may make in a minute. A cache that is away lets everybody pass."""

import time
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

log = structlog.get_logger(__name__)

MINUTE = 60
_PAUSE_SECONDS = 10


class CallerThrottle(BaseThrottle):
    """Counts the calls of each credential, or of each signed-in person, minute by minute."""

    # A cache that times out would slow every call down: it is left alone for a while.
    _ask_again = 0.0

    def allow_request(self, request: Any, view: Any) -> bool:
        """Whether the caller has calls left in this minute."""
        caller = getattr(request.user, "pk", None)
        now = time.time()
        if caller is None or now < CallerThrottle._ask_again:
            return True
        key = f"calls:{caller}:{int(now // MINUTE)}"
        try:
            count = _count(key)
        except Exception as error:  # a limit must not stop the work when the cache is away
            log.warning("cache_unavailable", error=str(error))
            CallerThrottle._ask_again = now + _PAUSE_SECONDS
            return True
        return count <= int(settings.API_RATE_PER_MINUTE)

    def wait(self) -> float:
        """Seconds until the next minute."""
        return MINUTE - time.time() % MINUTE


def _count(key: str) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:
        return 1 if cache.add(key, 1, MINUTE * 2) else int(cache.incr(key))
