"""Each constraint that is listed in ledger/guards.txt, attacked alone with a row that breaks it and nothing else."""

import re
import uuid
from decimal import Decimal

import pytest
from psycopg.errors import CheckViolation, ExclusionViolation, ForeignKeyViolation, UniqueViolation
from psycopg.types.json import Jsonb

from tests.constitution.raw import refused
from tests.constitution.rows import a_row, alone, attack, columns_of, fresh, guards, put, reference

FOREIGN_KEYS = guards("constraint", "FOREIGN KEY")
CHECKS = guards("constraint", "CHECK")
UNIQUE = [*guards("constraint", "UNIQUE"), *guards("constraint", "PRIMARY KEY"), *guards("index")]
EXCLUSIONS = guards("constraint", "EXCLUDE")
TEXT, ZERO = r"(\w+)\)?(?:::text)?", r"\(0\)::numeric"
SIMPLE = (
    # form of a CHECK -> the value that breaks it
    (rf"\(\({TEXT} = ANY .*\)", "?"),
    (rf"\(\({TEXT} ~ '\^.*\)", "?"),
    (rf"\(NOT \(\(?{TEXT} = ''::text\)\)", ""),
    (rf"\(NOT \((\w+) = {ZERO}\)\)", 0),
    (r"\(\(?\"?(\w+)\"? >=? \(?\d.*\)", -1),
    (r"\(\(*(\w+) <> 'NaN'.*\)", Decimal("NaN")),
    (r"\(\(+min_scale\((\w+)\) <= 12.*\)", Decimal("1e-13")),
)
# Any other CHECK -> the values that break it.
SAME = uuid.uuid4()
BREACHES = {
    "report_decision_by_a_person": {"kind": "signed", "by_type": "credential"},
    "report_decision_explained": {"kind": "rejected", "comment": ""},
    "report_run_occurrence": {"schedule_id": None, "occurrence": "2026-01-01"},
    "statement_layout_named": {"name": ""},
    "allocation_not_zero": {"debit_amount": 0, "credit_amount": 0, "base_amount": 0},
    "allocation_one_sign": {"debit_amount": 1, "credit_amount": -1},
    "approval_rejection_explained": {"decision": "rejected", "reason": ""},
    "attachment_of_something": {"draft_id": None, "entry_id": None, "source": ""},
    "attachment_source_whole": {"source": "document"},
    "auto_reversal_cancelled": {"cancelled": True, "reason": ""},
    "budget_line_amount": {"amount": Decimal("1e-7")},
    "budget_line_month": {"month": "2026-01-02"},
    "budget_order": {"start": "2026-02-01", "end": "2026-01-31"},
    "budget_whole_months": {"end": "2026-12-30"},
    "company_year_start_month": {"year_start_month": 13},
    "deferral_two_accounts": {"from_account_id": SAME, "to_account_id": SAME},
    "delegation_not_oneself": {"delegate_id": SAME, "delegator_id": SAME},
    "document_adds_up": {"total": 5},
    "document_cash_step": {"cash_step": 0},
    "document_credits_kind": {"credits_id": SAME, "kind": "invoice"},
    "document_no_books": {"state": "posted", "kind": "quote"},
    "document_not_posted": {"state": "draft", "number": "INV-1"},
    "document_posted_whole": {"state": "posted", "number": ""},
    "document_rate": {"rate": 0},
    "document_occurrence_outcome": {"problem": "", "skipped": False},
    "dunned_document_amounts": {"open_amount": 0},
    "dunning_level_charges": {"days": 0, "fee": 1},
    "dunning_level_says": {"subject": "", "body": "x"},
    "dunning_notice_amounts": {"open_amount": 0},
    "mail_template_says": {"subject": "x", "body": ""},
    "invoicing_cash_step": {"cash_step": 0},
    "payment_part_of_one": {"document_id": SAME, "refunds_id": SAME},
    "payment_part_refund": {"document_id": None, "refunds_id": SAME, "discount": 1},
    "payment_posted_whole": {"state": "posted", "number": "PAY-1", "entry_id": None},
    "payment_rate": {"rate": 0},
    "draft_auto_reverse": {"auto_reverse": "date", "reverse_on": None},
    "draft_posted_as_entry": {"state": "posted", "entry_id": None},
    "entry_not_itself": {"id": SAME, "reverses_id": SAME},
    "entry_two_lines": {"line_count": 1},
    "job_failed_says_why": {"state": "failed", "error_code": ""},
    "job_finished_when_ended": {"state": "succeeded"},
    "job_held_while_running": {"state": "running"},
    "job_progress": {"done": -1},
    "jobfile_sha256": {"sha256": b"another"},
    "jobfile_size": {"size": 2},
    "outbound_mail_sent": {"state": "sent", "next_at": None},
    "outbound_mail_to_somebody": {"to": Jsonb([])},
    "outboundmail_held_while_claimed": {"state": "claimed", "next_at": None},
    "outboundmail_next_while_due": {"state": "waiting", "next_at": None},
    "outboundmail_says_why": {"state": "abandoned", "next_at": None, "error": ""},
    "webhook_active": {"is_active": True, "disabled_reason": "It is gone."},
    "webhook_delivery_delivered": {"state": "delivered", "next_at": None},
    "webhook_secret_form": {"secret": "mine"},
    "webhook_url": {"url": "ftp://example.com/"},
    "webhookdelivery_held_while_claimed": {"state": "claimed", "next_at": None},
    "webhookdelivery_next_while_due": {"state": "waiting", "next_at": None},
    "webhookdelivery_says_why": {"state": "abandoned", "next_at": None, "error": ""},
    "limit_ceiling": {"balance": 2, "ceiling": 1},
    "limit_floor": {"balance": -2, "floor": 0},
    "limit_held": {"held_up": -1},
    "line_is_number": {"rate": Decimal("NaN")},
    "line_not_zero": {"amount": 0, "currency_amount": 0},
    "line_one_side": {"amount": 1, "currency_amount": -1},
    "line_precision": {"currency_amount": Decimal("1e-13")},
    "line_rate": {"rate": -1},
    "line_size": {"currency_amount": Decimal("1e18")},
    "line_statistical": {"statistical": True, "amount": 1},
    "lock_exception_approved_by_somebody": {"approved_at": "2026-01-01", "approved_by": ""},
    "lock_exception_not_for_oneself": {"approved_by_id": SAME, "person_id": SAME},
    "lock_exception_second_person": {"approved_by_id": SAME, "requested_by_id": SAME},
    "contact_address_country": {"country": "de"},
    "contact_bank_account_decided": {"state": "approved", "decided_at": None},
    "contact_bank_account_explained": {"state": "rejected", "reason": ""},
    "contact_bank_account_named": {"iban": "", "account_number": ""},
    "contact_bank_account_second_person": {
        "state": "approved",
        "decided_at": "2026-01-01",
        "decided_by_id": SAME,
        "proposed_by_id": SAME,
    },
    "contact_country": {"country": "de"},
    "contact_credit_limit": {"credit_limit": -1},
    "contact_merged": {"id": SAME, "merged_into_id": SAME, "is_active": False},
    "item_named": {"name": ""},
    "item_purchase_price": {"purchase_price": -1},
    "item_sale_price": {"sale_price": -1},
    "number_use_explained": {"outcome": "skipped", "reason": ""},
    "occurrence_outcome": {"problem": "", "skipped": False},
    "payment_terms_discount": {"discount_percent": 100},
    "payment_terms_discount_days": {"discount_days": 3661},
    "payment_terms_named": {"code": ""},
    "settlement_not_itself": {"id": SAME, "undoes_id": SAME},
    "settlement_undo_explained": {"undoes_id": SAME, "reason": ""},
    "tax_box_named": {"name": ""},
    "tax_code_cash_basis": {"pending_account_id": SAME, "account_id": None},
    "tax_code_deductible": {"deductible_percent": 101},
    "tax_code_group": {"kind": "group", "compound": True},
    "tax_code_named": {"name": ""},
    "tax_code_other_side": {"kind": "charged", "counter_account_id": SAME},
    "tax_group_member_not_itself": {"group_id": SAME, "tax_id": SAME},
    "tax_rate_percent": {"percent": 101},
    "terms_instalment_day": {"day_of_month": 32},
    "terms_instalment_percent": {"percent": 0},
    "terms_instalment_time": {"months": 121},
    "unit_decimals": {"decimals": 13},
}
for order in (
    "deferral_order",
    "delegation_order",
    "fiscal_year_order",
    "period_order",
    "recurring_order",
    "recurring_document_order",
):
    BREACHES[order] = {"start": "2026-02-01", "end": "2026-01-01"}


