"""Other systems learn what happened: once per act, after its commit, signed, again and again until they answer."""

import datetime
import threading

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from jobs.backoff import delay_after
from jobs.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from jobs.webhook_claiming import MOST_ATTEMPTS, claim_due, record
from jobs.webhook_delivery import call, deliver_due
from jobs.webhook_endpoints import change_endpoint, remove_endpoint, rotate_secret
from jobs.webhook_replaying import DeliveryUnderWay, WebhookInactive, ping, replay
from jobs.webhooks import NewEvent, UnknownEvent, emit_many
from tenants.models import AuditEvent
from tests.conftest import make_company
from tests.jobs.outgoing import attempts_of, deliver, delivery_of, happen, inside, listen, move
from tests.jobs.receiver import Receiver, running


@pytest.fixture(autouse=True)
def near(settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    settings.WEBHOOK_TIMEOUT_SECONDS = 1


@pytest.fixture
def receiver():
    with running(Receiver()) as server:
        yield server


def count(company, model):
    with inside(company):
        return model.objects.for_company(company).count()


def test_an_act_is_told_after_its_commit_signed_and_once(committed_company, receiver):
    _endpoint, secret = listen(committed_company, receiver.url())
    with inside(committed_company):
        happen(committed_company, total="12.50")
        assert deliver_in_another_thread(committed_company) == 0, "the act is not committed yet"
    assert deliver(committed_company) == 1

    (call,) = receiver.calls
    told = Webhook(secret).verify(call.body, call.headers)
    delivery = delivery_of(committed_company)
    assert (told["type"], told["data"], told["subject"]) == ("invoice.posted", {"total": "12.50"}, "invoicing_document")
    assert (told["id"], told["company"]) == (str(delivery.event_id), committed_company.slug)
    assert call.headers["webhook-id"] == told["id"]
    assert (delivery.state, delivery.status_code, delivery.excerpt) == ("delivered", 200, "said \ufffd 200")
    assert [(row.number, row.status_code, row.error) for row in attempts_of(delivery)] == [(1, 200, "")]
    assert deliver(committed_company) == 0
    assert len(receiver.calls) == 1


def deliver_in_another_thread(company):
    found = []

    def work():
        try:
            found.append(deliver(company))
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]


def test_what_is_rolled_back_is_never_told(committed_company, receiver):
    listen(committed_company, receiver.url())
    with pytest.raises(ZeroDivisionError), inside(committed_company):
        happen(committed_company)
        raise ZeroDivisionError

    assert deliver(committed_company) == 0
    assert count(committed_company, WebhookEvent) == 0


def test_the_same_act_is_told_once_whoever_repeats_it(committed_company, receiver):
    listen(committed_company, receiver.url())
    happen(committed_company)
    happen(committed_company)
    with inside(committed_company):
        event = NewEvent("invoice.paid", "invoice:1:paid", "x", None, {})
        emit_many([event, event])

    assert deliver(committed_company) == 2
    assert [row["type"] for row in bodies(receiver)] == ["invoice.posted", "invoice.paid"]


def bodies(receiver):
    import json

    return sorted((json.loads(call.body) for call in receiver.calls), key=lambda row: row["id"])


def test_a_webhook_hears_what_it_asked_for(committed_company, receiver):
    listen(committed_company, receiver.url("/200/a"), events=["invoice.paid"])
    listen(committed_company, receiver.url("/200/b"))
    happen(committed_company)
    happen(committed_company, key="2", type="invoice.paid")
    happen(committed_company, key="3", type="payment.posted")
    deliver(committed_company)

    heard = sorted(call.path for call in receiver.calls)
    assert heard == ["/200/a", *["/200/b"] * 3]


def test_an_unknown_event_is_a_fault_of_ours(company, scope):
    with pytest.raises(UnknownEvent):
        emit_many([NewEvent("invoice.eaten", "1", "x", None, {})])


def test_emitting_costs_one_query_without_webhooks_and_three_for_any_number_of_events(company, scope, receiver):
    many = [NewEvent("invoice.posted", str(number), "x", None, {"n": number}) for number in range(200)]
    with CaptureQueriesContext(connection) as none:
        emit_many(many)
    assert statements(none) == 1
    assert WebhookEvent.objects.for_company(company).count() == 0

    listen(company, receiver.url())
    costs = []
    for first, last in ((0, 1), (1, 20), (20, 200)):
        with CaptureQueriesContext(connection) as queries:
            emit_many(many[first:last])
        costs.append(statements(queries))
    assert costs == [3, 3, 3]
    assert WebhookDelivery.objects.for_company(company).count() == 200


