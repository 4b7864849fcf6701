"""The cached chart is worth having: hardly a posting or a list reads its rows."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import REGISTRY

from accounting import lookups
from accounting.models import Account
from ledger.posting import post
from tenants.scope import Actor, company_scope
from tests.books import sale


def counted(name, **labels):
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == f"{name}_total" and labels.items() <= sample.labels.items()
    )


def seed_mix(company, reader):
    """Thirty postings, seventy reads of the chart, and one change in the middle."""
    for turn in range(100):
        if turn % 10 < 3:
            with company_scope(company, actor=Actor.system("test")):
                post(sale("1.00"))
        else:
            assert reader.get("accounts/").status_code == 200
        if turn == 50:
            with company_scope(company, actor=Actor.system("test")):
                Account.objects.for_company(company).filter(code="4000").update(name="Sales, renamed")


def selects(queries):
    return [query["sql"] for query in queries if query["sql"].startswith("SELECT") and "set_config" not in query["sql"]]


def test_more_than_95_of_100_lookups_are_hits(api, company):
    hits, misses = counted("daybook_cache_hits"), counted("daybook_cache_misses")
    seed_mix(company, api("read"))

    hits, misses = counted("daybook_cache_hits") - hits, counted("daybook_cache_misses") - misses
    assert hits / (hits + misses) > 0.95, (hits, misses)


def test_at_least_half_of_the_selects_of_a_posting_are_gone(scope, monkeypatch):
    post(sale("1.00"))
    with CaptureQueriesContext(connection) as with_cache:
        post(sale("1.00"))
    monkeypatch.setattr(lookups, "_fetch", lambda key: None)
    monkeypatch.setattr(lookups, "_local", {})
    monkeypatch.setattr(lookups, "_keep", lambda *kept: None)
    with CaptureQueriesContext(connection) as without:
        post(sale("1.00"))

    assert len(selects(with_cache)) * 2 <= len(selects(without))


def test_the_list_is_new_after_a_change_of_any_kind(api, company):
    reader = api("read")
    before = reader.get("accounts/").json()
    with company_scope(company, actor=Actor.system("test")):
        Account.objects.for_company(company).filter(code="4000").update(description="as of now")
    after = reader.get("accounts/").json()

    def described(answer):
        return {row["code"]: row["description"] for row in answer["results"]}

    assert described(before)["4000"] == ""
    assert described(after)["4000"] == "as of now"


def test_the_kept_list_names_the_host_that_was_asked(api, company, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    with company_scope(company, actor=Actor.system("test")):
        Account.objects.bulk_create(
            Account(company=company, code=f"7{number:03}", name="x", type="expense") for number in range(120)
        )
    reader = api("read")
    for host in ("one.example", "two.example"):
        answer = reader.client.get(f"{reader.base}accounts/", headers={"host": host})
        assert answer.json()["next"].startswith(f"http://{host}/")
