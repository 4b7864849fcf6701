"""The API of approval rules and delegations."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField
from tenants.api_view import CompanyAPIView
from tenants.approvals import delegate, end_delegation, remove_rule, set_rule, visible_delegations
from tenants.idempotency import idempotent
from tenants.models import ApprovalRule, Delegation, Membership, User
from tenants.permissions import Permission
from tenants.refusal import NotFound
from tenants.scope import current_scope


class ApprovalRuleOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    minimum = AmountField()

    class Meta:
        model = ApprovalRule
        fields = read_only_fields = ["id", "subject", "scope", "minimum", "approvals"]


class ApprovalRuleIn(StrictSerializer):
    """From this amount on, documents of this kind (and journal) need so many approvals."""

    subject = serializers.ChoiceField(choices=["entry"], required=False, default="entry")
    scope = TextField(max_length=60, required=False, allow_blank=True, default="", help_text="A journal; empty: any.")
    minimum = AmountField(required=False, default=Decimal(0), help_text="In base currency.")
    approvals = serializers.IntegerField(min_value=1, max_value=5, required=False, default=1)


class DelegationOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    delegator = serializers.EmailField(source="delegator.email")
    delegate = serializers.EmailField(source="delegate.email")

    class Meta:
        model = Delegation
        fields = read_only_fields = ["id", "delegator", "delegate", "start", "end", "reason"]


class DelegationIn(StrictSerializer):
    """Who approves in whose place, and for how long."""

    delegator = serializers.EmailField(required=False, help_text="The caller, where left out.")
    delegate = serializers.EmailField()
    start = serializers.DateField()
    end = serializers.DateField()
    reason = TextField(max_length=500, required=False, allow_blank=True, default="")


class ApprovalRuleListView(CompanyAPIView):
    """The approval rules of a company."""

    serializer_class = ApprovalRuleOut
    queryset = ApprovalRule.objects.none()
    write_permission = Permission.MANAGE_COMPANY
    ordering = ("subject", "scope", "minimum", "id")

    @extend_schema(
        operation_id="approval_rules_list", summary="List the approval rules", responses=ApprovalRuleOut(many=True)
    )
    def get(self, request: Any, company: str) -> Response:
        """By kind, journal and amount."""
        return self.page(ApprovalRule.objects.for_company(self.company))

    @extend_schema(
        operation_id="approval_rules_set", summary="Set an approval rule", request=ApprovalRuleIn,
        responses={201: ApprovalRuleOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Set for the same kind, journal and amount again, it changes."""
        rule = set_rule(**_checked(ApprovalRuleIn, request.data))
        return Response(self.get_serializer(rule).data, status=status.HTTP_201_CREATED)


class ApprovalRuleView(CompanyAPIView):
    """One approval rule."""

    serializer_class = ApprovalRuleOut
    queryset = ApprovalRule.objects.none()
    write_permission = Permission.MANAGE_COMPANY

    @extend_schema(operation_id="approval_rules_retrieve", summary="Show an approval rule")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The rule."""
        return Response(self.get_serializer(self.row(ApprovalRule.objects.for_company(self.company), pk=pk)).data)

    @extend_schema(operation_id="approval_rules_remove", summary="Remove an approval rule", responses={204: None})
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """What waits under it goes on waiting."""
        remove_rule(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DelegationListView(CompanyAPIView):
    """Who stands in for whom."""

    serializer_class = DelegationOut
    queryset = Delegation.objects.none()
    write_permission = Permission.VIEW_BOOKS
    ordering = ("-start", "-id")

    @extend_schema(operation_id="delegations_list", summary="List the delegations", responses=DelegationOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The latest first."""
        return self.page(visible_delegations())

    @extend_schema(
        operation_id="delegations_make",
        summary="Delegate approvals",
        request=DelegationIn,
        responses={201: DelegationOut},
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Approvers delegate their own; who manages the company, anybody's."""
        values = _checked(DelegationIn, request.data)
        named = values.pop("delegator", "")
        delegator = self._member(email=named.lower()) if named else self._member(pk=current_scope().actor.id)
        made = delegate(delegator, self._member(email=values.pop("delegate").lower()), **values)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def _member(self, **who: Any) -> User:
        found = Membership.objects.for_company(self.company).filter(
            is_active=True, **{f"user__{name}": value for name, value in who.items()}
        )
        member = found.select_related("user").first()
        if member is None:
            raise NotFound("There is no such member.")
        user: User = member.user
        return user


class DelegationView(CompanyAPIView):
    """One delegation."""

    serializer_class = DelegationOut
    queryset = Delegation.objects.none()
    write_permission = Permission.VIEW_BOOKS

    @extend_schema(operation_id="delegations_end", summary="Take a delegation back", responses={204: None})
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """By either of the two, or who manages the company."""
        end_delegation(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _checked(shape: type[StrictSerializer], data: Any) -> dict[str, Any]:
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
