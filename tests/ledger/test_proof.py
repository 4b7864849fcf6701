"""The scheduled proof of the roll-ups: silent when they are right, a number in the metrics when one is not."""

from prometheus_client import REGISTRY

from ledger.posting import post
from ledger.proof import prove_roll_ups
from ledger.tasks import prove_roll_ups as scheduled
from tenants.scope import Actor, company_scope
from tests.books import sale
from tests.constitution.raw import seal_everything


def differences(company):
    return REGISTRY.get_sample_value("daybook_roll_up_differences", {"company": company.slug})


def with_books(company):
    with company_scope(company, actor=Actor.system("test")):
        post(sale("100.00"))
    seal_everything(company)


def test_right_balances_are_proved(committed_company):
    with_books(committed_company)
    scheduled()

    assert differences(committed_company) == 0
    assert REGISTRY.get_sample_value("daybook_roll_up_proved_timestamp_seconds", {"company": committed_company.slug})


def test_a_balance_that_is_off_is_counted(committed_company, superuser_connection):
    def move(amount):
        superuser_connection.execute(
            "UPDATE ledger_monthbalance SET debit = debit + %s WHERE company_id = %s AND debit > 0",
            [amount, committed_company.pk],
        )
        superuser_connection.commit()

    with_books(committed_company)
    move("0.01")
    assert prove_roll_ups(committed_company) > 0
    assert differences(committed_company) > 0

    move("-0.01")
    assert prove_roll_ups(committed_company) == 0
