"""What must hold of the documents of an office after a crash, and of the mails that its customers got."""

from collections import Counter
from typing import Any

from tests.invoicing.whole_books import misfits
from tests.long.crashes.invoicing_day import BUYERS, CREDITED, DRAFTS, OfficeDay

_NUMBERS = """
  SELECT split_part(text, '-', 1), count(*) FROM accounting_numberuse WHERE company_id = %s GROUP BY 1
"""
_ENTRIES = "SELECT source, count(*) FROM ledger_entry WHERE company_id = %s GROUP BY source"
_POSTED = """
  SELECT number, id::text FROM invoicing_document WHERE company_id = %s AND state = 'posted'
  UNION ALL SELECT number, id::text FROM invoicing_payment WHERE company_id = %s AND state = 'posted'
"""
_MAILS = "SELECT message_id, state FROM jobs_outboundmail WHERE company_id = %s"


def prove_office(day: OfficeDay, received: list[Any]) -> None:
    """Every act happened once and whole, nobody was asked or charged twice, and `verify` finds nothing."""
    found = misfits(day.rows, day.company)
    assert not found, found
    invoices = BUYERS + CREDITED + DRAFTS + day.recurring
    receipts = sum(1 for number in day.posted if number.startswith("RCT"))
    _same(day.rows(_NUMBERS, day.company), INV=invoices, DN=BUYERS, CN=CREDITED, RCT=receipts)
    _same(
        day.rows(_ENTRIES, day.company), invoice=invoices, debit_note=BUYERS, credit_note=CREDITED, payment=receipts,
        reversal=day.taken_back,
    )  # fmt: skip
    known = dict(day.rows(_POSTED, day.company, day.company))
    lost = {number: id for number, id in day.posted.items() if known.get(number) != id}
    assert not lost, f"acknowledged and not there: {lost}"
    _prove_mails(day, received)
    verified = day.installation.manage("verify", day.slug, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    faults = [fault for caller in day.callers for fault in caller.faults]
    assert not faults, faults


def _same(rows: list[Any], **wanted: int) -> None:
    found = dict(rows)
    assert found == wanted, f"{found} instead of {wanted}"


def _prove_mails(day: OfficeDay, received: list[Any]) -> None:
    """One for each letter and each recurring invoice; what was on its way in the crash was perhaps sent, once."""
    mails = dict(day.rows(_MAILS, day.company))
    assert len(mails) == BUYERS + day.recurring, f"{len(mails)} mails"
    got = Counter(mail["Message-ID"] for mail in received if mail["Message-ID"] in mails)
    twice = {id: times for id, times in got.items() if times > 1}
    assert not twice, f"sent twice: {twice}"
    missing = [id for id, state in mails.items() if state == "sent" and not got[id]]
    assert not missing, f"said to be sent, and never received: {missing}"
    unknown = [id for id, state in mails.items() if state == "unknown"]
    assert len(unknown) <= 2, f"more than can have been on their way: {unknown}"
