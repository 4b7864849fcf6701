"""What must hold after a crash."""

from decimal import Decimal

from tests.long.crashes.day import BANK, BATCH, BATCHES, IMPORTED, POSTERS, REVERSED, SINGLES, Day

_ENTRIES = """
  SELECT e.key, e.id::text, e.line_count, count(l.id), sum(l.amount)
  FROM ledger_entry e JOIN tenants_company c ON c.id = e.company_id AND c.slug = %s
  LEFT JOIN ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id
  GROUP BY e.key, e.id, e.line_count
"""


def prove(day: Day) -> None:
    """Every acknowledged entry is there, none twice, none half; the figures are right; `verify` finds nothing."""
    rows = day.installation.rows(_ENTRIES, day.slug)
    stored = {key: id for key, id, *_rest in rows}
    assert len(stored) == len(rows), "a key has two entries"
    assert not [key for key, _id, said, there, total in rows if said != there or total != 0], "half an entry"
    lost = {key: id for key, id in day.answered.items() if id and stored.get(key) != id}
    assert not lost, f"acknowledged and not there: {lost}"
    assert not [key for key, id in day.answered.items() if id is None and key in stored], "refused and posted"
    own = sum(1 for key in stored if key.startswith("api:"))
    assert own == day.acknowledged, "posted and never acknowledged, though the caller went on asking"
    assert len(day.answered) == POSTERS * SINGLES + (BATCHES + 1) * BATCH
    assert len(stored) - own == 2 * IMPORTED + REVERSED, "import, undoing and reversals are not there once each"
    _prove_balance(day)
    verified = day.installation.manage("verify", day.slug, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    faults = [fault for caller in day.callers for fault in caller.faults]
    assert not faults, faults


def _prove_balance(day: Day) -> None:
    """The API tells the sum of what was acknowledged; what was imported has been undone."""
    singles = sum(1 for key, id in day.answered.items() if id and "single" in key)
    shown = day.caller().call("GET", f"balances/?account={BANK}&date=2100-01-01").body["results"]
    assert [Decimal(row["balance"]) for row in shown] == [10 * singles + (BATCHES + 1) * BATCH - REVERSED], shown
