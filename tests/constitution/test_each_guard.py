"""The triggers that keep a rule of one table, each alone with a row that breaks its rule."""

import contextlib
import uuid

import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, RestrictViolation

from tests.constitution.raw import refused
from tests.constitution.rows import a_row, attack


@contextlib.contextmanager
def alone_in_a_company(raw, trigger, table):
    """With this trigger awake, in the scope of a new company: trigger functions see what the scope shows."""
    with attack(raw, awake=trigger, on=table):
        company = a_row(raw, "tenants_company")["id"]
        raw.execute("SELECT set_config('app.company_id', %s, true)", [str(company)])
        yield company


def changed(table, change, **given):
    """An attack: a row, and then a change of it."""

    def make(raw, company):
        row = a_row(raw, table, company, **given)
        with raw.transaction():
            raw.execute(f"{change.format(table)} WHERE id = %s", [row["id"]])

    return make


def made(table, **given):
    """An attack: the row itself, and nothing that belongs to it."""
    return lambda raw, company: a_row(raw, table, company, **given)


def line_of_a_submitted_draft(raw, company):
    draft = a_row(raw, "ledger_draft", company, state="submitted")
    a_row(raw, "ledger_draftline", company, draft_id=draft["id"])


def posted_part(raw, company):
    part = a_row(raw, "ledger_deferralpart", company)
    entry = a_row(raw, "ledger_entry", company)
    raw.execute("UPDATE ledger_deferralpart SET entry_id = %s WHERE id = %s", [entry["id"], part["id"]])
    raw.execute("DELETE FROM ledger_deferralpart WHERE id = %s", [part["id"]])


def posted_hold_called_voided(raw, company):
    hold = a_row(raw, "ledger_hold", company)
    a_row(raw, "ledger_entry", company, source="hold", source_id=hold["id"])
    a_row(raw, "ledger_holdend", company, hold_id=hold["id"], outcome="voided")


def line_of_an_active_budget(raw, company):
    budget = a_row(raw, "ledger_budget", company, state="active")
    a_row(raw, "ledger_budgetline", company, budget_id=budget["id"])


POSTED_DOCUMENT = {"state": "posted", "number": "INV-1", "posted_at": "2026-01-01", "base_total": 0}


def part_of_a_posted_document(table):
    """An attack: another line, tax or instalment of a document that is posted."""

    def make(raw, company):
        document = a_row(raw, "invoicing_document", company, **POSTED_DOCUMENT)
        a_row(raw, table, company, document_id=document["id"])

    return make


def a_posted_payment(raw, company):
    """A payment that is posted, with an entry that is not its own."""
    entry = a_row(raw, "ledger_entry", company)
    return a_row(
        raw, "invoicing_payment", company, state="posted", number="RCT-1", posted_at="2026-01-01",
        entry_id=entry["id"],
    )  # fmt: skip


def part_of_a_posted_payment(raw, company):
    payment = a_posted_payment(raw, company)
    a_row(raw, "invoicing_paymentpart", company, payment_id=payment["id"])


def changed_posted_payment(raw, company):
    payment = a_posted_payment(raw, company)
    raw.execute("UPDATE invoicing_payment SET memo = 'x' WHERE id = %s", [payment["id"]])


def a_file_of(raw, company, **document):
    """A file of a document."""
    made_out = a_row(raw, "invoicing_document", company, **document)
    file = a_row(raw, "ledger_attachment", company, source="document", source_id=made_out["id"])
    return file["id"], made_out["id"]


def file_taken_from_a_posted_document(raw, company):
    file, _document = a_file_of(raw, company, **POSTED_DOCUMENT)
    raw.execute("DELETE FROM ledger_attachment WHERE id = %s", [file])


def document_deleted_beside_its_file(raw, company):
    _file, document = a_file_of(raw, company)
    raw.execute("DELETE FROM invoicing_document WHERE id = %s", [document])