def breach_of(guard):
    for form, value in SIMPLE:
        if guard.name not in BREACHES and (found := re.fullmatch(f"CHECK \\({form}\\)", guard.definition)):
            return {found[1]: value}
    assert guard.name in BREACHES, f"no row is known that breaks {guard.name}: {guard.definition}"
    return BREACHES[guard.name]


def name(guard):
    return guard.name


@pytest.mark.parametrize("guard", CHECKS, ids=name)
def test_a_row_that_breaks_the_check_is_refused(superuser_connection, guard):
    with attack(superuser_connection, guard.table):
        alone(superuser_connection, guard, "cf")
        a_row(superuser_connection, guard.table)
        with refused(CheckViolation, guard.name):
            a_row(superuser_connection, guard.table, **breach_of(guard))


@pytest.mark.parametrize("guard", FOREIGN_KEYS, ids=name)
def test_a_row_that_points_at_nothing_or_at_another_company_is_refused(superuser_connection, guard):
    """Only what this key alone guards is bent: an account stays ours where the sub-account of another is named."""
    raw = superuser_connection
    names, target, keys = reference(guard)
    others = [key for key in FOREIGN_KEYS if key.table == guard.table and key != guard]
    elsewhere = {column for other in others for column in reference(other)[0]} | {"company_id"}
    bent = [column for column in names if column not in elsewhere] or names[-1:]
    with attack(raw, guard.table):
        row = a_row(raw, guard.table)
        raw.execute(f"DELETE FROM {guard.table} WHERE id = %s", [row["id"]])
        strange = {key: uuid.uuid4() for key in keys} if len(names) == 1 else a_row(raw, target)
        alone(raw, guard, "cf")
        with refused(ForeignKeyViolation, guard.name):
            put(raw, guard.table, {**row, **{column: strange[keys[names.index(column)]] for column in bent}})


