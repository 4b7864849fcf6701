"""What must hold of the documents of an office after a crash, and of the mails that its customers got."""

from collections import Counter
from typing import Any

from tests.invoicing.whole_books import misfits
from tests.long.crashes.invoicing_day import BUYERS, CREDITED, DRAFTS, OfficeDay

_NUMBERS = """
  SELECT split_part(text, '-', 1), count(*) FROM accounting_numberuse WHERE company_id = %s GROUP BY 1
"""
_ENTRIES = "SELECT source, count(*) FROM ledger_entry WHERE company_id = %s GROUP BY source"
_MAILS = "SELECT message_id, state FROM jobs_outboundmail WHERE company_id = %s"


def prove_office(day: OfficeDay, received: list[Any]) -> None:
    """Every act happened once and whole, nobody was asked or charged twice, and `verify` finds nothing."""
    assert misfits(day.rows, day.company) == []
    receipts = sum(1 for number in day.posted if number.startswith("RCT"))
    assert dict(day.rows(_NUMBERS, day.company)) == {
        "INV": BUYERS + DRAFTS + day.recurring, "DN": BUYERS, "CN": CREDITED, "RCT": receipts,
    }  # fmt: skip
    assert dict(day.rows(_ENTRIES, day.company)) == {
        "invoice": BUYERS + DRAFTS + day.recurring, "debit_note": BUYERS, "credit_note": CREDITED, "payment": receipts,
        "reversal": day.taken_back,
    }  # fmt: skip
    known = dict(day.rows("SELECT number, id::text FROM invoicing_payment WHERE company_id = %s", day.company))
    known |= dict(day.rows("SELECT number, id::text FROM invoicing_document WHERE company_id = %s", day.company))
    assert {number: known.get(number) for number in day.posted} == day.posted, "acknowledged and not there"
    _prove_mails(day, received)
    verified = day.installation.manage("verify", day.slug, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    faults = [fault for caller in day.callers for fault in caller.faults]
    assert not faults, faults


def _prove_mails(day: OfficeDay, received: list[Any]) -> None:
    """One for each letter and each recurring invoice; what was on its way in the crash was perhaps sent, once."""
    mails = dict(day.rows(_MAILS, day.company))
    assert len(mails) == BUYERS + day.recurring
    got = Counter(mail["Message-ID"] for mail in received if mail["Message-ID"] in mails)
    assert {id: times for id, times in got.items() if times > 1} == {}, "sent twice"
    assert [id for id, state in mails.items() if state == "sent" and not got[id]] == [], "said to be sent"
    assert sum(1 for state in mails.values() if state == "unknown") <= 2, "more than were on their way"