def report_signed_by_its_maker(raw, company):
    run = a_row(raw, "reports_reportrun", company, made_by_id=uuid.uuid4())
    a_row(raw, "reports_reportdecision", company, run_id=run["id"], kind="signed", by_id=run["made_by_id"])


ATTACKS = {
    # trigger and table -> the attack, and the rule that refuses it
    ("deferral_sums", "ledger_deferral"): (made("ledger_deferral"), "deferral_sums"),
    ("deferral_sums", "ledger_deferralpart"): (made("ledger_deferralpart", amount=2), "deferral_sums"),
    ("draft_begins", "ledger_draft"): (made("ledger_draft", state="submitted"), "draft_moves"),
    ("guard_allocations", "ledger_allocation"): (made("ledger_allocation"), "allocation_matches"),
    ("guard_document_file", "ledger_attachment"): (
        made("ledger_attachment", source="document", source_id=uuid.uuid4()),
        "attachment_document",
    ),
    ("guard_files", "invoicing_document"): (document_deleted_beside_its_file, "attachment_document"),
    ("guard_kept_file", "ledger_attachment"): (file_taken_from_a_posted_document, "attachment_kept"),
    ("guard_attachment", "ledger_attachment"): (changed("ledger_attachment", "DELETE FROM {}"), "attachment_kept"),
    ("guard_auto_reversal", "ledger_autoreversal"): (
        changed("ledger_autoreversal", "UPDATE {} SET date = date + 1", cancelled=True, reason="x"),
        "auto_reversal_decided",
    ),
    ("guard_bank_account", "accounting_contactbankaccount"): (
        changed("accounting_contactbankaccount", "UPDATE {} SET iban = 'DE89370400440532013000'", account_number="1"),
        "contact_bank_account_kept",
    ),
    ("guard_budget", "ledger_budget"): (made("ledger_budget", state="active"), "budget_moves"),
    ("guard_budget_line", "ledger_budgetline"): (line_of_an_active_budget, "budget_fixed"),
    ("guard_decision", "reports_reportdecision"): (report_signed_by_its_maker, "report_maker_checks_not"),
    ("guard_layout", "reports_statementlayout"): (
        changed("reports_statementlayout", "UPDATE {} SET name = 'x'"),
        "statement_layout_kept",
    ),
    ("guard_deferral_part", "ledger_deferralpart"): (posted_part, "deferral_part_fixed"),
    ("guard_draft", "ledger_draft"): (changed("ledger_draft", "UPDATE {} SET state = 'approved'"), "draft_moves"),
    ("guard_draft_line", "ledger_draftline"): (line_of_a_submitted_draft, "draft_is_settled"),
    ("guard_entry_approval", "tenants_approval"): (made("tenants_approval", subject="entry"), "approval_of_submitted"),
    ("guard_posted", "invoicing_document"): (
        changed("invoicing_document", "UPDATE {} SET memo = 'x'", **POSTED_DOCUMENT),
        "document_posted_stays",
    ),
    ("guard_posted", "invoicing_documentline"): (
        part_of_a_posted_document("invoicing_documentline"),
        "document_posted_stays",
    ),
    ("guard_posted", "invoicing_documenttax"): (
        part_of_a_posted_document("invoicing_documenttax"),
        "document_posted_stays",
    ),
    ("guard_posted", "invoicing_instalment"): (
        part_of_a_posted_document("invoicing_instalment"),
        "document_posted_stays",
    ),
    ("guard_posted", "invoicing_payment"): (changed_posted_payment, "payment_posted_stays"),
    ("guard_posted", "invoicing_paymentpart"): (part_of_a_posted_payment, "payment_posted_stays"),
    ("check_posted", "invoicing_document"): (
        made("invoicing_document", **POSTED_DOCUMENT),
        "document_number_registered",
    ),
    ("check_posted", "invoicing_payment"): (a_posted_payment, "payment_entry_its_own"),
    ("guard_settlement", "ledger_settlement"): (made("ledger_settlement"), "period_exists"),
    ("hold_end_complete", "ledger_holdend"): (made("ledger_holdend", outcome="posted"), "hold_posted"),
    ("settlement_complete", "ledger_settlement"): (made("ledger_settlement"), "settlement_is_whole"),
}


