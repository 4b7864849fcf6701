"""The pages of open items, deferrals, limits and files in a real browser: the policy holds and axe finds nothing."""

import pytest

from tests.conftest import make_member
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside
from tests.pages.items import PDF, fill_items

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch, settings, tmp_path):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    settings.MEDIA_ROOT = str(tmp_path)


def paths(books):
    chosen = f"open-items/settle/?line={books.invoice.pk}&line={books.payment.pk}"
    return [
        "open-items/", "open-items/?show=all&date=2026-12-31", "open-items/?account=1100&sub_account=C9", chosen,
        "settlements/", f"settlements/{books.settled}/", f"settlements/{books.first}/", "revaluation/?date=2026-04-30",
        "revaluation/?date=2026-04-12", "deferrals/", "deferrals/new/", f"deferrals/new/?entry={books.prepaid}&line=1",
        f"deferrals/{books.deferral.pk}/", "limits/", "limits/new/", f"limits/{books.limit.pk}/",
        f"holds/{books.held.pk}/post/", "planned-reversals/", "planned-reversals/?state=done",
        f"entries/{books.invoice.entry_id}/", f"entries/{books.prepaid}/", f"drafts/{books.draft.pk}/",
        f"drafts/{books.draft.pk}/edit/",
    ]  # fmt: skip


def test_every_page_of_items_keeps_the_policy_and_is_accessible(committed_company):
    walk_items(committed_company, WIDE)


def walk_items(company, window):
    """Every page about open items, deferrals, limits and files."""
    books = fill_items(company)
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for path in paths(books):
            page.goto(f"/c/{company.slug}/{path}")
            check(page, path)
        assert [text for text in page.problems if "422" not in text] == []


def test_items_are_settled_with_the_keyboard_after_a_look_at_what_stays_open(committed_company):
    from ledger.models import Settlement

    fill_items(committed_company)
    viewport = {"width": 1440, "height": 900}
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), viewport=viewport) as page:
        page.goto(f"/c/{committed_company.slug}/open-items/?account=1100&sub_account=C1")
        page.locator("input[data-all]").focus()
        page.keyboard.press("Space")
        assert page.locator("[name=line]:checked").count() == 3
        page.get_by_role("button", name="Settle the chosen items").press("Enter")
        page.wait_for_url("**/open-items/settle/**")
        amounts = page.locator("[name=debit_amount]")
        assert [amounts.nth(n).input_value() for n in range(3)] == ["1200.00", "300.00", ""]
        amounts.nth(0).fill("1200-50")
        page.keyboard.press("Tab")
        page.wait_for_selector("#outcome >> text=50.00")
        amounts.nth(1).fill("9999")
        page.keyboard.press("Tab")
        page.wait_for_selector("#outcome .message.warning >> text=is open")
        amounts.nth(1).fill("")
        page.keyboard.press("Tab")
        page.wait_for_selector("#outcome >> text=No exchange difference")
        page.get_by_role("button", name="Settle", exact=True).press("Enter")
        page.wait_for_url("**/settlements/0*/")
        assert "1,500.00" in page.locator(".total").first.inner_text()
        assert page.problems == []
    with inside(committed_company):
        made = Settlement.objects.for_company(committed_company).order_by("-settled_at").first()
        assert sorted(made.allocations.values_list("debit_amount", flat=True)) == [350, 1150]


def test_a_file_is_attached_while_a_draft_is_edited_and_nothing_typed_is_lost(committed_company):
    from ledger.models import Attachment

    books = fill_items(committed_company)
    viewport = {"width": 390, "height": 844}
    with serving() as url, browsing(url, make_member(committed_company, "clerk"), viewport=viewport) as page:
        page.goto(f"/c/{committed_company.slug}/drafts/{books.draft.pk}/edit/")
        page.locator("[name=memo]").fill("Half typed")
        for name, content, seen in (
            ("photo.exe", b"MZ", ".message.error >> text=photo.exe"),
            ("bill.pdf", PDF, ">> text=bill.pdf"),
        ):
            file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            page.locator("#id_files").set_input_files([file])
            page.get_by_role("button", name="Attach").click()
            page.wait_for_selector(f"#files {seen}")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Remove receipt.pdf").click()
        page.wait_for_selector("text=receipt.pdf", state="detached")
        assert page.locator("[name=memo]").input_value() == "Half typed"
        with page.expect_download() as download:
            page.get_by_role("link", name="bill.pdf").click()
        assert download.value.suggested_filename == "bill.pdf"
        assert page.problems == []
    with inside(committed_company):
        assert Attachment.objects.for_company(committed_company).get().name == "bill.pdf"


def test_the_parts_of_a_deferral_are_shown_while_it_is_typed(committed_company):
    fill_items(committed_company)
    viewport = {"width": 1440, "height": 900}
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), viewport=viewport) as page:
        page.goto(f"/c/{committed_company.slug}/deferrals/new/")
        page.locator("[name=name]").fill("Licences")
        page.locator("[name=from_account]").fill("prep")
        page.keyboard.press("Tab")
        page.locator("[name=to_account]").fill("5000")
        page.locator("[name=amount]").fill("100")
        page.locator("[name=start]").fill("2026-01-01")
        page.locator("[name=end]").fill("2026-03-31")
        page.locator("[name=end]").press("Tab")
        page.wait_for_selector("#parts >> text=33.34")
        page.get_by_role("button", name="Spread", exact=True).press("Enter")
        page.wait_for_url("**/deferrals/0*/")
        assert "1300 Prepaid expenses" in page.locator(".facts").inner_text()
        assert page.problems == []
