"""Floors and ceilings under accounts and sub-accounts, kept by the database under every race."""

from decimal import Decimal
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from ledger.models import Limit
from ledger.refusals import refusal_of
from tenants.permissions import Permission
from tenants.scope import current_scope


def set_limit(
    account_id: UUID, *, sub_account_id: UUID | None = None, currency: str = "", floor: Decimal | None = None,
    ceiling: Decimal | None = None,
) -> Limit:  # fmt: skip
    """Keep the balance at or above the floor and at or below the ceiling, from now on and against every writer.

    Amounts are signed as lines are (debit above zero). Refused: `limit_exceeded` (the balance is past it now),
    `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    company = scope.company
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT public.ledger_set_limit(%s, %s, %s, %s, %s, %s)",
                [company.pk, account_id, sub_account_id, currency or company.base_currency, floor, ceiling],
            )
            (limit_id,) = cursor.fetchone()
    except DatabaseError as error:
        if refusal := refusal_of(error):
            raise refusal from error
        raise
    limit: Limit = Limit.objects.for_company(company).get(pk=limit_id)
    return limit