@pytest.mark.parametrize(("trigger", "table"), ATTACKS, ids=[f"{trigger}-{table}" for trigger, table in ATTACKS])
def test_a_row_that_breaks_the_rule_is_refused(superuser_connection, trigger, table):
    make, rule = ATTACKS[trigger, table]
    with (
        alone_in_a_company(superuser_connection, trigger, table) as company,
        refused((CheckViolation, ForeignKeyViolation, RestrictViolation), rule),
    ):
        make(superuser_connection, company)


DEFERRED = [
    pytest.param("deferral_sums", "ledger_deferral", made("ledger_deferral")),
    pytest.param("deferral_sums", "ledger_deferralpart", made("ledger_deferralpart", amount=2)),
    pytest.param("settlement_complete", "ledger_settlement", made("ledger_settlement")),
    pytest.param("hold_end_complete", "ledger_holdend", made("ledger_holdend", outcome="posted")),
    pytest.param("hold_end_complete", "ledger_holdend", posted_hold_called_voided),
]


@pytest.mark.parametrize(("trigger", "table", "make"), DEFERRED)
def test_a_rule_of_the_commit_holds_when_the_scope_is_left_before_it(superuser_connection, trigger, table, make):
    with alone_in_a_company(superuser_connection, trigger, table) as company:
        superuser_connection.execute(f"SET CONSTRAINTS {trigger} DEFERRED")
        make(superuser_connection, company)
        superuser_connection.execute("SELECT set_config('app.company_id', '', true)")
        with pytest.raises(CheckViolation):
            superuser_connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def held(raw, limit):
    return raw.execute("SELECT held_up FROM ledger_limit WHERE id = %s", [limit["id"]]).fetchone()[0]


def test_a_hold_is_counted_on_its_limit(superuser_connection):
    raw = superuser_connection
    with alone_in_a_company(raw, "keep_holds", "ledger_hold") as company:
        limit = a_row(raw, "ledger_limit", company)
        a_row(raw, "ledger_hold", company, limit_id=limit["id"], amount=7)
        assert held(raw, limit) == 7


def test_a_hold_that_ended_is_counted_no_more(superuser_connection):
    raw = superuser_connection
    with alone_in_a_company(raw, "keep_holds", "ledger_holdend") as company:
        limit = a_row(raw, "ledger_limit", company, held_up=7)
        hold = a_row(raw, "ledger_hold", company, limit_id=limit["id"], amount=7)
        a_row(raw, "ledger_holdend", company, hold_id=hold["id"])
        assert held(raw, limit) == 0


def test_a_company_has_a_generation_of_its_approval_rules_from_its_first_day(superuser_connection):
    raw = superuser_connection
    with alone_in_a_company(raw, "begin_approval_rules", "tenants_company") as company:
        found = raw.execute("SELECT subject FROM accounting_generation WHERE company_id = %s", [company]).fetchall()
    assert found == [("approval_rules",)]


def test_an_account_that_begins_to_have_open_items_lists_its_lines(superuser_connection):
    raw = superuser_connection
    with alone_in_a_company(raw, "list_open_lines", "accounting_account") as company:
        line = a_row(raw, "ledger_line", company)
        for open_item, listed in ((True, [(line["id"],)]), (False, [])):
            raw.execute("UPDATE accounting_account SET open_item = %s WHERE id = %s", [open_item, line["account_id"]])
            assert raw.execute("SELECT id FROM ledger_openline WHERE company_id = %s", [company]).fetchall() == listed
