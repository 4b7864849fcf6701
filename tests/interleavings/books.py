"""The books as a person would describe them, without ids and clocks: what two orders of the same acts must agree on."""

from typing import Any

from django.db import connections, transaction

from accounting.models import Account, FiscalYear, LockDate, NumberUse, Period
from jobs.models import Job
from ledger.balances import balances
from ledger.models import Draft, Entry, Hold, Journal, Limit, Refusal, Settlement
from ledger.open_items import open_items
from ledger.verification import verify_company
from tenants.models import Approval, Membership
from tests.constitution.raw import system_scope
from tests.interleavings.acts import without_ids

State = dict[str, list[Any]]


def state_of(company: Any) -> State:
    """Entries with their numbers, balances, periods, locks, limits, open items, refusals and jobs. Sealed before."""
    with system_scope(company):
        entries = _rows(Entry, company, "key")
        last = FiscalYear.objects.for_company(company).latest("end").end
        codes = dict(_rows(Account, company, "code").values_list("id", "code"))
        return {
            "entries": [
                (without_ids(key), *rest)
                for key, *rest in entries.values_list("key", "date", "reverses__key", "seals__number_text")
            ],
            "balances": sorted((codes[b.account_id], b.currency, b.amount) for b in balances(company, last)),
            "periods": list(_rows(Period, company).exclude(status="open").values_list("start", "status", "version")),
            "years": list(_rows(FiscalYear, company).values_list("start", "end")),
            "locks": list(_rows(LockDate, company, "kind").values_list("kind", "until", "version")),
            "limits": list(_rows(Limit, company, "account__code").values_list("account__code", "floor", "balance")),
            "refusals": [
                (without_ids(key), code) for key, code in _rows(Refusal, company, "key").values_list("key", "code")
            ],
            "accounts": list(_rows(Account, company, "code").values_list("code", "name", "status", "version")),
            "journals": list(_rows(Journal, company, "code").values_list("code", "name", "is_active")),
            "numbers": list(_rows(NumberUse, company, "text").values_list("text", "outcome")),
            "owners": [_rows(Membership, company, "pk").filter(role="owner", is_active=True).count()],
            "drafts": list(_rows(Draft, company, "pk").values_list("state", "version", "total", "entry__date")),
            "open items": sorted((one.memo, one.residual, one.base_residual) for one in open_items(company, last)),
            "settlements": [
                (without_ids(key), *rest)
                for key, *rest in _rows(Settlement, company, "key").values_list("key", "date", "reason")
            ],
            "holds": list(_rows(Hold, company, "key").values_list("key", "amount", "ends__outcome")),
            "approvals": sorted(_rows(Approval, company, "pk").values_list("decision", "version", "actor_name")),
            "jobs": [(kind, without_ids(key), state) for kind, key, state in _jobs(company)],
        }


def findings_of(company: Any) -> list[str]:
    """What `manage.py verify` would say of the company."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.company_id', %s, true)", [str(company.pk)])
        return [f"{found.promise} {found.check}: {found.detail}" for found in verify_company(company, {})]


def _rows(model: Any, company: Any, order: str = "start") -> Any:
    return model.objects.for_company(company).order_by(order)


def _jobs(company: Any) -> Any:
    return _rows(Job, company, "key").values_list("kind", "key", "state")
