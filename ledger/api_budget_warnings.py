"""The plans that a posting goes past, in the API's answer to it."""

from uuid import UUID

from rest_framework.response import Response

from accounting.chart import chart_of
from ledger.api_documents import Writer
from ledger.budget_warnings import budget_warnings
from tenants.models import Company


def with_warnings(company: Company, answer: Response, entry: UUID | None) -> Response:
    """The answer, with `warnings` where the entry has gone past a plan of a budget that warns."""
    if passed := budget_warnings(company, [entry] if entry else []):
        answer.data["warnings"] = Writer(chart_of(company), company.base_currency).warnings(passed)
    return answer