def statements(queries):
    return sum("SAVEPOINT" not in one["sql"] for one in queries.captured_queries)


def test_two_workers_at_the_same_moment_tell_it_once(committed_company, receiver):
    listen(committed_company, receiver.url())
    for number in range(10):
        happen(committed_company, key=str(number))
    threads = [threading.Thread(target=deliver_in_another_thread, args=[committed_company]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while deliver(committed_company):
        pass

    ids = [call.headers["webhook-id"] for call in receiver.calls]
    assert len(ids) == len(set(ids)) == 10


def test_a_failure_is_tried_again_later_under_the_same_id(committed_company, receiver):
    endpoint, secret = listen(committed_company, receiver.url("/500"))
    happen(committed_company)
    deliver(committed_company)

    failed = delivery_of(committed_company)
    assert (failed.state, failed.attempts, failed.status_code, failed.error) == ("failed", 1, 500, "It answered 500.")
    assert datetime.timedelta(seconds=5) < failed.next_at - timezone.now() < datetime.timedelta(seconds=13)
    assert failed.endpoint.failing_since is not None
    assert deliver(committed_company) == 0, "its time has not come"

    move(committed_company, WebhookDelivery, next_at=timezone.now())
    with inside(committed_company):
        change_endpoint(endpoint, url=receiver.url("/204"))
    deliver(committed_company)

    delivered = delivery_of(committed_company)
    assert (delivered.state, delivered.attempts, delivered.error) == ("delivered", 2, "")
    assert delivered.endpoint.failing_since is None
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert len({call.body for call in receiver.calls}) == 1
    assert [Webhook(secret).verify(call.body, call.headers)["type"] for call in receiver.calls] == [
        "invoice.posted"
    ] * 2
    assert [row.status_code for row in attempts_of(delivered)] == [500, 204]


def test_attempts_grow_further_apart_and_end_after_three_days(committed_company, receiver):
    listen(committed_company, receiver.url("/500"))
    happen(committed_company)
    for number in range(MOST_ATTEMPTS):
        assert deliver(committed_company) == 1
        if number < MOST_ATTEMPTS - 1:
            move(committed_company, WebhookDelivery, next_at=timezone.now())

    given_up = delivery_of(committed_company)
    assert (given_up.state, given_up.attempts, given_up.next_at) == ("abandoned", MOST_ATTEMPTS, None)
    assert deliver(committed_company) == 0
    waits = [delay_after(attempt).total_seconds() for attempt in range(1, MOST_ATTEMPTS)]
    assert 2 * 86400 < sum(waits) < 4 * 86400
    assert waits[0] < 13 < waits[1] < waits[3] < waits[5] < waits[7] <= 1.2 * 20 * 3600


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/slow", "No answer within 1 seconds."),
        ("/drip", "No answer within 1 seconds."),
        ("/redirect", "It answered 302: redirects are not followed."),
        ("/404", "It answered 404."),
    ],
)
def test_every_other_answer_is_a_failure_that_says_why(committed_company, receiver, path, said):
    listen(committed_company, receiver.url(path))
    happen(committed_company)
    started = timezone.now()
    deliver(committed_company)

    failed = delivery_of(committed_company)
    assert (failed.state, failed.error) == ("failed", said)
    assert len(receiver.calls) == 1
    assert timezone.now() - started < datetime.timedelta(seconds=3)


def test_a_host_that_is_not_there_is_a_failure_too(committed_company):
    listen(committed_company, "http://127.0.0.1:9/hook")
    happen(committed_company)
    deliver(committed_company)

    failed = delivery_of(committed_company)
    assert (failed.state, failed.status_code) == ("failed", None)
    assert failed.error.startswith("The connection failed: ")


def test_no_more_is_read_than_is_needed(committed_company, receiver):
    listen(committed_company, receiver.url("/large"))
    happen(committed_company)
    deliver(committed_company)

    assert delivery_of(committed_company).state == "delivered"
    assert len(delivery_of(committed_company).excerpt) == 2000


