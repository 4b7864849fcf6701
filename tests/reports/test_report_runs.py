"""Reports that are made, kept, checked by others and verified later."""

import dataclasses
import datetime
import json
from decimal import Decimal

import pytest
from django.db import connection

from accounting.accounts import change_account, open_account
from accounting.contacts import change_contact
from accounting.models import Account
from accounting.tax_boxes import add_box
from jobs.models import Job, JobFile, WebhookEvent
from jobs.running import run
from jobs.webhook_endpoints import add_endpoint
from ledger.allocation import allocate_lines
from ledger.attachments import attach
from ledger.models import Entry
from ledger.open_items import open_items
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.sealing import seal
from reports.asked_texts import BadAsked, UnknownReport
from reports.catalogue import CATALOGUE
from reports.layout_versions import make_usual, save_layout
from reports.models import ReportDecision, ReportRun
from reports.report_runs import BadRun, ask_for_report
from reports.reverification import verify_run
from reports.run_decisions import BadDecision, MakerChecks, RunDecided, comment_on, reject, review, sign_off
from tenants.permissions import permissions_of_role
from tenants.refusal import NotPermitted
from tenants.scope import Actor, company_scope
from tests.books import DAY
from tests.conftest import make_member
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, line, posted
from tests.invoicing.test_payments import paid, part

D = Decimal
YEAR = {"start": "2026-01-01", "date": "2026-12-31"}


def book(key, amount, code="4000", date=DAY):
    post(NewEntry(key, date, (NewLine("1000", D(amount)), NewLine(code, -D(amount))), memo=key))


class Person:
    """A member of the company, and what they do."""

    def __init__(self, company, role):
        user = make_member(company, role)
        self.company = company
        self.actor = Actor(type="user", name=str(user), id=user.pk, permissions=permissions_of_role(role))

    def __call__(self, act, *args, **fields):
        with company_scope(self.company, actor=self.actor):
            return act(*args, **fields)


@pytest.fixture
def books(committed_company):
    with system_scope(committed_company):
        book("first", "100")
    return committed_company


@pytest.fixture
def maker(books):
    return Person(books, "controller")


@pytest.fixture
def checker(books):
    return Person(books, "approver")


def made(maker, report="profit-and-loss", asked=YEAR, **how):
    """Asked for by somebody, made by a worker."""
    job = maker(ask_for_report, report, asked, **how)
    run(maker.company.pk, job.pk)
    with system_scope(maker.company):
        job = Job.objects.get(pk=job.pk)
        assert job.state == "succeeded", (job.error_code, job.error_message)
        return ReportRun.objects.for_company(maker.company).get(job=job)


def cells_kept(company, kept):
    with system_scope(company):
        content = JobFile.objects.for_company(company).get(job=kept.job_id, name=kept.files[0]["name"]).content
    return [row["cells"] for row in json.loads(bytes(content))["rows"]]


def changes_of_accounts(company, kept):
    return next(cells["count"] for cells in cells_kept(company, kept) if cells["what"] == "Accounts")


def test_a_report_is_kept_with_its_block_its_hash_and_its_files(books, maker):
    kept = made(maker, title="Year 2026", forms=["pdf", "csv"])
    assert (kept.title, kept.report, str(kept.start), str(kept.date)) == (
        "Year 2026",
        "profit-and-loss",
        *YEAR.values(),
    )
    assert kept.block_number > 0 and kept.asked["known_at"] == str(kept.block_number) and kept.asked["layout"] == "ifrs"
    assert [file["form"] for file in kept.files] == ["json", "csv", "pdf"] and kept.made_by_id == maker.actor.id
    rows = {cells["label"]: cells["amount_0"] for cells in cells_kept(books, kept)}
    assert rows["Profit for the period"] == "100.00"


@pytest.mark.parametrize("report", sorted(CATALOGUE))
def test_every_report_can_be_made_and_is_the_same_when_made_again(books, maker, report):
    asked = YEAR if "start" in CATALOGUE[report].heeds else {"date": "2026-12-31"}
    kept = made(maker, report, asked, forms=["json"])
    assert maker(verify_run, kept).is_same_at_block is True


