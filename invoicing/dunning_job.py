"""A dunning run in the background: letter by letter, with progress; and the one that runs by itself every day."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accounting.business_day import business_day
from invoicing.dunning import dun_one, run_dunning
from invoicing.dunning_plan import dunning_plan
from invoicing.invoicing_settings import settings_of
from jobs.enqueue import enqueue
from jobs.models import Job
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

KIND = "invoicing.run_dunning"
TOLD = 1_000


def ask_to_dun(date: datetime.date, keys: Sequence[str] | None = None, *, key: str = "") -> Job:
    """Start a dunning run: all letters that are due on the day, or those that are named. The same key is the same job.

    Refused: `not_permitted`.
    """
    current_scope().require(Permission.POST_ENTRIES)
    parameters = {"date": date.isoformat(), "notices": None if keys is None else sorted(keys)}
    return enqueue(KIND, parameters, key=key and f"dunning:{key}")


def run_dunning_job(job: "RunningJob") -> dict[str, Any]:
    """The background job. Run again after a crash, what it has sent is due no more, and it goes on."""
    date = datetime.date.fromisoformat(job.parameters["date"])
    with company_scope(job.company, actor=job.actor, act="plan dunning"):
        planned = [notice.key for notice in dunning_plan(job.company, date)]
    wanted = job.parameters["notices"]
    keys = planned if wanted is None else [key for key in planned if key in set(wanted)]
    sent, refused = 0, []
    for place, key in enumerate(keys):
        job.progress(place, len(keys), _("Dunning"))
        with company_scope(job.company, actor=job.actor, act="dun"):
            try:
                sent += dun_one(date, key) is not None
            except Refused as refusal:
                refused.append({"notice": key, "code": refusal.code, "message": refusal.message})
    job.progress(len(keys), len(keys), _("Sent"))
    return {"sent": sent, "refused": len(refused), "refusals": refused[:TOLD]}


def dun_by_itself(today: datetime.date) -> int:
    """What is due today, where the company wants it sent by itself; answers with how many letters went out."""
    company = current_scope().company
    if not settings_of(company).dunning_by_itself:
        return 0
    return len(run_dunning(business_day(company)).notices)
