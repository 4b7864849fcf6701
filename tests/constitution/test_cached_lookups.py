"""The cached chart is never stale: whatever writes, whoever races, and with the cache going away in the middle."""

import logging
import uuid

import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.db import connection, transaction

from accounting import lookups
from accounting.chart import _load, chart_of
from accounting.models import Account, AccountDimension, Dimension, DimensionValue, Unit
from tests.constitution.raw import in_threads, inside, system_scope


@pytest.fixture(autouse=True)
def nothing_in_the_process():
    lookups._local.clear()


def assert_fresh(company):
    """What the cache answers, in this process and in another one, is what the rows say."""
    assert chart_of(company) == _load(company)
    lookups._local.clear()
    assert chart_of(company) == _load(company)
    assert chart_of(company) == _load(company)


def accounts(company):
    return Account.objects.for_company(company)


def raw(statement):
    def write(company):
        with connection.cursor() as cursor:
            cursor.execute(statement, {"company": company.pk})
            assert cursor.rowcount

    return write


def save(company):
    account = accounts(company).get(code="1000")
    account.name = "Renamed"
    account.save()


def make_rule(company):
    dimension = Dimension.objects.create(company=company, code="project", name="Project")
    DimensionValue.objects.create(company=company, dimension=dimension, code="P1", name="P1")
    AccountDimension.objects.create(company=company, account=accounts(company).get(code="5000"), dimension=dimension)


def drop_rule(company):
    make_rule(company)
    chart_of(company)
    AccountDimension.objects.for_company(company).delete()


WRITES = {
    "save": save,
    "create": lambda company: Account.objects.create(company=company, code="X", name="X", type="asset"),
    "update": lambda company: accounts(company).filter(code="1000").update(status="frozen"),
    "bulk_create": lambda company: Account.objects.bulk_create(
        [Account(company=company, code="X", name="X", type="asset")]
    ),
    "bulk_update": lambda company: accounts(company).bulk_update(
        [Account(pk=pk, name="bulk") for pk in accounts(company).values_list("pk", flat=True)], ["name"]
    ),
    "update_or_create": lambda company: Account.objects.update_or_create(
        company=company, code="1000", defaults={"name": "changed"}
    ),
    "delete of a queryset": lambda company: accounts(company).filter(code="5000").delete(),
    "delete of a row": lambda company: accounts(company).get(code="5000").delete(),
    "a unit": lambda company: Unit.objects.create(company=company, code="SHARE", name="Share", kind="commodity"),
    "a rule": make_rule,
    "a rule taken back": drop_rule,
    "raw update": raw(
        "UPDATE accounting_account SET currency = 'EUR' WHERE company_id = %(company)s AND code = '1000'"
    ),
    "raw delete": raw("DELETE FROM accounting_account WHERE company_id = %(company)s AND code = '5000'"),
    "raw insert": raw(
        "INSERT INTO accounting_account SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), "
        "'code', 'X', 'role', ''))).* FROM accounting_account a WHERE company_id = %(company)s AND code = '1000'"
    ),
    "merge": raw(
        "MERGE INTO accounting_account a USING (SELECT 1) s ON a.company_id = %(company)s AND a.code = '1000' "
        "WHEN MATCHED THEN UPDATE SET name = 'merged'"
    ),
}


@pytest.mark.parametrize("write", WRITES)
def test_the_chart_is_fresh_after(scope, write):
    before = chart_of(scope.company)
    WRITES[write](scope.company)
    assert chart_of(scope.company) != before
    assert_fresh(scope.company)


@pytest.mark.parametrize("write", ["save", "update", "raw delete", "bulk_create"])
def test_the_chart_is_fresh_after_a_rollback(scope, write):
    before = chart_of(scope.company)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        WRITES[write](scope.company)
        assert chart_of(scope.company) != before
        raise ZeroDivisionError
    assert chart_of(scope.company) == before
    assert_fresh(scope.company)


def test_the_owner_at_the_prompt_is_noticed_too(committed_company, owner_connection):
    company = committed_company
    with system_scope(company):
        chart_of(company)
    with owner_connection.transaction():
        owner_connection.execute("SELECT set_config('app.company_id', %s, true)", [str(company.pk)])
        owner_connection.execute("UPDATE accounting_account SET name = 'by hand' WHERE code = '1000'")
    with system_scope(company):
        assert chart_of(company).by_code["1000"].name == "by hand"