@pytest.mark.parametrize("report", sorted(CATALOGUE))
def test_what_happens_later_changes_no_report_as_known_at_its_block(books, maker, report):
    """An invoice before, its payment, another invoice, a late entry and a reversal after it."""
    with system_scope(books):
        add_box(code="1", name="Tax", number=1)
        add_tax("S20", "20", tax_boxes=["1"])
        buyer = customer()
        invoice = posted(buyer, line("50.00", tax="S20"))
    asked = YEAR if "start" in CATALOGUE[report].heeds else {"date": "2026-12-31"}
    kept = made(maker, report, asked, forms=["json"])
    with system_scope(books):
        paid(buyer, "20.00", part(invoice, "20.00"))
        posted(buyer, line("9.00", tax="S20"))
        book("later", "7")
        first = Entry.objects.for_company(books).get(key="first")
        reverse(first.pk, date=DAY, reason="Wrong")
        seal(books)
    found = maker(verify_run, kept)
    assert found.is_same_at_block is True
    assert found.is_same_today is (report in ("aged-payables", "budget-variance", "entries-after-closing")), (
        "and today it is another"
    )


def test_what_happened_since_the_last_entry_is_known_to_a_report_that_is_kept(books, maker):
    """A settlement by hand, and an account that is renamed: no entry tells of them, and still there is a block."""
    with system_scope(books):
        buyer = customer()
        posted(buyer, line("50.00"))
        paid(buyer, "50.00")
    before = made(maker, "audit", YEAR, forms=["json"])
    aged = made(maker, "aged-receivables", {"date": "2026-12-31"}, forms=["json"])
    with system_scope(books):
        items = open_items(books, datetime.date(2026, 12, 31))
        allocate_lines([one.line_id for one in items], key="by hand")
        change_account(Account.objects.for_company(books).get(code="4000"), name="Sales of goods")
    after = made(maker, "audit", YEAR, forms=["json"])
    assert changes_of_accounts(books, after) == changes_of_accounts(books, before) + 1
    assert made(maker, "aged-receivables", {"date": "2026-12-31"}, forms=["json"]).row_count < aged.row_count


def test_run_again_the_job_makes_no_second_report(books, maker):
    kept = made(maker)
    with system_scope(books):
        Job.objects.filter(pk=kept.job_id).update(state="queued", finished_at=None)
    run(books.pk, kept.job_id)
    with system_scope(books):
        assert ReportRun.objects.for_company(books).count() == 1


def test_what_was_posted_later_is_a_difference_today_and_none_at_the_block(books, maker):
    kept = made(maker)
    with system_scope(books):
        book("later", "7")
        open_account(code="4100", name="Other sales", type="income")
        book("another account", "5", code="4100")
    found = maker(verify_run, kept)
    assert (found.is_same_at_block, found.is_same_today, found.files_changed) == (True, False, [])
    by_label = {one.label: (one.kept, one.now) for one in found.differences}
    assert by_label["4000 Sales"] == (("100.00",), ("107.00",))
    new = next(label for label in by_label if label.startswith("4100"))
    assert by_label[new] == (None, ("5.00",)) and found.difference_count == len(found.differences)


def test_a_name_that_changes_is_no_difference_of_figures(books, maker):
    kept = made(maker)
    with system_scope(books):
        account = Account.objects.for_company(books).get(code="4000")
        change_account(account, name="Sales at home", version=account.version)
    found = maker(verify_run, kept)
    assert (found.is_same_at_block, found.is_same_today) == (True, True)


def test_what_a_report_is_laid_out_by_and_was_changed_since_is_named(books, maker):
    kept = made(maker)
    with system_scope(books):
        account = Account.objects.for_company(books).get(code="4000")
        change_account(account, name="Sales of goods")
        change_account(Account.objects.for_company(books).get(code="4000"), subtype="other_income")
    found = maker(verify_run, kept)
    assert found.is_same_at_block is False
    (change,) = found.shaped
    assert (change.what, change.changed, change.by) == ("account 4000", ["subtype"], "test")


