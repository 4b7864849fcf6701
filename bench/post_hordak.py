"""django-hordak posts: its models, its balance trigger."""

import datetime
import json
import time

from bench.peer import set_up

SINGLE, BATCHES, SIZE = 200, 1, 300
DAY = datetime.date(2026, 3, 15)


def main() -> None:
    set_up("hordak", ["mptt", "hordak"], HORDAK_DEFAULT_CURRENCY="EUR", CURRENCIES=("EUR",))
    from hordak.models import Account

    kinds = Account._meta.get_field("type").choices
    asset = next(value for value, label in kinds if str(label).lower().startswith("asset"))
    accounts = [Account.objects.create(name=str(number), type=asset, currencies=["EUR"]) for number in range(4)]
    for _ in range(20):
        _post(accounts, 1)
    start = time.perf_counter()
    for _ in range(SINGLE):
        _post(accounts, 1)
    single = SINGLE / (time.perf_counter() - start)
    start = time.perf_counter()
    for _ in range(BATCHES):
        _post(accounts, SIZE)
    print(json.dumps({"single": single, "batch": BATCHES * SIZE / (time.perf_counter() - start)}))


def _post(accounts: list, count: int) -> None:
    from django.db import transaction
    from hordak.models import Leg, Transaction
    from moneyed import Money

    with transaction.atomic():
        for _ in range(count):
            entry = Transaction.objects.create(date=DAY, description="Sale")
            Leg.objects.create(transaction=entry, account=accounts[0], debit=Money(70, "EUR"))
            Leg.objects.create(transaction=entry, account=accounts[1], debit=Money(50, "EUR"))
            Leg.objects.create(transaction=entry, account=accounts[2], credit=Money(100, "EUR"))
            Leg.objects.create(transaction=entry, account=accounts[3], credit=Money(20, "EUR"))


main()
