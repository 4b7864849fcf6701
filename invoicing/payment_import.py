"""Import payments from a table, one a row, with the documents that each is for; drafted by the act that the form and
the API call, and posted at once where that is wanted."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.amounts import amount_text
from accounting.table_columns import TableRow
from accounting.table_kinds import POST, TableKind, Undoing, Wanted
from accounting.table_outcome import NEW, REFUSED, Outcome, tried
from invoicing.api_payment_serializers import PaymentIn
from invoicing.api_payments import content_from
from invoicing.approving import withdraw_payment
from invoicing.forms_payments import WAYS
from invoicing.models import Payment
from invoicing.named_contacts import NamedContacts
from invoicing.paid_documents import PaidDocuments
from invoicing.payment_columns import COLUMNS
from invoicing.payment_listing import payments_of
from invoicing.payment_posting import post_payment
from invoicing.payment_reversal import reverse_payment
from invoicing.payments import delete_payment, save_payment
from invoicing.refusals import PaymentRefused
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope

_SHAPE = PaymentIn()
# What stands in a column of its own, and what the payment itself calls it.
_COLUMN_OF = {"direction": "way", "role": "way", "parts": "documents"}


class _Contacts:
    """Customers and suppliers, and which way money usually goes."""

    def __init__(self) -> None:
        company = current_scope().company
        self.customers = NamedContacts(company, customers=True)
        self.suppliers = NamedContacts(company, customers=False)

    def way(self, row: TableRow) -> str:
        """The way that the row names; where it is blank, from a customer or else to a supplier."""
        way, named = row.values.get("way", ""), row.values.get("contact", "")
        if way and way not in WAYS:
            raise PaymentRefused(_("A way is one of %s.") % ", ".join(WAYS), place="way")
        if way:
            return str(way)
        return "payment" if self.suppliers.find(named) and not self.customers.find(named) else "receipt"

    def find(self, text: str, role: str) -> UUID | None:
        """The customer or supplier that is meant."""
        return (self.customers if role == Payment.Role.CUSTOMER else self.suppliers).find(text)


def keep_payments(wanted: Wanted) -> list[Outcome]:
    """Draft the payment of every row; then, where wanted, post them by date and in the order of the file."""
    rows, contacts = wanted.table.rows, _Contacts()
    documents = PaidDocuments(current_scope().company, [row.values.get("documents", "") for row in rows])
    outcomes, drafts = [], []
    for number, row in enumerate(rows):
        wanted.progress(number, len(rows), _("Drafting"))
        outcome = Outcome(row.place, str(row.values.get("contact", "")), REFUSED, problems=row.problems)
        outcomes.append(outcome)
        if row.problems:
            continue
        pk = wanted.id_of(str(row.place))
        payment, outcome.problems = tried(
            partial(_drafted, row, contacts, documents, pk), partial(_placed, row.place)
        )  # fmt: skip
        if payment is not None:
            outcome.became, outcome.id, outcome.about = NEW, str(payment.pk), _about(payment)
            drafts.append((outcome, payment))
    if wanted.chosen(POST):
        drafts.sort(key=lambda draft: draft[1].date)
        for number, (outcome, payment) in enumerate(drafts):
            wanted.progress(number, len(drafts), _("Posting"))
            _post(outcome, payment)
    return outcomes


def _drafted(row: TableRow, contacts: _Contacts, documents: PaidDocuments, pk: UUID) -> Payment:
    direction, role, _name = WAYS[contacts.way(row)]
    values = {name: value for name, value in row.values.items() if name not in ("way", "documents")}
    contact = contacts.find(values.get("contact", ""), role)
    said = {**values, "direction": direction, "role": role}
    if contact is not None:
        said["contact"] = str(contact)
    content = content_from(_SHAPE.run_validation(said))
    if named := row.values.get("documents"):
        content = documents.paid_with(content, contact, named)
    payment = save_payment(content, payment_id=pk)
    documents.take(content)
    return payment


def _placed(row: int, place: str) -> tuple[int, str]:
    name = place.partition(".")[0].partition("[")[0]
    name = _COLUMN_OF.get(name, name)
    return row, name if any(column.name == name for column in COLUMNS) else ""


def _about(payment: Payment) -> str:
    return f"{amount_text(payment.amount, 2)} {payment.currency}, {payment.get_direction_display().lower()}"


def _post(outcome: Outcome, payment: Payment) -> None:
    _posted, outcome.problems = tried(partial(post_payment, payment.pk), partial(_placed, outcome.row))
    if outcome.problems:
        outcome.became = REFUSED


def take_payments_back(undoing: Undoing) -> dict[str, int]:
    """Throw away or reverse what an import made; what was reversed since is left as it is.

    Refused as reversing and withdrawing are, with the payment named.
    """
    rows = payments_of(current_scope().company).filter(pk__in=list(undoing.made))
    payments: Sequence[Any] = list(rows.order_by("date", "id"))
    deleted = taken_back = 0
    for number, payment in enumerate(payments):
        undoing.progress(number, len(payments), _("Undoing"))
        try:
            if payment.state == Payment.State.POSTED:
                if not payment.is_reversed:
                    reverse_payment(payment.pk, date=undoing.date, reason=undoing.reason)
                    taken_back += 1
                continue
            if not payment.is_editable:
                withdraw_payment(payment.pk, reason=undoing.reason)
            delete_payment(payment.pk)
            deleted += 1
        except Refused as refusal:
            refusal.message = f"{payment}: {refusal.message}"
            raise
    return {"deleted": deleted, "reversed": taken_back, "gone": len(undoing.made) - deleted - taken_back}


PAYMENTS = TableKind(
    name="payments", title=gettext_lazy("Payments"), columns=COLUMNS, option=POST, keep=keep_payments,
    undo=take_payments_back, needed=(Permission.DRAFT_ENTRIES,), needed_to_post=(Permission.POST_ENTRIES,),
    needed_to_undo_posted=(Permission.REVERSE_ENTRIES,), page="invoicing:payment-detail",
    undone=gettext_lazy(
        "Drafts are thrown away. What is posted is reversed on the day that you name; what it settled is open again."
    ),
)  # fmt: skip