def test_a_host_that_asks_for_a_pause_gets_it(committed_company, receiver):
    listen(committed_company, receiver.url("/503-later"))
    happen(committed_company)
    deliver(committed_company)

    wait = delivery_of(committed_company).next_at - timezone.now()
    assert datetime.timedelta(hours=1, minutes=59) < wait < datetime.timedelta(hours=2, minutes=1)


def test_the_old_secret_goes_on_beside_the_new_one_for_a_while(committed_company, receiver):
    endpoint, old = listen(committed_company, receiver.url())
    with inside(committed_company):
        _endpoint, new = rotate_secret(endpoint, 2)
    happen(committed_company)
    deliver(committed_company)
    first = receiver.calls[0]
    assert Webhook(old).verify(first.body, first.headers) == Webhook(new).verify(first.body, first.headers)

    with inside(committed_company):
        _endpoint, newest = rotate_secret(endpoint, 0)
    happen(committed_company, key="2")
    deliver(committed_company)
    second = receiver.calls[1]
    assert Webhook(newest).verify(second.body, second.headers)
    for ended in (old, new):
        with pytest.raises(WebhookVerificationError):
            Webhook(ended).verify(second.body, second.headers)


def test_a_second_rotation_ends_the_secret_before_the_last(committed_company, receiver):
    endpoint, first = listen(committed_company, receiver.url())
    with inside(committed_company):
        _endpoint, second = rotate_secret(endpoint)
        _endpoint, third = rotate_secret(endpoint)
    happen(committed_company)
    deliver(committed_company)
    (call,) = receiver.calls

    assert Webhook(second).verify(call.body, call.headers) == Webhook(third).verify(call.body, call.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(first).verify(call.body, call.headers)


def test_no_secret_is_in_the_audit_trail(company, scope, receiver):
    endpoint, first = listen(company, receiver.url())
    _endpoint, second = rotate_secret(endpoint)
    noted = AuditEvent.objects.for_company(company).filter(subject__startswith="jobs_webhook").values("before", "after")

    assert len(noted) == 2
    assert first not in str(noted)
    assert second not in str(noted)


def test_a_worker_that_died_is_followed_by_another_under_the_same_id(committed_company, receiver):
    listen(committed_company, receiver.url())
    happen(committed_company)
    (dying,) = claim_due(committed_company)
    assert call(dying).is_success
    assert deliver(committed_company) == 0, "somebody else has it"

    move(committed_company, WebhookDelivery, claimed_until=timezone.now() - datetime.timedelta(seconds=1))
    assert deliver(committed_company) == 1

    delivered = delivery_of(committed_company)
    assert (delivered.state, delivered.attempts) == ("delivered", 2)
    assert len(receiver.calls) == 2
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert record(dying, call(dying)) is False, "who lost the claim changes nothing"
    assert [bool(row.error) for row in attempts_of(delivered)] == [True, False, False]


def test_a_delivery_whose_workers_keep_dying_is_given_up(committed_company, receiver):
    listen(committed_company, receiver.url())
    happen(committed_company)
    for _number in range(MOST_ATTEMPTS):
        assert claim_due(committed_company)
        move(committed_company, WebhookDelivery, claimed_until=timezone.now() - datetime.timedelta(seconds=1))

    assert deliver(committed_company) == 0
    given_up = delivery_of(committed_company)
    assert (given_up.state, given_up.error) == ("abandoned", "The worker ended before it heard the answer.")


def test_a_webhook_that_only_fails_is_disabled_after_five_days(committed_company, receiver):
    endpoint, _secret = listen(committed_company, receiver.url("/500"))
    happen(committed_company)
    deliver(committed_company)
    move(committed_company, WebhookEndpoint, failing_since=timezone.now() - datetime.timedelta(days=5, seconds=1))
    move(committed_company, WebhookDelivery, next_at=timezone.now())
    happen(committed_company, key="2")
    deliver(committed_company)

    with inside(committed_company):
        disabled = WebhookEndpoint.objects.for_company(committed_company).get()
        assert (disabled.is_active, disabled.disabled_reason) == (False, "Nothing could be delivered for 5 days.")
        states = WebhookDelivery.objects.for_company(committed_company).values_list("state", flat=True)
        assert set(states) == {"abandoned"}
    happen(committed_company, key="3")
    assert count(committed_company, WebhookEvent) == 2, "nobody listens any more"

    with inside(committed_company):
        again = change_endpoint(endpoint, is_active=True, url=receiver.url())
        assert (again.disabled_reason, again.failing_since) == ("", None)


def test_a_webhook_that_is_gone_is_disabled_at_once(committed_company, receiver):
    listen(committed_company, receiver.url("/410"))
    happen(committed_company)
    deliver(committed_company)

    delivery = delivery_of(committed_company)
    assert (delivery.state, delivery.endpoint.is_active) == ("abandoned", False)
    assert "410" in delivery.endpoint.disabled_reason


def test_a_slow_webhook_gets_so_many_calls_at_once_and_no_more(committed_company, receiver):
    listen(committed_company, receiver.url())
    for number in range(20):
        happen(committed_company, key=str(number))

    assert (len(claim_due(committed_company)), len(claim_due(committed_company))) == (8, 0)


def test_what_was_given_up_is_sent_again_by_hand(committed_company, receiver):
    endpoint, _secret = listen(committed_company, receiver.url("/410"))
    happen(committed_company)
    deliver(committed_company)
    with inside(committed_company):
        with pytest.raises(WebhookInactive):
            replay(delivery_of(committed_company))
        change_endpoint(endpoint, url=receiver.url(), is_active=True)
        again = replay(delivery_of(committed_company))
        assert (again.state, again.attempts, again.replayed_by) == ("waiting", 0, "test")
        with pytest.raises(DeliveryUnderWay):
            replay(again)
    deliver(committed_company)

    assert delivery_of(committed_company).state == "delivered"
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1


def test_a_ping_goes_to_one_webhook_whatever_it_listens_to(committed_company, receiver):
    endpoint, secret = listen(committed_company, receiver.url("/200/a"), events=["invoice.paid"])
    listen(committed_company, receiver.url("/200/b"))
    with inside(committed_company):
        ping(endpoint)
        ping(endpoint)
    deliver(committed_company)

    assert [call.path for call in receiver.calls] == ["/200/a", "/200/a"]
    assert Webhook(secret).verify(receiver.calls[0].body, receiver.calls[0].headers)["type"] == "ping"


def test_a_removed_webhook_is_told_nothing_more_and_its_log_stays(committed_company, receiver):
    endpoint, _secret = listen(committed_company, receiver.url())
    happen(committed_company)
    with inside(committed_company):
        remove_endpoint(endpoint)

    assert deliver(committed_company) == 0
    assert receiver.calls == []
    assert delivery_of(committed_company).error == "The webhook was removed."


def test_a_round_serves_every_company_and_keeps_them_apart(committed_company, receiver):
    other = make_company()
    listen(committed_company, receiver.url("/200/ours"))
    listen(other, receiver.url("/200/theirs"))
    happen(committed_company, whose="ours")
    happen(other, whose="theirs")
    assert deliver_due() >= 2
    called = len(receiver.calls)
    deliver_due()
    assert len(receiver.calls) == called

    told = {call.path: call.body for call in receiver.calls}
    assert set(told) == {"/200/ours", "/200/theirs"}
    assert b'"theirs"' in told["/200/theirs"]
    assert b'"theirs"' not in told["/200/ours"]


@pytest.mark.parametrize("model", [WebhookEvent, WebhookAttempt])
def test_what_happened_is_never_changed(committed_company, receiver, model):
    listen(committed_company, receiver.url())
    happen(committed_company)
    deliver(committed_company)

    for act in ("update", "delete"):
        with pytest.raises(DatabaseError), transaction.atomic(), inside(committed_company):
            rows = model.objects.for_company(committed_company)
            rows.update(company=committed_company) if act == "update" else rows._raw_delete("default")


def test_the_clock_knows_who_tells_and_sends(committed_company, receiver, settings):
    from config.celery import app

    app.loader.import_default_modules()
    for entry in ("deliver-webhooks", "send-mails"):
        assert settings.CELERY_BEAT_SCHEDULE[entry]["task"] in app.tasks
    listen(committed_company, receiver.url())
    happen(committed_company)
    app.tasks["jobs.tasks.deliver_webhooks"]()
    assert delivery_of(committed_company).state == "delivered"
