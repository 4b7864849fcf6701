"""Every guard in the migrated database stands in ledger/guards.txt, with its definition, where a person has read it.

`verify` compares a database with that list, and the attacks of test_every_*.py are made from it: a guard that is
dropped is still attacked. After a migration that adds guards, run with UPDATE_AUTHORITY=1 and read the diff.
"""

import difflib
import os

import pytest

from ledger.catalogue import LIST, guards_in, listed_guards, missing_guards

HEAD = "# kind, name, table and definition of every guard (tests/constitution/test_the_guards_are_listed.py)"


@pytest.fixture(scope="session", autouse=True)
def list_on_demand(django_db_setup, django_db_blocker):
    if os.environ.get("UPDATE_AUTHORITY"):
        with django_db_blocker.unblock():
            LIST.write_text("\n".join([HEAD, *map(str, guards_in("owner"))]) + "\n", encoding="utf-8")


def test_the_guards_are_the_ones_that_were_reviewed(committed_db):
    listed, found = [*map(str, listed_guards())], [*map(str, guards_in("owner"))]
    assert list(difflib.unified_diff(listed, found, "guards.txt", "database", lineterm="", n=0)) == []


def test_verify_misses_no_guard_in_a_database_that_nobody_touched(committed_db):
    assert missing_guards("owner") == []


def test_no_two_guards_share_a_line():
    assert len({(guard.kind, guard.name, guard.table) for guard in listed_guards()}) == len(listed_guards())
