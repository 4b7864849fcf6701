"""On whose behalf a job works: with what its asker was allowed when asking, and is still allowed now."""

from jobs.models import Job
from tenants.models import ApiCredential, Membership
from tenants.permissions import Permission, permissions_of_role, permissions_of_scopes
from tenants.scope import Actor


def acting_for(job: Job) -> Actor | None:
    """The actor of the job's work, read inside its company; None where the asker may not act there any more.

    It carries the asker's id and name, so that nobody approves by themselves what a job made for them; the trail
    finds the job by the request id.
    """
    allowed = frozenset(permission for permission in Permission if permission.value in job.permissions)
    if job.actor_id is not None:
        still = _still_allowed(job)
        if still is None:
            return None
        allowed &= still
    return Actor(
        type="job", id=job.actor_id, name=job.actor_name, on_behalf_of=job.actor_name, permissions=allowed,
        request_id=f"job:{job.pk}",
    )  # fmt: skip


def _still_allowed(job: Job) -> frozenset[Permission] | None:
    members = Membership.objects.for_company(job.company_id).filter(is_active=True, user__is_active=True)
    if role := members.filter(user_id=job.actor_id).values_list("role", flat=True).first():
        return permissions_of_role(role)
    keys = ApiCredential.objects.for_company(job.company_id).filter(pk=job.actor_id, revoked_at=None)
    scopes = keys.values_list("scopes", flat=True).first()
    return None if scopes is None else permissions_of_scopes(scopes)
