"""django-ledger posts: its entity, its journal entries."""

import datetime
import json
import time
from decimal import Decimal

from bench.peer import set_up

SINGLE, BATCHES, SIZE = 60, 1, 100
WHEN = datetime.datetime(2026, 3, 15, 12, tzinfo=datetime.UTC)
CODES = (("1010", "asset_ca_cash"), ("1200", "asset_ca_inv"), ("4010", "in_operational"), ("4020", "in_operational"))


def main() -> None:
    set_up("django_ledger", ["django_ledger"], DJANGO_LEDGER_USE_DEPRECATED_BEHAVIOR=False)
    from django.contrib.auth.models import User
    from django_ledger.models import EntityModel

    user = User.objects.create(username=f"bench {time.time_ns()}")
    entity = EntityModel.create_entity(name="Bench", use_accrual_method=True, admin=user, fy_start_month=1)
    chart = entity.create_chart_of_accounts(assign_as_default=True, commit=True, coa_name="Bench")
    accounts = [
        entity.create_account(
            coa_model=chart,
            code=code,
            role=role,
            name=code,
            balance_type="debit" if code < "4" else "credit",
            active=True,
        )
        for code, role in CODES
    ]
    ledger = entity.create_ledger(name="Bench", posted=True)
    for _ in range(5):
        _post(ledger, accounts)
    start = time.perf_counter()
    for _ in range(SINGLE):
        _post(ledger, accounts)
    print(json.dumps({"single": SINGLE / (time.perf_counter() - start)}))


def _post(ledger: object, accounts: list) -> None:
    from django.db import transaction
    from django_ledger.models import JournalEntryModel, TransactionModel

    with transaction.atomic():
        entry = JournalEntryModel(ledger=ledger, timestamp=WHEN, description="Sale")
        entry.save()
        sides = (("debit", 70), ("debit", 50), ("credit", 100), ("credit", 20))
        for account, (side, amount) in zip(accounts, sides, strict=True):
            TransactionModel.objects.create(
                journal_entry=entry, account=account, tx_type=side, amount=Decimal(amount), description=""
            )
        entry.refresh_from_db()
        entry.mark_as_posted(verify=True, commit=True)


main()
