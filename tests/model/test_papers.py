"""Documents and payments against the model: a short run with every suite; `make test-long` goes on as long as it may."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import make_company
from tests.model.paper_machine import PaperMachine

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "8"))


def test_every_document_and_payment_is_the_models(committed_db, superuser_alias):
    class Machine(PaperMachine):
        new_company = staticmethod(make_company)
        alias = superuser_alias

    quick = settings(
        max_examples=EXAMPLES, stateful_step_count=30, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(Machine, settings=quick)
