"""What the environment's text means."""

import pytest

from config.environment import beside


@pytest.mark.parametrize(
    ("cache", "broker"),
    [
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/1"),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/1"),
        (
            "rediss://:secret@cache.example:6380/3?ssl_cert_reqs=required",
            "rediss://:secret@cache.example:6380/4?ssl_cert_reqs=required",
        ),
    ],
)
def test_the_queue_lies_beside_the_cache_and_not_in_it(cache, broker):
    assert beside(cache) == broker
