"""The demo installation: two companies with more than a year of books, and somebody to sign in for every role."""

import datetime
import secrets
from dataclasses import dataclass

from django.db import transaction

from accounting.periods import set_lock_date
from ledger.sealing import seal
from reports.demo_books import STORIES, DemoBooks
from reports.demo_desk import lay_out_desk
from reports.demo_reports import plan_year, report_every_month, sign_last_month
from tenants.companies import create_company
from tenants.models import Company, Membership, User
from tenants.permissions import Role, permissions_of_role
from tenants.scope import Actor, acting_as, company_scope

COMPANIES = (
    {"slug": "harbour", "name": "Harbour Trading Ltd", "base_currency": "GBP", "country": "GB", "chart": "uk",
     "time_zone": "Europe/London", "tax_number": "GB980780684"},
    {"slug": "nordlicht", "name": "Nordlicht Studio GmbH", "base_currency": "EUR", "country": "DE", "chart": "skr04",
     "time_zone": "Europe/Berlin", "tax_number": "DE136695976"},
)  # fmt: skip
DOMAIN = "daybook.example"


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to enter the demo in a role. The passwords are made anew for every installation."""

    email: str
    password: str
    role: str


@transaction.atomic
def create_demo(today: datetime.date) -> list[SignIn]:
    """Create the demo where there is no company yet; returns the sign-ins, or nothing when books are there already."""
    if Company.objects.exists():
        return []
    sign_ins = [_person(role) for role in Role if role != Role.INTEGRATION]
    people = dict(User.objects.filter(email__endswith=f"@{DOMAIN}").values_list("email", "id"))
    for details in COMPANIES:
        fields = dict(details)
        company = create_company(options={"chart": fields.pop("chart")}, **fields)
        with company_scope(company, actor=Actor.command("demo"), act="demo"):
            Membership.objects.bulk_create(
                Membership(company=company, user_id=people[sign_in.email], role=sign_in.role) for sign_in in sign_ins
            )
            books = DemoBooks(company, STORIES[company.slug])
            books.write(datetime.date(today.year - 1, 1, 1), today)
            lay_out_desk(books, today, _actor(company, Role.CLERK))
            plan_year(company, today)
            with acting_as(_actor(company, Role.OWNER)):
                report_every_month(today)
            set_lock_date("all", _two_months_ago(today))
    return sign_ins


def finish_demo(today: datetime.date) -> None:
    """Number and roll up what the demo posted, once it is committed, and keep the reports of last month."""
    for details in COMPANIES:
        company = Company.objects.get(slug=details["slug"])
        seal(company)
        with company_scope(company, actor=Actor.command("demo")):
            maker, checker = _actor(company, Role.CONTROLLER), _actor(company, Role.OWNER)
        sign_last_month(company, today, maker, checker)


def _person(role: Role) -> SignIn:
    sign_in = SignIn(f"{role.value}@{DOMAIN}", secrets.token_urlsafe(9), role.value)
    User.objects.create_user(
        sign_in.email, sign_in.password, name=f"Demo {role.label}", is_superuser=role == Role.OWNER
    )
    return sign_in


def _actor(company: Company, role: Role) -> Actor:
    members = Membership.objects.for_company(company).select_related("user")
    user = members.get(role=role).user
    return Actor(type="user", name=user.name, id=user.pk, permissions=permissions_of_role(role))


def _two_months_ago(today: datetime.date) -> datetime.date:
    last_month = today.replace(day=1) - datetime.timedelta(days=1)
    return last_month.replace(day=1) - datetime.timedelta(days=1)