@pytest.mark.parametrize(("role", "by"), [("controller", "test"), ("accountant", "")])
def test_a_file_is_a_reason_too_and_whose_it_was_is_for_those_who_see_the_trail(books, maker, role, by):
    with system_scope(books):
        first = Entry.objects.for_company(books).get(key="first")
    kept = made(maker, "audit", YEAR, forms=["json"])
    with system_scope(books):
        attach("receipt.txt", b"Paid", entry_id=first.pk)
    found = Person(books, role)(verify_run, kept)
    assert found.is_same_at_block is False
    assert [(one.what, one.by) for one in found.shaped] == [("attachment receipt.txt", by)]


@pytest.mark.parametrize("report", ["partner-ledger", "aged-receivables"])
def test_a_contact_that_stands_elsewhere_in_the_list_is_a_reason(books, maker, report):
    with system_scope(books):
        first, second = customer("Adatum"), customer("Fabrikam")
        posted(first, line("10.00"))
        posted(second, line("20.00"))
    kept = made(maker, report, YEAR if report == "partner-ledger" else {"date": "2026-12-31"}, forms=["json"])
    with system_scope(books):
        change_contact(first, code="ZZZ9")
    found = maker(verify_run, kept)
    assert found.is_same_at_block is False and "contact ZZZ9" in [one.what for one in found.shaped]


def test_figures_that_changed_without_a_reason_are_told_of(books, maker, superuser_connection):
    kept = made(maker)
    superuser_connection.execute("SET session_replication_role = replica")
    superuser_connection.execute(
        "UPDATE ledger_monthbalance SET credit = credit + 1 WHERE company_id = %s AND credit > 0", [books.pk]
    )
    superuser_connection.commit()
    found = maker(verify_run, kept)
    assert found.is_same_at_block is False and found.shaped == []


def test_a_file_that_holds_something_else_is_named(books, maker, superuser_connection):
    kept = made(maker)
    with superuser_connection.transaction(), superuser_connection.cursor() as superuser:
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute("SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'jobs_jobfile'::regclass "
                          "AND NOT tgisinternal")  # fmt: skip
        triggers = superuser.fetchall()
        superuser.execute("ALTER TABLE jobs_jobfile DISABLE TRIGGER USER")
        superuser.execute("UPDATE jobs_jobfile SET content = 'x', size = 1, sha256 = sha256('x') WHERE job_id = %s AND "
                          "name LIKE %s", [kept.job_id, "%.pdf"])  # fmt: skip
        for name, enabled in triggers:
            always = "ALWAYS" if enabled in ("A", b"A") else ""
            superuser.execute(f"ALTER TABLE jobs_jobfile ENABLE {always} TRIGGER {name}")
    assert maker(verify_run, kept).files_changed == [kept.files[1]["name"]]


def test_the_layout_of_a_report_stays_in_its_version(books, maker):
    rows = {"rows": [{"key": "sales", "label": "Sales alone", "types": ["income"], "side": "credit"}]}
    maker(save_layout, "profit-and-loss", "Board", rows, is_usual=True)
    kept = made(maker)
    assert kept.asked["layout"] == "Board@1"
    other = {"rows": [{"key": "all", "label": "All", "types": ["income", "expense"], "side": "credit"}]}
    maker(save_layout, "profit-and-loss", "Board", other)
    maker(make_usual, "profit-and-loss", "")
    found = maker(verify_run, kept)
    assert found.is_same_at_block and found.is_same_today


def test_who_made_a_report_does_not_check_it(books, maker, checker):
    kept = made(maker)
    for act in (review, sign_off):
        with pytest.raises(MakerChecks):
            maker(act, kept.pk)
    assert checker(review, kept.pk, "Looks right").kind == "reviewed"
    assert checker(sign_off, kept.pk).by == checker.actor.name
    with pytest.raises(RunDecided):
        checker(reject, kept.pk, "Changed my mind")
    with pytest.raises(RunDecided):
        Person(books, "approver")(sign_off, kept.pk)
    assert checker(comment_on, kept.pk, "Sent to the bank").kind == "comment"


def test_what_is_rejected_is_not_signed_off_and_says_why(books, maker, checker):
    kept = made(maker)
    with pytest.raises(BadDecision) as refused:
        checker(reject, kept.pk, "  ")
    assert refused.value.place == "comment"
    checker(reject, kept.pk, "Rent is missing")
    with pytest.raises(RunDecided):
        checker(sign_off, kept.pk)


