"""The ledger against the model of tests/model, with other acts each time, for as long as there is time."""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import make_company
from tests.constitution.conftest import superuser_alias
from tests.long.budget import SEED, Budget
from tests.model.drafting import DraftingMachine

__all__ = ["superuser_alias"]

RUNS = 1000
LONG = settings(
    max_examples=3,
    stateful_step_count=60,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def test_every_answer_and_every_balance_is_the_models_in_long_runs(committed_db, superuser_alias):
    budget = Budget("model", list(range(RUNS)))
    tried = 0
    for number in budget.take():

        class Machine(DraftingMachine):
            new_company = staticmethod(make_company)
            alias = superuser_alias

        run_state_machine_as_test(seed(SEED + number)(Machine), settings=LONG)
        tried += 1
    budget.report(tried)
