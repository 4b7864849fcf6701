"""Settlements, deferrals, limits, holds and files in the admin: looked at there, acted on by the acts of the pages."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.models import Attachment, Deferral, Hold, HoldEnd, Settlement
from tests.conftest import make_company
from tests.pages.conftest import fetched, inside
from tests.pages.items import PDF, fill_items

LISTS = ["settlement", "deferral", "limit", "hold", "attachment", "autoreversal"]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def books(company):
    return fill_items(company)


def visit(client, company):
    """The admin works in the company that was visited last."""
    client.get(f"/c/{company.slug}/settings/")
    return client


def act(client, model, action, *rows, **fields):
    data = {"action": action, "_selected_action": [str(pk) for pk in rows], **fields}
    return client.post(f"/admin/ledger/{model}/", data, follow=True).content.decode()


def test_the_lists_open_for_readers_and_show_their_company_only(signed_in, company, books):
    other = make_company()
    fill_items(other)
    client = visit(signed_in("auditor"), company)
    for model in LISTS:
        page = client.get(f"/admin/ledger/{model}/")
        assert page.status_code == 200, model
        rows = apps.get_model("ledger", model)
        with inside(other):
            theirs = rows.objects.for_company(other).first()
        assert str(theirs.pk) not in page.content.decode(), model
        assert client.get(f"/admin/ledger/{model}/{theirs.pk}/change/").status_code in (302, 404), model
        with inside(company):
            own = rows.objects.for_company(company).first()
        assert str(own.pk) in page.content.decode(), model
        assert client.get(f"/admin/ledger/{model}/{own.pk}/change/").status_code == 200, model
        assert client.get(f"/admin/ledger/{model}/{own.pk}/delete/").status_code == 403, model
        assert client.get(f"/admin/ledger/{model}/add/").status_code == 403, model


def test_settlements_are_taken_back_and_deferrals_stopped_with_date_and_reason(signed_in, company, books):
    client = visit(signed_in("accountant"), company)
    asked = act(client, "settlement", "take_back", books.settled)
    assert "With one reason for all of them" in asked
    assert "This field is required" in act(
        client, "settlement", "take_back", books.settled, date="2026-06-01", reason=""
    )
    done = act(client, "settlement", "take_back", books.settled, date="2026-06-01", reason="Bounced")
    assert "Settlements taken back: 1" in done
    assert fetched(company, Settlement, undoes_id=books.settled).reason == "Bounced"
    refused = act(client, "settlement", "take_back", books.undone, date="2026-06-01", reason="x")
    assert "settle the items anew" in refused
    act(client, "deferral", "stop", books.deferral.pk, date="2026-06-10", reason="Cancelled")
    assert fetched(company, Deferral).reason == "Cancelled"


def test_holds_are_voided_and_files_of_drafts_removed(signed_in, company, books):
    client = visit(signed_in("accountant"), company)
    assert "Holds voided: 1" in act(client, "hold", "void", books.held.pk, reason="Shop closed")
    assert fetched(company, HoldEnd, hold=books.held).reason == "Shop closed"
    assert "Files removed: 1" in act(client, "attachment", "remove", books.file.pk)
    with inside(company):
        assert not Attachment.objects.for_company(company).exists()


def test_who_lacks_the_right_is_offered_no_act(signed_in, company, books):
    chosen = {"settlement": ("take_back", books.settled), "deferral": ("stop", books.deferral.pk),
              "hold": ("void", books.held.pk), "attachment": ("remove", books.file.pk)}  # fmt: skip
    client = visit(signed_in("auditor"), company)
    for model, (action, pk) in chosen.items():
        assert f'value="{action}"' not in client.get(f"/admin/ledger/{model}/").content.decode()
        act(client, model, action, pk, date="2026-06-01", reason="x")
    with inside(company):
        assert HoldEnd.objects.for_company(company).filter(hold=books.held).count() == 0
        assert Settlement.objects.for_company(company).filter(undoes_id=books.settled).count() == 0
        assert Deferral.objects.for_company(company).get().stopped_on is None
        assert Attachment.objects.for_company(company).exists()


def test_the_lists_cost_the_same_for_1_and_20_rows(signed_in, company, books):
    from ledger.attachments import attach
    from ledger.holds import reserve

    client = visit(signed_in("accountant"), company)
    for model in ("hold", "attachment"):
        costs = []
        for start, count in ((0, 1), (1, 19)):
            with inside(company):
                for n in range(start, start + count):
                    reserve(books.limit.pk, Decimal(-1), key=f"more {n}") if model == "hold" else attach(
                        f"{n}.pdf", PDF, draft_id=books.draft.pk
                    )
            client.get(f"/admin/ledger/{model}/")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/admin/ledger/{model}/")
            costs.append(len(queries))
        assert len(set(costs)) == 1, (model, costs)
    with inside(company):
        assert Hold.objects.for_company(company).count() == 22