def test_an_uncommitted_change_is_seen_by_its_own_transaction_only(committed_company):
    company = committed_company
    with system_scope(company):
        accounts(company).filter(code="1000").update(name="secret")
        assert chart_of(company).by_code["1000"].name == "secret"

        def look(_number):
            lookups._local.clear()
            with system_scope(company):
                return chart_of(company).by_code["1000"].name

        assert in_threads(1, look) == ["Bank"]
    with system_scope(company):
        assert chart_of(company).by_code["1000"].name == "secret"


def test_a_reader_overtaken_by_a_writer_leaves_nothing_stale(committed_company, monkeypatch):
    company = committed_company
    store = lookups._store

    def overtaken(key, value, ttl):
        """The writer commits after the reader has loaded and before it stores."""
        monkeypatch.setattr(lookups, "_store", store)

        def write(_number):
            with system_scope(company):
                accounts(company).filter(code="1000").update(name="new")

        assert in_threads(1, write) == [None]
        store(key, value, ttl)

    monkeypatch.setattr(lookups, "_store", overtaken)
    with system_scope(company):
        assert chart_of(company).by_code["1000"].name == "Bank"
    for _round in range(2):
        with system_scope(company):
            assert chart_of(company).by_code["1000"].name == "new"
        lookups._local.clear()


def test_two_companies_never_share_a_lookup(committed_company, other_company):
    with system_scope(committed_company):
        accounts(committed_company).filter(code="1000").update(name="mine")
        mine = chart_of(committed_company)
    with system_scope(other_company):
        theirs = chart_of(other_company)
        assert_fresh(other_company)
    assert not set(mine.by_id) & set(theirs.by_id)


def test_the_runtime_role_cannot_turn_a_generation_back(committed_company, runtime_connection):
    from psycopg.errors import InsufficientPrivilege

    with pytest.raises(InsufficientPrivilege), inside(runtime_connection, committed_company) as raw_connection:
        raw_connection.execute("UPDATE accounting_generation SET generation = %s", [uuid.uuid4()])


@pytest.mark.parametrize("rubbish", [b"no pickle", b"", "text", 7])
def test_rubbish_in_the_cache_is_read_anew(scope, rubbish):
    company = scope.company
    key = lookups.CacheKeys.lookup(company.pk, "chart", lookups.generations(company)["chart"])
    cache.set(key, rubbish)
    assert_fresh(company)


def test_a_flushed_cache_is_filled_again(scope):
    chart_of(scope.company)
    cache.clear()
    lookups._local.clear()
    assert_fresh(scope.company)


@pytest.fixture
def own_valkey(tmp_path, monkeypatch):
    """A Valkey of this test alone, with Django's cache pointed at it."""
    from config.servers import start_valkey

    server = start_valkey(tmp_path / "valkey", persist=False)
    monkeypatch.setitem(settings.CACHES, "own", {**settings.CACHES["default"], "LOCATION": server.url})
    monkeypatch.setattr(lookups, "cache", caches.create_connection("own"))
    yield server
    server.stop()


def test_the_chart_answers_right_with_valkey_stopped_in_the_middle(scope, own_valkey):
    logging.getLogger("django_redis").setLevel(logging.CRITICAL)
    company = scope.company
    assert_fresh(company)
    lookups._local.clear()
    own_valkey.stop()
    assert not own_valkey.is_running()
    assert_fresh(company)
    accounts(company).filter(code="1000").update(name="while it was away")
    lookups._local.clear()
    assert chart_of(company).by_code["1000"].name == "while it was away"
    assert_fresh(company)


def test_what_a_cache_kept_while_it_was_away_is_not_believed(scope, own_valkey):
    company = scope.company
    chart_of(company)
    away = lookups.cache
    try:
        lookups.cache = None  # every call of it fails
        accounts(company).filter(code="1000").update(name="changed while away")
        lookups._local.clear()
        assert_fresh(company)
    finally:
        lookups.cache = away
    lookups._local.clear()
    assert chart_of(company).by_code["1000"].name == "changed while away"
