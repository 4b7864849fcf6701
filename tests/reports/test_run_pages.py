"""The pages of kept reports, schedules and layouts: the whole way of each, what is refused, and what is not offered."""

import datetime
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.accounts import change_account
from accounting.models import Account
from jobs.models import Job
from jobs.running import run
from reports.layout_rows import rows_typed, typed_rows
from reports.models import ReportRun, ReportSchedule, StatementLayout
from reports.statement_layout import BadLayout
from reports.statement_layouts import SHIPPED, shipped_data
from tenants.models import User
from tests.constitution.raw import system_scope
from tests.reports.test_report_runs import Person, book, made


@pytest.fixture
def books(committed_company):
    with system_scope(committed_company):
        book("first", "100")
    return committed_company


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return html.unescape(content.decode())


def page(company, name, *args):
    return reverse(f"reports:{name}", args=[company.slug, *args])


def desk_of(person):
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(User.objects.get(pk=person.actor.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_from_the_screen_to_the_signature(books):
    maker, company = Person(books, "accountant"), books
    client = desk_of(maker)
    screen = client.get(page(company, "report", "profit-and-loss") + "?from=2026-01-01&to=2026-12-31").content.decode()
    found = re.findall(r'<input type="hidden" name="(asked|key)" value="([^"]*)"', screen)
    fields = {name: html.unescape(value) for name, value in found}
    typed = {"title": "Year 2026", "saved_as": ["pdf"], **fields}
    for _twice in range(2):
        answer = client.post(page(company, "run-make", "profit-and-loss"), typed)
        assert answer.status_code == 302
    assert "Year 2026" in text(client.get(page(company, "run-list")))
    with system_scope(company):
        job = Job.objects.for_company(company).get(kind="reports.make_report")
    run(company.pk, job.pk)
    with system_scope(company):
        kept = ReportRun.objects.for_company(company).get()
    detail = page(company, "run-detail", kept.pk)
    own = text(client.get(detail))
    assert "Comment" in own and 'value="sign"' not in own, "who made it is not offered to sign"
    checker = Person(company, "controller")
    client = desk_of(checker)
    assert 'value="sign"' in text(client.get(detail))
    decide = page(company, "run-decide", kept.pk)
    assert client.post(decide, {"act": "reject", "comment": " "}).status_code == 422
    assert client.post(decide, {"act": "review", "comment": "Fine"}).status_code == 302
    assert client.post(decide, {"act": "sign"}).status_code == 302
    signed = text(client.get(detail + "?verify=1"))
    assert "signed off" in signed and "every figure is the same" in signed and 'value="sign"' not in signed
    assert client.post(decide, {"act": "zebra"}).status_code == 404
    with system_scope(company):
        change_account(Account.objects.for_company(company).get(code="4000"), subtype="other_income")
    verified = text(client.get(detail + "?verify=1"))
    assert "What it is laid out by was changed since:" in verified and "account 4000 (subtype)" in verified
    listed = text(client.get(page(company, "run-list") + "?state=signed"))
    assert "Year 2026" in listed and "No report matches" in text(client.get(page(company, "run-list") + "?state=made"))
    rows = text(client.get(page(company, "run-list") + "?format=csv")).splitlines()
    assert len(rows) == 2 and "signed," in rows[1]


def test_what_is_different_today_is_shown_beside_what_was_kept(books):
    maker = Person(books, "controller")
    kept = made(maker)
    with system_scope(books):
        book("later", "7")
    client = desk_of(maker)
    shown = text(client.get(page(books, "run-detail", kept.pk) + "?verify=1"))
    assert "rows are different today" in shown and "107.00" in shown and "4000 Sales" in shown


def test_the_list_of_reports_costs_the_same_for_1_20_and_200(books):
    maker = Person(books, "controller")
    kept, costs = made(maker, forms=[]), []
    client = desk_of(maker)
    client.get(page(books, "run-list"))
    for count in (0, 19, 180):
        with system_scope(books):
            for _number in range(count):
                job = Job.objects.get(pk=kept.job_id)
                job.pk, job.key = None, f"k{count}-{_number}"
                job.save(force_insert=True)
                kept.pk, kept.job = None, job
                kept.save(force_insert=True)
        with CaptureQueriesContext(connection) as queries:
            client.get(page(books, "run-list"))
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs


def test_a_schedule_is_made_changed_and_removed(company, signed_in):
    client = signed_in("controller")
    typed = {"name": "Result", "report": "profit-and-loss", "cadence": "monthly", "span": "month", "saved_as": ["pdf"],
             "next_date": "2026-03-02", "recipients": "a@example.com\nb@example.com", "asked": "by=month&compare=year",
             "is_active": "on"}  # fmt: skip
    new = page(company, "schedule-new")
    assert "No report is made by itself yet" in text(client.get(page(company, "schedule-list")))
    refused = client.post(new, typed | {"asked": "zebra=1"})
    assert refused.status_code == 422 and "does not heed" in text(refused) and "a@example.com" in text(refused)
    assert client.post(new, typed | {"next_date": "2026-03-30"}).status_code == 422
    assert client.post(new, typed).status_code == 302
    with system_scope(company):
        schedule = ReportSchedule.objects.for_company(company).get()
    assert schedule.asked == {"by": "month", "compare": "year"}
    assert schedule.recipients == ["a@example.com", "b@example.com"]
    edit = page(company, "schedule-edit", schedule.pk)
    assert "by=month" in text(client.get(edit))
    assert client.post(edit, typed | {"name": "Other", "version": schedule.version}).status_code == 302
    assert client.post(edit, typed | {"version": schedule.version}).status_code == 422, "seen before it changed"
    assert "Other" in text(client.get(page(company, "schedule-list")))
    assert client.post(page(company, "schedule-remove", schedule.pk)).status_code == 302
    assert "No report is made by itself yet" in text(client.get(page(company, "schedule-list")))


def posted(rows, **head):
    columns = {f"row_{name}": [row[name] for row in rows] for name in rows[0]}
    return {"statement": "profit-and-loss", "name": "Board", "equal": "", "seen": "0", **head, **columns}


def test_a_layout_is_begun_from_a_shipped_one_looked_at_and_saved_as_versions(company, signed_in):
    with system_scope(company):
        book("first", "100")
    client, edit = signed_in("accountant"), page(company, "layout-new")
    assert "None yet" in text(client.get(page(company, "layout-list")))
    assert "Umsatzerlöse" in text(client.get(edit + "?from=hgb"))
    rows = typed_rows(shipped_data("ifrs")["profit-and-loss"])
    rows[0]["label"] = "Turnover"
    preview = text(client.post(edit, posted(rows, act="preview")))
    assert "Preview" in preview and "Turnover" in preview and "100.00" in preview
    with system_scope(company):
        assert not StatementLayout.objects.for_company(company).exists()
    rows[0]["content"] = "colour blue"
    wrong = client.post(edit, posted(rows, act="save"))
    assert wrong.status_code == 422 and "Row 1:" in text(wrong) and "Turnover" in text(wrong)
    rows[0]["content"] = "type income"
    assert client.post(edit, posted(rows, act="save", is_usual="on")).status_code == 302
    assert client.post(edit, posted(rows, act="save")).status_code == 422, "version 1 was saved since"
    assert client.post(edit, posted(rows, act="save", seen="1")).status_code == 302
    shown = text(client.get(page(company, "report", "profit-and-loss") + "?to=2026-12-31"))
    assert "Turnover" in shown, "it is the usual one"
    assert "Revenue" in text(client.get(page(company, "report", "profit-and-loss") + "?to=2026-12-31&layout=ifrs"))
    act = page(company, "layout-act")
    assert client.post(act, {"statement": "profit-and-loss", "name": "Board", "act": "retire"}).status_code == 302
    assert "Turnover" not in text(client.get(page(company, "report", "profit-and-loss") + "?to=2026-12-31"))
    old = text(client.get(page(company, "report", "profit-and-loss") + "?to=2026-12-31&layout=Board@1"))
    assert "There is no layout" not in old or "Turnover" in old


def test_who_only_reads_saves_no_layout(company, signed_in):
    client, edit = signed_in("auditor"), page(company, "layout-new")
    assert "Save as the next version" not in text(client.get(edit))
    rows = typed_rows(shipped_data("ifrs")["profit-and-loss"])
    assert client.post(edit, posted(rows, act="save")).status_code == 403
    assert client.post(page(company, "layout-act"), {"statement": "x", "name": "y"}).status_code == 403
    assert client.get(page(company, "schedule-new")).status_code == 403


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_typed_is_what_was_read(name):
    for statement, data in shipped_data(name).items():
        if statement != "title":
            rows = [dict(row) for row in data["rows"]]
            assert [{key: list(value) if isinstance(value, list) else value for key, value in row.items()}
                    for row in rows_typed(typed_rows(data))] == rows  # fmt: skip


def test_a_report_of_a_day_is_asked_for_as_it_is_read(company, signed_in):
    screen = text(signed_in("clerk").get(page(company, "report", "balance-sheet") + "?to=2026-12-31"))
    assert 'value="{"date": "2026-12-31"}"' in screen
    assert datetime.date(2026, 12, 31).isoformat() in screen


@pytest.mark.parametrize("asked", ["[]", '["date"]', "5", "null", "{", "[" * 5000, '{"date": [1]}', '{"zebra": "1"}'])
def test_what_no_page_sends_makes_nothing(company, signed_in, asked):
    typed = {"title": "x", "saved_as": ["pdf"], "asked": asked, "key": "k"}
    answer = signed_in("accountant").post(page(company, "run-make", "profit-and-loss"), typed)
    assert answer.status_code in (302, 404)
    with system_scope(company):
        assert not Job.objects.for_company(company).filter(kind="reports.make_report").exists()


def test_codes_with_spaces_are_a_range_and_other_words_choose_nothing():
    typed = {"kind": "accounts", "key": "a", "label": "A", "content": "code 4000 - 4999 6100", "side": "credit"}
    assert rows_typed([typed])[0]["codes"] == ["4000-4999", "6100"]
    with pytest.raises(BadLayout) as refused:
        rows_typed([typed | {"content": "type income, side credit"}])
    assert refused.value.place == "rows[0]"