def columns_in(guard, columns):
    # What has to be empty for the index to see the row is no part of its key.
    key = re.sub(r"WHERE \(\w+ IS NULL\)", "", guard.definition.split("USING", 1)[-1])
    found = re.findall(r"\w+", key)
    return [column for column in columns if column in found]


@pytest.mark.parametrize("guard", UNIQUE, ids=name)
def test_a_second_row_is_refused(superuser_connection, guard):
    raw = superuser_connection
    with attack(raw, guard.table):
        alone(raw, guard, "pufcx")
        columns = columns_of(raw, guard.table)
        first = a_row(raw, guard.table)
        # An empty text may stand beside another where the index leaves it out.
        key = {column: None if first.get(column) == "" else first.get(column) for column in columns_in(guard, columns)}
        if None in key.values() and "NULLS NOT DISTINCT" not in guard.definition:
            first, key = filled(raw, guard, first, columns)
        with refused(UniqueViolation, guard.name):
            a_row(raw, guard.table, **{**key, "company_id": first["company_id"]} if "company_id" in columns else key)


def filled(raw, guard, row, columns):
    """A row whose unique columns hold a value each; an empty one may stand beside another."""
    values = {}
    for column in columns_in(guard, columns):
        pointing = [g for g in FOREIGN_KEYS if g.table == guard.table and reference(g)[0][-1] == column]
        value = (
            a_row(raw, reference(pointing[0])[1], row["company_id"])["id"] if pointing else fresh(*columns[column][:2])
        )
        values[column] = row[column] if row.get(column) not in (None, "") else value
    return a_row(raw, guard.table, **values, **({} if "id" in values else {"id": uuid.uuid4()})), values


@pytest.mark.parametrize("guard", EXCLUSIONS, ids=name)
def test_a_row_over_another_is_refused(superuser_connection, guard):
    raw = superuser_connection
    with attack(raw, guard.table):
        first = a_row(raw, guard.table)
        over = {column: first[column] for column in columns_in(guard, columns_of(raw, guard.table))}
        alone(raw, guard, "pufcx")
        with refused(ExclusionViolation, guard.name):
            a_row(raw, guard.table, **over)


@pytest.mark.parametrize("table", sorted({guard.table for guard in CHECKS + FOREIGN_KEYS + UNIQUE}))
def test_a_row_with_nothing_wrong_is_taken(superuser_connection, table):
    """The attacks fail for the reason that they name: without it the same row goes in, twice."""
    with attack(superuser_connection, table):
        a_row(superuser_connection, table)
        a_row(superuser_connection, table)
