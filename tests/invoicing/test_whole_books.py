"""What `whole_books` asks of the rows finds what is broken on purpose, each question its own fault."""

import datetime
import re
from decimal import Decimal

import pytest

from accounting.models import Account
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from invoicing.dunning import run_dunning
from invoicing.dunning_levels import add_level
from invoicing.invoicing_settings import change_settings
from invoicing.payment_posting import post_payment
from invoicing.payments import PartContent, PaymentContent, save_payment
from invoicing.recurring_documents import make_due_documents, start_recurring_document
from jobs.webhook_endpoints import add_endpoint
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, draft, line, posted
from tests.invoicing.whole_books import CHECKS, misfits

LATE = DAY + datetime.timedelta(days=10)
BROKEN = {
    "numbers have a gap or a double": "UPDATE accounting_numberuse SET number = number + 100 WHERE company_id = %(c)s",
    "a number belongs to nothing, or what is posted has none":
        "UPDATE invoicing_payment SET number = 'RCT-9' WHERE company_id = %(c)s",
    "has not the one entry of what is posted":
        "UPDATE ledger_entry SET source_id = company_id WHERE company_id = %(c)s AND source = 'payment'",
    "the open items of a document are not its total, or less than nothing is open":
        "UPDATE invoicing_instalment SET line_id = NULL WHERE company_id = %(c)s",
    "is settled by more than it is, on some day":
        "UPDATE ledger_allocation SET debit_amount = debit_amount * 9 WHERE company_id = %(c)s",
    "an account is not the sum of its open items":
        "UPDATE ledger_allocation SET credit_amount = credit_amount - 1 WHERE company_id = %(c)s",
    "the index of open items": "DELETE FROM ledger_openline WHERE company_id = %(c)s",
    "more is credited than there was":
        "UPDATE invoicing_document SET total = total * 9 WHERE company_id = %(c)s AND kind = 'credit_note'",
    "a payment did not settle once what it is for":
        "UPDATE invoicing_paymentpart SET write_off = 1 WHERE company_id = %(c)s",
    "a letter has not its one mail": "DELETE FROM jobs_outboundmail WHERE company_id = %(c)s",
    "is charged by no letter, or by two": "UPDATE invoicing_dunningnotice SET charged_by_id = NULL WHERE company_id = %(c)s",
    "is dunned twice for one level":
        "INSERT INTO invoicing_dunneddocument SELECT (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid()))).* "
        "FROM invoicing_dunneddocument d WHERE company_id = %(c)s",
    "a date of what recurs was left out, or came twice":
        "DELETE FROM invoicing_documentoccurrence WHERE company_id = %(c)s",
    "is sent twice":
        "INSERT INTO jobs_outboundmail SELECT (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid(), "
        "'key', 'again', 'message_id', 'again'))).* FROM jobs_outboundmail m WHERE company_id = %(c)s",
    "is told twice":
        "UPDATE jobs_webhookevent SET subject_id = company_id WHERE company_id = %(c)s AND type = 'invoice.posted'",
}  # fmt: skip
# What keeps these rows even from whoever has the keys, and from a second one like them.
GUARDS = (
    "ALTER TABLE invoicing_dunneddocument DROP CONSTRAINT dunned_once_a_level",
    "ALTER TABLE invoicing_document DROP CONSTRAINT document_adds_up",
)


@pytest.fixture
def books(committed_company, settings, tmp_path):
    """Invoices, of which one is credited, one paid in part, one dunned for and charged, and some that recur."""
    settings.MEDIA_ROOT = str(tmp_path)
    with system_scope(committed_company):
        sales = Account.objects.for_company(committed_company).get(code="4000")
        add_level(name="Late", days=7, fee=Decimal(5), interest_percent=Decimal(0), subject="Late", body="Pay {due}.")
        change_settings(dunning_account=sales)
        add_endpoint("https://example.com/hook")
        buyer = customer(email="buyer@example.com")
        credited, paid = posted(buyer, line("100.00"), due_date=LATE), posted(buyer, line("50.00"), due_date=DAY)
        post_document(credit_document(credited.pk, date=DAY, reason="Returned").pk)
        parts = [PartContent(document=paid.pk, amount=Decimal(20))]
        post_payment(save_payment(PaymentContent("in", "customer", buyer.pk, DAY, Decimal(20), parts=parts)).pk)
        assert len(run_dunning(LATE).notices) == 1
        pattern = draft(customer("Bendix"), line("5.00"))
        start_recurring_document(pattern.pk, start=DAY, frequency="day", does="post")
        assert make_due_documents(DAY + datetime.timedelta(days=1)) == 2
    return committed_company


def test_each_question_finds_its_fault(books, superuser_connection):
    def rows(query, *values):
        return superuser_connection.execute(query, values).fetchall()

    assert list(BROKEN) == list(CHECKS)
    assert misfits(rows, books.pk) == []
    for name, statement in BROKEN.items():
        with superuser_connection.transaction(force_rollback=True):
            for guard in GUARDS:
                superuser_connection.execute(guard)
            superuser_connection.execute("SET LOCAL session_replication_role = replica")
            for table in set(re.findall(r"(?:UPDATE|INTO|FROM) (\w+)", statement)):
                superuser_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            superuser_connection.execute(statement, {"c": books.pk})
            found = misfits(rows, books.pk)
            assert any(one.startswith(f"{name}: ") for one in found), f"nobody noticed: {name}, but {found}"
