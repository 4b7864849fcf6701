"""The API of customers and suppliers: list, add, change, delete, merge, and where they are paid."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_contact_serializers import (
    BankAccountIn,
    BankAccountOut,
    ContactChangeIn,
    ContactIn,
    ContactOut,
    ContactParameters,
    MergeIn,
    TwinsOut,
)
from accounting.api_references import resolve_accounts, resolve_taxes, resolve_terms
from accounting.api_serializers import checked
from accounting.contact_bank_accounts import decide_bank_account, propose_bank_account, retire_bank_account
from accounting.contact_listing import POINTERS
from accounting.contact_merging import find_twins, merge_contact, split_contact
from accounting.contacts import add_contact, change_contact, delete_contact
from accounting.models import Contact, ContactBankAccount
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_fields import StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.permissions import Permission


class ContactReasonIn(StrictSerializer):
    """Why; it stays in the trail."""

    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class ContactAPIView(CompanyAPIView):
    """A view about contacts."""

    serializer_class: Any = ContactOut
    queryset = Contact.objects.none()
    write_permission = Permission.MANAGE_CONTACTS

    def contacts(self) -> Any:
        """The company's, with what an answer shows of them."""
        return Contact.objects.for_company(self.company).select_related(*POINTERS).prefetch_related("addresses")

    def answer(self, pk: UUID, **kwargs: Any) -> Response:
        """The contact as it is now, with its ETag."""
        contact = self.row(self.contacts(), pk=pk)
        return Response(self.get_serializer(contact).data, headers={"ETag": etag_of(contact)}, **kwargs)


class ContactListView(ContactAPIView):
    """Customers and suppliers."""

    @extend_schema(
        operation_id="contacts_list", summary="List the contacts", parameters=[ContactParameters],
        responses=ContactOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str) -> Response:
        """By name, those out of use included."""
        asked = ContactParameters.of(request)
        self.ordering = (asked.pop("ordering", "name"), "id")
        text = asked.pop("search", "")
        rows = self.contacts().filter(**asked)
        if text:
            rows = rows.filter(
                Q(code__icontains=text) | Q(name__icontains=text) | Q(email__icontains=text)
                | Q(tax_number__icontains=text)
            )  # fmt: skip
        return self.page(rows)

    @extend_schema(operation_id="contacts_add", summary="Add a contact", request=ContactIn, responses={201: ContactOut})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """A new customer or supplier, with a sub-account of receivables or payables."""
        made = add_contact(**_resolved(checked(ContactIn, request.data)))
        answer = self.answer(made.pk, status=status.HTTP_201_CREATED)
        answer["Location"] = f"{request.path}{made.pk}/"
        return answer


class ContactView(ContactAPIView):
    """One contact."""

    @extend_schema(operation_id="contacts_retrieve", summary="Show a contact")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its addresses."""
        return self.answer(pk)

    @extend_schema(
        operation_id="contacts_change", summary="Change a contact", parameters=[IF_MATCH], request=ContactChangeIn,
        responses=ContactOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """`If-Match` carries the ETag that was read; `addresses` replace all of them."""
        contact = self.row(Contact.objects.for_company(self.company), pk=pk)
        values = _resolved(checked(ContactChangeIn, request.data))
        check_if_match(request, contact)
        change_contact(contact, version=contact.version, **values)
        return self.answer(pk)

    @extend_schema(
        operation_id="contacts_delete", summary="Delete a contact that was never used", parameters=[MAY_MATCH],
        request=None, responses={204: None},
    )  # fmt: skip
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """One with lines or bank accounts is taken out of use instead (`is_active`)."""
        contact = self.row(Contact.objects.for_company(self.company), pk=pk)
        if request.headers.get("If-Match"):
            check_if_match(request, contact)
        delete_contact(contact)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ContactMergeView(ContactAPIView):
    """Two contacts that are one."""

    @extend_schema(operation_id="contacts_merge", summary="Merge a contact into another", request=MergeIn)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Answers with the one that stands for both; nothing posted changes."""
        values = checked(MergeIn, request.data)
        return self.answer(merge_contact(pk, values["into"], reason=values["reason"]).pk)


class ContactSplitView(ContactAPIView):
    """A merging that was wrong."""

    @extend_schema(operation_id="contacts_split", summary="Take a merging back", request=ContactReasonIn)
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """The contact stands for itself again."""
        return self.answer(split_contact(pk, **checked(ContactReasonIn, request.data or {})).pk)


class ContactTwinsView(ContactAPIView):
    """Contacts that may be one."""

    serializer_class = TwinsOut
    pagination_class: Any = None

    @extend_schema(
        operation_id="contacts_twins", summary="Find contacts that may be one", responses=TwinsOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """Active contacts with the same tax number, IBAN, e-mail address or name."""
        return Response(TwinsOut(find_twins(self.company), many=True).data)


class BankAccountAPIView(CompanyAPIView):
    """A view about where contacts are paid."""

    serializer_class = BankAccountOut
    queryset = ContactBankAccount.objects.none()
    write_permission = Permission.MANAGE_CONTACTS
    ordering = ("-proposed_at", "-id")


class BankAccountListView(BankAccountAPIView):
    """The bank accounts of a contact."""

    @extend_schema(
        operation_id="contact_bank_accounts_list", summary="List the bank accounts of a contact",
        responses=BankAccountOut(many=True),
    )  # fmt: skip
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The latest first, with what became of each."""
        contact = self.row(Contact.objects.for_company(self.company), pk=pk)
        return self.page(ContactBankAccount.objects.for_company(self.company).filter(contact=contact))

    @extend_schema(
        operation_id="contact_bank_accounts_propose", summary="Note a bank account of a contact",
        request=BankAccountIn, responses={201: BankAccountOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """It waits until somebody else agrees."""
        made = propose_bank_account(pk, **checked(BankAccountIn, request.data))
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)


class BankAccountActView(BankAccountAPIView):
    """What becomes of a bank account."""

    def shown(self, account: ContactBankAccount) -> Response:
        """The bank account as it is now."""
        return Response(self.get_serializer(account).data)


class BankAccountApproveView(BankAccountActView):
    """Agree to a bank account."""

    write_permission = Permission.APPROVE

    @extend_schema(
        operation_id="contact_bank_accounts_approve", summary="Agree to a bank account", request=ContactReasonIn
    )
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """Not by who noted it."""
        return self.shown(decide_bank_account(pk, approve=True, **checked(ContactReasonIn, request.data or {})))


class BankAccountRejectView(BankAccountActView):
    """Reject a bank account."""

    write_permission = Permission.APPROVE

    @extend_schema(
        operation_id="contact_bank_accounts_reject", summary="Reject a bank account", request=ContactReasonIn
    )
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """With a reason."""
        return self.shown(decide_bank_account(pk, approve=False, **checked(ContactReasonIn, request.data or {})))


class BankAccountRetireView(BankAccountActView):
    """Pay there no longer."""

    @extend_schema(
        operation_id="contact_bank_accounts_retire", summary="Retire a bank account", request=ContactReasonIn
    )
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """What was paid there stays."""
        return self.shown(retire_bank_account(pk, **checked(ContactReasonIn, request.data or {})))


def _resolved(values: dict[str, Any]) -> dict[str, Any]:
    """What is named looked up."""
    resolve_accounts(values)
    resolve_taxes(values)
    resolve_terms(values)
    return values
