"""The base of the ledger's API views: documents of the company, trials instead of postings."""

import datetime
from collections.abc import Callable, Sequence
from uuid import UUID

from rest_framework.response import Response

from accounting.chart import chart_of
from ledger.api_documents import Writer
from ledger.dry_run import try_posting
from ledger.entry_details import EntryDetails, entry_details
from ledger.refusals import EntryNotFound
from tenants.api_view import CompanyAPIView


class LedgerAPIView(CompanyAPIView):
    """A view about what is posted."""

    @property
    def writer(self) -> Writer:
        """Writes amounts with the decimals of the company's units."""
        return Writer(chart_of(self.company), self.company.base_currency)

    def details(self, pk: UUID) -> EntryDetails:
        """The entry with what belongs to it; `not_found` where there is none."""
        found = entry_details(self.company, [pk])
        if not found:
            raise EntryNotFound("There is no such entry.")
        return found[0]

    def trial(self, date: datetime.date, act: Callable[[], Sequence[UUID]]) -> Response:
        """What the act would post; nothing is kept."""
        return Response(self.writer.trial(try_posting(date, act)))
