"""Who belongs to a company, in which role: found for every request, granted, changed and ended by its owners."""

from django.db import connection, transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from tenants.models import Company, Membership, User
from tenants.permissions import Permission, Role
from tenants.refusal import Conflict, Refused
from tenants.scope import current_scope


class LastOwner(Refused):
    """A company always keeps an owner who may enter it."""

    code = "last_owner"


class AlreadyMember(Conflict):
    """The person belongs to the company already."""

    code = "already_member"


class UnknownRole(Refused):
    """There is no such role."""

    code = "unknown_role"


def companies_of(user: User) -> list[Membership]:
    """The companies that the person may enter, by name, each with their role there."""
    with transaction.atomic():
        # cross-company: row-level security shows people their own memberships, in whichever company.
        _name_user(str(user.pk))
        rows = Membership.objects.filter(user=user, is_active=True, company__is_active=True)
        found = list(rows.select_related("company").order_by("company__name", "company_id"))
        _name_user("")
    return found


def membership_in(company: Company, user: User) -> Membership | None:
    """The person's active membership, read inside the company's scope; None for a stranger."""
    if not user.is_active:
        return None
    found = Membership.objects.for_company(company).filter(user=user, is_active=True).first()
    if found is not None:
        found.user, found.company = user, company
    return found


@transaction.atomic
def add_member(*, email: str, name: str, role: str) -> tuple[Membership, str]:
    """Let a person into the current company; who is new to Daybook also gets a first password, returned once."""
    scope = current_scope()
    scope.require(Permission.MANAGE_MEMBERS)
    _check_role(role)
    address = User.objects.normalize_email(email).lower()
    password = ""
    user = User.objects.filter(email=address).first()
    if user is None:
        password = get_random_string(16)
        user = User.objects.create_user(address, password, name=name or address.partition("@")[0][:150])
    if Membership.objects.for_company(scope.company).filter(user=user).exists():
        raise AlreadyMember(_("%(email)s belongs to the company already.") % {"email": address}, place="email")
    return Membership.objects.create(company=scope.company, user=user, role=role), password


@transaction.atomic
def change_member(membership: Membership, *, role: str | None = None, is_active: bool | None = None) -> Membership:
    """Give a member another role, end the membership or take it up again. The last owner stays."""
    scope = current_scope()
    scope.require(Permission.MANAGE_MEMBERS)
    if role is not None:
        _check_role(role)
    owners = Membership.objects.for_company(scope.company).filter(role=Role.OWNER, is_active=True)
    # Two owners who demote each other at the same moment meet here.
    remaining = [owner.pk for owner in owners.select_for_update().order_by("pk") if owner.pk != membership.pk]
    rows = Membership.objects.for_company(scope.company).select_for_update(of=("self",))
    changed: Membership = rows.get(pk=membership.pk)
    was_owner = changed.role == Role.OWNER and changed.is_active
    changed.role = changed.role if role is None else role
    changed.is_active = changed.is_active if is_active is None else is_active
    if was_owner and not remaining and not (changed.role == Role.OWNER and changed.is_active):
        raise LastOwner(_("The company needs an owner: make somebody else an owner first."), place="role")
    changed.save(update_fields=["role", "is_active"])
    return changed


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise UnknownRole(_("There is no role “%(role)s”.") % {"role": role}, place="role")


def _name_user(user_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_id', %s, true)", [user_id])