def test_a_program_does_not_sign(books, maker):
    kept = made(maker)
    program = Person(books, "controller")
    program.actor = dataclasses.replace(program.actor, type="credential")
    for act in (review, sign_off):
        with pytest.raises(NotPermitted):
            program(act, kept.pk)
    assert program(comment_on, kept.pk, "Fetched").kind == "comment"


@pytest.mark.parametrize("role", ["accountant", "clerk", "auditor"])
def test_only_who_approves_signs(books, maker, role):
    kept = made(maker)
    with pytest.raises(NotPermitted):
        Person(books, role)(sign_off, kept.pk)


def test_webhooks_learn_of_reports_made_and_signed(books, maker, checker):
    with system_scope(books):
        add_endpoint("https://example.com/hook", events=["report.made", "report.signed"])
    kept = made(maker)
    checker(sign_off, kept.pk)
    with system_scope(books):
        told = list(WebhookEvent.objects.for_company(books).order_by("id").values_list("type", "payload__id"))
    assert told == [("report.made", str(kept.pk)), ("report.signed", str(kept.pk))]


@pytest.mark.parametrize(
    ("report", "asked", "how", "refusal", "place"),
    [
        ("zebra", YEAR, {}, UnknownReport, "report"), ("balance-sheet", YEAR, {}, BadAsked, "start"),
        ("profit-and-loss", {"date": "soon"}, {}, BadAsked, "date"), ("profit-and-loss", {}, {}, BadAsked, "date"),
        ("profit-and-loss", {"date": "2026-01-01", "start": "2026-02-01"}, {}, BadAsked, "start"),
        ("profit-and-loss", YEAR | {"known_at": "soon"}, {}, BadAsked, "known_at"),
        ("profit-and-loss", YEAR | {"by": "zebra"}, {}, BadAsked, "by"),
        ("profit-and-loss", YEAR, {"forms": ["docx"]}, BadRun, "forms"),
        ("profit-and-loss", YEAR, {"title": "x" * 201}, BadRun, "title"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_at_its_place(maker, report, asked, how, refusal, place):
    with pytest.raises(refusal) as refused:
        maker(ask_for_report, report, asked, **how)
    assert refused.value.place == place


def test_a_refusal_of_the_report_is_the_answer_of_its_job(books, maker):
    job = maker(ask_for_report, "general-ledger", YEAR | {"accounts": "zebra"})
    run(books.pk, job.pk)
    with system_scope(books):
        assert Job.objects.get(pk=job.pk).error_code == "unknown_account"
        assert not ReportRun.objects.for_company(books).exists()


def test_decisions_about_one_report_come_one_after_the_other(books, maker):
    """The database has the last word where two sign in the same moment."""
    kept = made(maker)
    with system_scope(books):
        ReportDecision.objects.create(company=books, run=kept, kind="signed", by="One", by_type="user")
        with pytest.raises(Exception, match="decided"), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO reports_reportdecision (id, company_id, run_id, kind, comment, by, by_type, at) "
                "VALUES (gen_random_uuid(), %s, %s, 'signed', '', 'Two', 'user', now())", [books.pk, kept.pk],
            )  # fmt: skip


def test_a_report_of_today_is_of_today(books, maker):
    kept = made(maker, "balance-sheet", {"date": datetime.date(2026, 12, 31).isoformat()}, forms=[])
    assert kept.start is None and [file["form"] for file in kept.files] == ["json"]


@pytest.mark.parametrize("known_at", ["99", "2099-01-01T00:00:00+00:00"])
def test_a_block_or_moment_that_is_not_there_yet_is_no_promise(books, maker, known_at):
    job = maker(ask_for_report, "profit-and-loss", YEAR | {"known_at": known_at})
    run(books.pk, job.pk)
    with system_scope(books):
        assert Job.objects.get(pk=job.pk).error_code == "invalid_report_run"


def test_what_cannot_be_made_again_says_why(books, maker):
    kept = made(maker, "general-ledger", YEAR | {"accounts": "4000"})
    with system_scope(books):
        account = Account.objects.for_company(books).get(code="4000")
        change_account(account, code="4444")
    found = maker(verify_run, kept)
    assert found.is_same_at_block is None and "4000" in found.problem
