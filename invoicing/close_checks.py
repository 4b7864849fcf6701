"""What invoicing asks to be done before a period closes."""

from django.utils.translation import gettext as _

from accounting.close_checklist import CloseCheck
from accounting.models import Period
from invoicing.models import DocumentOccurrence, RecurringDocument
from invoicing.recurring_documents import WAITING
from ledger.shown_recurring import ACTIVE, STUCK


def close_checks(period: Period) -> list[CloseCheck]:
    """What should have come by itself and did not."""
    company, end = period.company, period.end
    missing = DocumentOccurrence.objects.for_company(company).filter(WAITING, document=None, date__lte=end)
    due = RecurringDocument.objects.for_company(company).filter(is_active=True, next_date__lte=end)
    return [
        CloseCheck("recurring_documents", _("Recurring documents that could not be made"), missing.count(),
                   page="invoicing:recurring-list", query=f"state={STUCK}"),
        CloseCheck("recurring_documents_due", _("Recurring documents that are due and not made yet"), due.count(),
                   page="invoicing:recurring-list", query=f"state={ACTIVE}"),
    ]  # fmt: skip
