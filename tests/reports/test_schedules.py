"""Reports made by themselves: on their days, after a closing, once, for the right days, sent to who is named."""

import datetime

import pytest

from accounting.models import Period
from accounting.periods import close_period, reopen_period
from jobs.models import Job, OutboundMail
from jobs.running import run
from reports import periods
from reports.models import ReportRun, ReportSchedule
from reports.report_schedules import (
    BadSchedule,
    ScheduleChanged,
    ScheduleContent,
    add_schedule,
    change_schedule,
    days_of,
    make_due_reports,
    remove_schedule,
)
from reports.run_decisions import MakerChecks, sign_off
from tenants.refusal import NotPermitted
from tests.constitution.raw import system_scope
from tests.reports.test_report_runs import Person, book

day = datetime.date
FIRST = day(2026, 3, 2)


def content(**changes):
    fields = {"name": "Monthly result", "report": "profit-and-loss", "cadence": "monthly", "span": "month",
              "next_date": FIRST} | changes  # fmt: skip
    return ScheduleContent(**fields)


def due(company, today):
    with system_scope(company):
        make_due_reports(today)
        return [(job.parameters["occurrence"], job.parameters["asked"].get("start"), job.parameters["asked"]["date"])
                for job in Job.objects.for_company(company).filter(kind="reports.make_report").order_by("created_at", "id")]  # fmt: skip


@pytest.mark.parametrize(
    ("span", "made", "expected"),
    [
        ("day", day(2026, 3, 1), (day(2026, 2, 28), day(2026, 2, 28))),
        ("month", day(2026, 3, 1), (day(2026, 2, 1), day(2026, 2, 28))),
        ("month", day(2026, 1, 15), (day(2025, 12, 1), day(2025, 12, 31))),
        ("quarter", day(2026, 5, 9), (day(2026, 1, 1), day(2026, 3, 31))),
        ("quarter", day(2026, 1, 1), (day(2025, 10, 1), day(2025, 12, 31))),
        ("year_to_date", day(2026, 1, 1), (day(2025, 1, 1), day(2025, 12, 31))),
        ("year_to_date", day(2026, 7, 2), (day(2026, 1, 1), day(2026, 7, 1))),
    ],
)
def test_the_days_of_a_report_follow_from_the_day_it_is_made_on(scope, span, made, expected):
    assert days_of(scope.company, span, made) == expected


def test_each_day_is_asked_for_once_and_missed_ones_are_caught_up(committed_company):
    with system_scope(committed_company):
        add_schedule(content())
    assert due(committed_company, day(2026, 3, 1)) == []
    expected = [("2026-03-02", "2026-02-01", "2026-02-28")]
    assert due(committed_company, FIRST) == due(committed_company, FIRST) == expected
    expected += [("2026-04-02", "2026-03-01", "2026-03-31"), ("2026-05-02", "2026-04-01", "2026-04-30")]
    assert due(committed_company, day(2026, 5, 30)) == expected


@pytest.mark.parametrize(("cadence", "count"), [("daily", 8), ("weekly", 2)])
def test_days_and_weeks(committed_company, cadence, count):
    with system_scope(committed_company):
        add_schedule(content(cadence=cadence, span="day", report="balance-sheet"))
    assert len(due(committed_company, FIRST + datetime.timedelta(days=7))) == count


def test_after_a_closing_the_report_is_about_the_period_that_was_closed(committed_company):
    company = committed_company
    with system_scope(company):
        for period in Period.objects.for_company(company).filter(start__lt=day(2026, 1, 1)).order_by("start"):
            close_period(period)
        add_schedule(content(cadence="after_close", next_date=day(2026, 1, 2)))
        assert make_due_reports(day(2026, 6, 1)) == 0, "what was closed before is not made"
        january = Period.objects.for_company(company).get(start=day(2026, 1, 1))
        close_period(january, soft=True)
    assert due(company, day(2026, 6, 1)) == [("2026-02-01", "2026-01-01", "2026-01-31")]
    with system_scope(company):
        january.refresh_from_db()
        close_period(reopen_period(january, reason="Late bill"))
    assert len(due(company, day(2026, 6, 1))) == 1, "closed again, it is not made again"


def test_who_is_named_gets_the_files_once(committed_company):
    company = committed_company
    with system_scope(company):
        book("first", "100", date=day(2026, 2, 3))
        schedule = add_schedule(content(forms=["pdf", "csv"], recipients=["board@example.com"]))
        make_due_reports(FIRST)
        job = Job.objects.for_company(company).get(kind="reports.make_report")
    run(company.pk, job.pk)
    with system_scope(company):
        kept = ReportRun.objects.for_company(company).get(schedule=schedule)
        mail = OutboundMail.objects.for_company(company).get(about_id=kept.pk)
        assert (kept.title, kept.occurrence, str(kept.date)) == ("Monthly result", FIRST, "2026-02-28")
        assert mail.to == ["board@example.com"] and "Monthly result, 28 Feb 2026" in mail.subject
        assert sorted(file["name"].rpartition(".")[2] for file in mail.attachments) == ["csv", "pdf"]
        remove_schedule(schedule.pk)
        schedule.refresh_from_db()
        assert not schedule.is_active, "what has made reports rests"


