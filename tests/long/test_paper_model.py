"""Documents and payments against the model of tests/model, with other acts each time, for as long as there is time."""

from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import make_company
from tests.constitution.conftest import superuser_alias
from tests.long.budget import SEED, Budget
from tests.long.test_model import LONG, RUNS
from tests.model.paper_machine import PaperMachine

__all__ = ["superuser_alias"]


def test_every_document_and_payment_is_the_models_in_long_runs(committed_db, superuser_alias):
    budget = Budget("invoicing model", list(range(RUNS)))
    tried = 0
    for number in budget.take():

        class Machine(PaperMachine):
            new_company = staticmethod(make_company)
            alias = superuser_alias

        run_state_machine_as_test(seed(SEED + number)(Machine), settings=LONG)
        tried += 1
    budget.report(tried)
