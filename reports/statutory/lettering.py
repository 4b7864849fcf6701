"""Letters of settled lines (the French "lettrage"): lines that settle each other wholly carry one letter."""

import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from reports.statutory.asked import AskedExport

# What still holds: settlements that were not taken back, and do not take one back. Each LIMIT keeps the planner, which
# knows nothing of one company's rows, to looking them up by their index.
_HOLDS = """
CROSS JOIN LATERAL (SELECT 1 FROM ledger_settlement t
                    WHERE t.company_id = %(company)s AND t.id = a.settlement_id AND t.undoes_id IS NULL
                      AND NOT EXISTS (SELECT 1 FROM ledger_settlement u
                                      WHERE u.company_id = t.company_id AND u.undoes_id = t.id) LIMIT 1) t
"""
_OF_LINE = """
CROSS JOIN LATERAL (
  SELECT n.settlement_id, n.date FROM ledger_allocation n
  WHERE n.company_id = %(company)s AND n.debit_line_id = line.id
  UNION ALL SELECT n.settlement_id, n.date FROM ledger_allocation n
  WHERE n.company_id = %(company)s AND n.credit_line_id = line.id LIMIT 1000000) a
"""
# Settlements that meet at a line; most lines are settled at once, and are not among them.
_MEETING = f"""
SELECT array_agg(DISTINCT a.settlement_id), max(a.date) FROM ledger_allocation a {_HOLDS}
CROSS JOIN LATERAL (VALUES (a.debit_line_id), (a.credit_line_id)) side(line_id)
WHERE a.company_id = %(company)s
GROUP BY side.line_id HAVING count(DISTINCT a.settlement_id) > 1
"""
_STILL_OPEN = f"""
SELECT DISTINCT a.settlement_id
FROM (SELECT o.id FROM ledger_openline o WHERE o.company_id = %(company)s OFFSET 0) line {_OF_LINE} {_HOLDS}
"""
_OF_LINES = f"""
SELECT line.id, (array_agg(a.settlement_id ORDER BY a.settlement_id))[1], max(a.date)
FROM unnest(%(lines)s::uuid[]) AS line(id) {_OF_LINE} {_HOLDS}
GROUP BY line.id
"""


class Letter(NamedTuple):
    """The letter of a settled line, and the day on which it was settled."""

    text: str
    date: datetime.date


class Lettering:
    """Which settlements belong together. Only those that meet at a line settled in parts, or that leave something
    open, are held in memory."""

    def __init__(self, asked: AskedExport) -> None:
        self._company = asked.company.pk
        self._roots: dict[UUID, UUID] = {}
        meeting = self._read(_MEETING)
        for settlements, _date in meeting:
            for other in settlements[1:]:
                self._join(settlements[0], other)
        self._dates: dict[UUID, datetime.date] = {}
        for settlements, date in meeting:
            root = self._root(settlements[0])
            self._dates[root] = max(date, self._dates.get(root, date))
        self._open = {self._root(settlement) for (settlement,) in self._read(_STILL_OPEN)}

    def of_lines(self, lines: list[UUID]) -> dict[UUID, Letter]:
        """The letters of those lines whose whole group is settled, by line."""
        found = {}
        for line, settlement, date in self._read(_OF_LINES, lines):
            root = self._root(settlement)
            if root not in self._open:
                # The random part of the id: short, and no other settlement has it.
                found[line] = Letter(root.hex[-16:].upper(), self._dates.get(root, date))
        return found

    def _read(self, statement: str, lines: list[UUID] | None = None) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"company": self._company, "lines": lines or []})
            return cursor.fetchall()

    def _root(self, settlement: UUID) -> UUID:
        while (above := self._roots.get(settlement, settlement)) != settlement:
            self._roots[settlement] = self._roots.get(above, above)
            settlement = above
        return settlement

    def _join(self, one: UUID, other: UUID) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        if first != second:
            self._roots[second] = first
