"""Tell other systems that an invoice is overdue: once, on the day after it was due or when somebody next looks."""

import datetime

from invoicing.document_listing import documents_of, of_status
from invoicing.dunning_plan import DUNNED
from invoicing.telling import tell_overdue
from tenants.scope import current_scope

# A worker that slept catches up on so many days; what is older was told, or nobody listened then.
DAYS_BACK = 14


def tell_what_is_overdue(today: datetime.date) -> int:
    """Emit `invoice.overdue` for what was due lately and is still open; answers with how many are told of."""
    company = current_scope().company
    rows = of_status(company, documents_of(company, DUNNED, today), "overdue", today)
    lately = today - datetime.timedelta(days=DAYS_BACK)
    late = list(rows.filter(instalments__due_date__gte=lately, instalments__due_date__lt=today).distinct())
    return tell_overdue(late)
