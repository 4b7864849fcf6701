"""Sending, dunning, statements and the inbox in a real browser: the policy holds, and axe finds nothing."""

import datetime

import pytest

from invoicing.approving import submit_document
from invoicing.dunning import run_dunning
from invoicing.dunning_blocks import block_dunning
from invoicing.dunning_levels import add_usual_levels
from invoicing.logo import set_logo
from invoicing.mail_templates import save_template
from invoicing.mailing import mail_document
from invoicing.public_links import address_of, share_document
from tenants.approvals import set_rule
from tests.books import DAY
from tests.conftest import make_member
from tests.invoicing.papers import add_tax, customer, draft, line, posted, supplier
from tests.invoicing.test_sending import png
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside

pytestmark = pytest.mark.pages
LATE = DAY + datetime.timedelta(days=30)


@pytest.fixture(autouse=True)
def alone(monkeypatch, settings, tmp_path):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    settings.MEDIA_ROOT, settings.PUBLIC_URL = str(tmp_path), "https://books.example.com"


def fill(company):
    """Late invoices of two customers, one of whom was dunned, one spared; a bill that waits."""
    with inside(company):
        add_tax("V20", "20")
        add_usual_levels()
        set_logo(png())
        save_template("document", "de", "{kind} {number}", "Guten Tag, anbei {kind} {number}.\n{link}")
        set_rule("bill")
        first = customer("Adatum Trading and Shipping Company Ltd", email="accounts@adatum.example.com")
        other = customer("Fabrikam")
        invoice = posted(first, line("1250.00", "2", "V20"), due_date=DAY, reference="PO 4711")
        posted(first, line("80.00", tax="V20"), due_date=DAY)
        late, spared = (posted(other, line(price, tax="V20"), due_date=DAY) for price in ("430.00", "12.00"))
        block_dunning(document_id=spared.pk, reason="The goods were broken")
        (notice, _second) = run_dunning(DAY + datetime.timedelta(days=8)).notices
        mail_document(invoice.pk, key="one")
        link = share_document(invoice.pk)
        link.company = company
        submit_document(draft(supplier("Contoso Paper"), line("640.00"), reference="R-2026-17").pk)
        return first, invoice, late, notice, address_of(link).removeprefix("https://books.example.com")


def test_every_page_of_sending_and_dunning_is_accessible(committed_company):
    walk_sending(committed_company, WIDE)


def walk_sending(company, window):
    """Every page, empty and full; the public one without signing in."""
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for path in ("dunning/", "dunning/notices/", "dunning/levels/", "mail-templates/", "approvals/documents/"):
            page.goto(f"/c/{company.slug}/{path}")
            check(page, f"empty {path}")
        first, invoice, late, notice, public = fill(company)
        days = f"?start={DAY}&end={LATE}"
        paths = [
            f"dunning/?date={LATE}", "dunning/notices/", f"dunning/notices/{notice.pk}/", "dunning/levels/",
            "dunning/levels/new/", "mail-templates/", "mail-templates/new/", "invoicing-settings/",
            f"documents/{invoice.pk}/", f"documents/{invoice.pk}/mail/", f"documents/{late.pk}/",
            f"contacts/{first.pk}/", f"contacts/{first.pk}/statement/{days}", "approvals/documents/", "approvals/",
        ]  # fmt: skip
        for path in paths:
            page.goto(f"/c/{company.slug}/{path}")
            page.wait_for_load_state("networkidle")
            check(page, path)
        page.context.clear_cookies()
        page.goto(public)
        check(page, "public")
        assert page.problems == []
