"""Many people post, credit, pay, set off, take back, dun and repeat documents of one company at the same time."""

from collections import Counter

from tests.conftest import make_company
from tests.long.budget import SEED, Budget
from tests.long.invoicing.acts import ACTS
from tests.long.invoicing.crowd import Crowd, open_office

ROUNDS = 1000
PEOPLE, ROUND_SECONDS = 6, 20


def test_whatever_a_crowd_does_the_books_prove_and_nobody_sees_an_error(
    committed_db, superuser_connection, settings, tmp_path
):
    """Another company for each round; two are enough to have every act done."""
    settings.MEDIA_ROOT = str(tmp_path)
    budget = Budget("invoicing crowd", list(range(ROUNDS)))
    done: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    tried = 0
    for number in budget.take():
        company = make_company()
        open_office(company)
        crowd = Crowd(company, SEED + number)
        crowd.work(PEOPLE, max(3, min(ROUND_SECONDS, budget.left())))
        assert crowd.faults == []
        assert crowd.misfits(lambda query, *values: rows_of(superuser_connection, query, *values)) == []
        done += crowd.done
        refused += crowd.refused
        tried += 1
    print(f"done: {dict(done)}\nrefused: {dict(refused)}")
    assert tried < 2 or set(done) == {act.__name__ for act in ACTS}
    budget.report(tried)


def rows_of(connection, query, *values):
    """What the rows are by now."""
    with connection.transaction():
        return connection.execute(query, values).fetchall()