def test_a_schedule_is_changed_as_it_was_seen(scope):
    schedule = add_schedule(content())
    changed = change_schedule(schedule.pk, content(is_active=False), version=schedule.version)
    assert not changed.is_active and make_due_reports(day(2027, 1, 1)) == 0
    with pytest.raises(ScheduleChanged):
        change_schedule(schedule.pk, content(), version=1)
    remove_schedule(schedule.pk)
    assert not ReportSchedule.objects.for_company(scope.company).exists()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": " "}, "name"), ({"cadence": "hourly"}, "cadence"), ({"span": "decade"}, "span"),
        ({"next_date": day(2026, 3, 29)}, "next_date"), ({"forms": ["docx"]}, "forms"),
        ({"recipients": ["nobody"]}, "recipients"), ({"forms": [], "recipients": ["a@example.com"]}, "forms"),
        ({"recipients": ["a@example.com"] * 51}, "recipients"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_at_its_place(scope, changes, place):
    with pytest.raises(BadSchedule) as refused:
        add_schedule(content(**changes))
    assert refused.value.place == place


def test_who_may_not_export_schedules_nothing(committed_company):
    from tenants.permissions import permissions_of_role
    from tenants.scope import Actor, company_scope

    reader = Actor(type="user", name="Reader", id=None, permissions=permissions_of_role("auditor"))
    with company_scope(committed_company, actor=reader), pytest.raises(NotPermitted):
        add_schedule(content())
    assert Person(committed_company, "controller")(add_schedule, content()).pk


def test_months_before_keep_the_last_day():
    assert periods.months_before(day(2026, 3, 31), 1) == day(2026, 2, 28)
    assert periods.months_before(day(2026, 2, 28), -1) == day(2026, 3, 31)
    assert periods.months_before(day(2026, 1, 15), 13) == day(2024, 12, 15)


def test_the_28th_stays_the_28th(committed_company):
    with system_scope(committed_company):
        add_schedule(content(next_date=day(2027, 1, 28)))
    made = [occurrence for occurrence, *_days in due(committed_company, day(2027, 5, 1))]
    assert made == ["2027-01-28", "2027-02-28", "2027-03-28", "2027-04-28"]


def test_set_back_to_a_day_that_was_made_a_schedule_makes_what_is_new(committed_company):
    company = committed_company
    with system_scope(company):
        schedule = add_schedule(content())
    assert len(due(company, FIRST)) == 1
    with system_scope(company):
        change_schedule(schedule.pk, content(name="Called otherwise"))
        add_schedule(content(name="Another", report="balance-sheet"))
    assert len(due(company, day(2026, 4, 2))) == 4


def test_what_is_refused_rests_and_keeps_nobody_waiting(committed_company):
    company = committed_company
    with system_scope(company):
        wrong = add_schedule(content(next_date=day(2026, 1, 1)))
        ReportSchedule.objects.for_company(company).filter(pk=wrong.pk).update(report="zebra")
        add_schedule(content())
    assert len(due(company, FIRST)) == 1
    with system_scope(company):
        wrong.refresh_from_db()
        assert not wrong.is_active


def test_periods_closed_out_of_order_are_each_made(committed_company):
    company = committed_company
    with system_scope(company):
        for period in Period.objects.for_company(company).filter(start__lt=day(2026, 1, 1)).order_by("start"):
            close_period(period)
        add_schedule(content(cadence="after_close", next_date=day(2026, 1, 2)))
        march = Period.objects.for_company(company).get(start=day(2026, 3, 1))
        Period.objects.for_company(company).filter(pk=march.pk).update(status="soft_closed")
    assert [end for *_rest, end in due(company, day(2026, 6, 1))] == ["2026-03-31"]
    with system_scope(company):
        close_period(Period.objects.for_company(company).get(start=day(2026, 1, 1)), soft=True)
    assert [end for *_rest, end in due(company, day(2026, 6, 1))] == ["2026-03-31", "2026-01-31"]


def test_who_keeps_the_schedule_is_the_maker_of_its_reports(committed_company):
    company = committed_company
    keeper = Person(company, "controller")
    keeper(add_schedule, content())
    with system_scope(company):
        make_due_reports(FIRST)
        job = Job.objects.for_company(company).get(kind="reports.make_report")
    run(company.pk, job.pk)
    with system_scope(company):
        kept = ReportRun.objects.for_company(company).get()
    with pytest.raises(MakerChecks):
        keeper(sign_off, kept.pk)
    assert Person(company, "controller")(sign_off, kept.pk).kind == "signed"
