"""Which test must turn red when a guard is sabotaged.

Every rule whose pattern fits the title of a sabotage (tests/long/sabotage.py) names tests, and each of them must fail.
A sabotage that no rule fits fails the suite: a new kind of guard needs its rule here, and its attack.
"""

import re

RULES = (
    # Families: attacked one by one from ledger/guards.txt.
    (r"(drop|let) trigger (append_only|never_truncated) on (\w+).*",
     r"test_every_trigger.py::test_what_is_posted_is_kept_from_owner_superuser_and_replication[\2-\3]"),
    (r"drop trigger (audit_\w+) on (\w+)", r"test_every_trigger.py::test_the_trail_tells_of_the_change[\1-\2]"),
    (r"drop trigger (renew_\w+) on (\w+)",
     r"test_every_trigger.py::test_the_generation_of_cached_lookups_is_renewed[\1-\2]"),
    (r"drop foreign key (\w+) on \w+",
     r"test_every_constraint.py::test_a_row_that_points_at_nothing_or_at_another_company_is_refused[\1]"),
    (r"drop check (\w+) on \w+", r"test_every_constraint.py::test_a_row_that_breaks_the_check_is_refused[\1]"),
    (r"drop (?:unique|primary key|index) (\w+) on \w+", r"test_every_constraint.py::test_a_second_row_is_refused[\1]"),
    (r"drop exclude (\w+) on \w+", r"test_every_constraint.py::test_a_row_over_another_is_refused[\1]"),
    # The owner's triggers renew generations for every company, so forcing binds nobody there: the lint alone sees it.
    (r"free the owner on accounting_generation", "test_scale_lint.py::test_rule_holds[row_level_security_is_on_and_forced]"),
    (r"(?:drop policy company|add a policy for all|disable row-level security|free the owner(?! on accounting_generation))"
     r" on (\w+)",
     r"test_every_policy.py::test_a_scope_shows_the_rows_of_its_company_and_no_scope_shows_none[\1]"),
    (r"drop policy own on tenants_membership",
     "test_every_policy.py::test_a_person_sees_their_own_memberships_in_every_company_and_no_others"),
    (r"drop policy (?:written|renewed)_by_database on (\w+)",
     r"test_every_policy.py::test_the_database_itself_writes_for_the_company_of_the_row[\1]"),
    (r"(?:grant|revoke) (?!EXECUTE)(\w+) on (\w+)",
     r"test_every_right.py::test_the_runtime_role_may_what_is_listed_and_nothing_else[\2-\1]"),
    (r"(?:grant|revoke) EXECUTE on (\w+)",
     r"test_every_right.py::test_the_runtime_role_may_call_what_is_listed_and_nothing_else[\1]"),
    (r"(?:grant|revoke) .*|run \w+ as its (?:owner|caller)",
     "test_authority.py::test_the_rights_are_the_ones_that_were_reviewed"),
    (r"let \w+ search anywhere", "test_the_guards_are_listed.py::test_the_guards_are_the_ones_that_were_reviewed"),
    (r"let trigger guard_posted on \w+ sleep in replication",
     "test_scale_lint.py::test_rule_holds[immutability_triggers_fire_always_and_all_others_not_in_replication]"),
    # Rules of one table.
    (
        r"drop trigger (check_posted|guard_posted|(?:deferral|draft|hold_end|settlement)_\w+|guard_(?!lines|entries)\w+) on (\w+)",
        r"test_each_guard.py::test_a_row_that_breaks_the_rule_is_refused[\1-\2]",
    ),
    (r"drop trigger list_open_lines on accounting_account",
     "test_each_guard.py::test_an_account_that_begins_to_have_open_items_lists_its_lines"),
    (r"drop trigger keep_holds on ledger_hold", "test_each_guard.py::test_a_hold_is_counted_on_its_limit"),
    (r"drop trigger keep_holds on ledger_holdend", "test_each_guard.py::test_a_hold_that_ended_is_counted_no_more"),
    (
        r"drop trigger begin_approval_rules on tenants_company",
        "test_each_guard.py::test_a_company_has_a_generation_of_its_approval_rules_from_its_first_day",
    ),
    # The guards that have a promise each.
    (r"drop trigger guard_lines on ledger_line", "test_c01_balance.py::test_rows_out_of_balance_by_a_cent_are_refused"),
    (r"drop trigger guard_lines on ledger_line", "test_c07_limits.py::test_rows_past_the_floor_are_refused"),
    (r"drop trigger guard_lines on ledger_line", "test_c11_precision.py::test_rows_with_the_amount_are_refused"),
    (r"drop trigger guard_lines on ledger_line", "test_budget_races.py::test_twenty_spenders_at_once_never_pass_the_plan"),
    (r"drop trigger entry_complete on ledger_entry",
     "test_c01_balance.py::test_a_header_without_lines_does_not_survive_the_commit"),
    (r"drop trigger entry_complete on ledger_entry", "test_c02_immutable.py::test_a_reversal_that_is_no_mirror_is_refused"),
    (r"drop trigger append_only on ledger_(?:entry|line)", "test_c02_immutable.py::test_triggers_refuse_owner_and_superuser"),
    (r"drop trigger keep_meaning on \w+",
     "test_c02_immutable.py::test_what_gives_posted_amounts_their_meaning_stays"),
    (r"drop trigger guard_entries on ledger_entry", "test_c06_periods.py::test_rows_of_a_day_that_is_shut_are_refused"),
    (r"drop trigger lock_books on accounting_period",
     "test_c06_periods.py::test_a_period_cannot_be_pulled_away_from_under_its_entries"),
    (r"drop trigger lock_books on accounting_lockdate",
     "test_races.py::test_who_closes_waits_for_the_poster_in_flight[commit-lock_january]"),
    (r"drop trigger lock_books on accounting_lockexception",
     "test_races.py::test_who_ends_a_lock_exception_waits_for_the_poster_in_flight"),
    (r"drop trigger number_follows on accounting_numberuse",
     "test_c08_numbers.py::test_no_number_can_be_entered_with_a_gap_before_it"),
    (r"drop index entry_reversed_once on ledger_entry", "test_c02_immutable.py::test_an_entry_is_reversed_once_whatever_the_key"),
    (r"drop check limit_floor on ledger_limit", "test_c07_limits.py::test_rows_past_the_floor_are_refused"),
    (r"drop unique number_use_once on accounting_numberuse", "test_c08_numbers.py::test_numbers_cannot_be_taken_twice_or_back"),
    (r"drop foreign key ledger_line_sub_account_of_account on ledger_line",
     "test_c05_companies.py::test_a_line_cannot_name_the_sub_account_of_another_account"),
    (r"(?:disable row-level security|add a policy for all) on ledger_(?:entry|line)",
     "test_c05_companies.py::test_in_a_scope_no_table_shows_a_row_of_another_company"),
    (r"grant INSERT on ledger_(?:entry|line)",
     "test_c01_balance.py::test_the_runtime_role_cannot_insert_rows_beside_the_posting_function"),
    (r"grant (?:UPDATE|DELETE|TRUNCATE) on ledger_(?:entry|line|block|entryseal)",
     "test_c02_immutable.py::test_the_runtime_role_has_no_right_to_change_posted_rows"),
)  # fmt: skip


def witnesses(title: str) -> list[str]:
    """The node ids of the tests that must notice this sabotage."""
    found = (match.expand(test) for pattern, test in RULES if (match := re.fullmatch(pattern, title)))
    return [f"tests/constitution/{test}" for test in found]
