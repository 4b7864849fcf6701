"""The chart of accounts over HTTP, beside an empty view of the same server: requests a second, in turns."""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.serving_settings"
django.setup()

from accounting.models import Account  # noqa: E402
from tenants.api_credentials import create_api_credential  # noqa: E402
from tenants.companies import create_company  # noqa: E402
from tenants.scope import Actor, company_scope  # noqa: E402

ACCOUNTS, ROUNDS, CALLS = 100, 7, 150
ACTOR = Actor.system("bench")


def main() -> None:
    company = create_company(slug=f"bench-{time.time_ns()}", name="Bench", base_currency="EUR")
    with company_scope(company, actor=ACTOR):
        Account.objects.bulk_create(
            Account(company=company, code=f"{number:04}", name=f"Account {number}", type="asset")
            for number in range(ACCOUNTS)
        )
        _credential, key = create_api_credential("bench", scopes=["read"])
    port = _free_port()
    command = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    limits = ["--blocking-threads", "2", "--no-ws", "--log-level", "error"]
    with subprocess.Popen([sys.executable, *command, *limits, "config.wsgi:application"]) as server:
        try:
            print(json.dumps(_measure(port, company.slug, key)))
        finally:
            server.terminate()


def _measure(port: int, slug: str, key: str) -> dict[str, float]:
    base = f"/api/v1/companies/{slug}/"
    rates: dict[str, list[float]] = {"empty": [], "accounts": []}
    connection = _connected(port)
    for _round in range(ROUNDS + 1):
        for name, seen in rates.items():
            start = time.perf_counter()
            for _call in range(CALLS):
                connection.request("GET", f"{base}{name}/", headers={"Authorization": f"Bearer {key}"})
                answer = connection.getresponse()
                body = answer.read()
                assert answer.status == 200, body
            seen.append(CALLS / (time.perf_counter() - start))
    # The first round warms up.
    return {name: statistics.median(seen[1:]) for name, seen in rates.items()}


def _connected(port: int) -> http.client.HTTPConnection:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


main()
