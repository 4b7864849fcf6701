"""The settings of the server that `bench.serve_chart` measures."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.serving_urls"
API_RATE_PER_MINUTE = 10_000_000
