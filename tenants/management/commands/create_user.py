"""Create a person, and let them into a company."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import get_random_string

from tenants.membership import add_member
from tenants.models import Company, User
from tenants.permissions import Role
from tenants.refusal import Refused
from tenants.scope import Actor, company_scope


class Command(BaseCommand):
    help = "Create a person who signs in by e-mail. A person who is there already is only let into the company."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--password", default="", help="generated and printed where it is not given")
        parser.add_argument("--company", default="", help="short name of the company to let the person into")
        parser.add_argument("--role", default=Role.OWNER, choices=Role.values)
        parser.add_argument("--operator", action="store_true", help="may also create companies")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = User.objects.normalize_email(options["email"]).lower()
        if User.objects.filter(email=email).exists():
            if not options["company"]:
                raise CommandError(f"There is a person {email} already.")
        else:
            self._create(email, options)
        if options["company"]:
            self._let_in(email, options)

    def _create(self, email: str, options: dict[str, Any]) -> None:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"“{email}” is not an e-mail address.") from error
        password = options["password"] or get_random_string(16)
        name = options["name"] or email.partition("@")[0]
        User.objects.create_user(email, password, name=name, is_superuser=options["operator"])
        self.stdout.write(f"Created {email}" + ("" if options["password"] else f" with password {password}"))

    def _let_in(self, email: str, options: dict[str, Any]) -> None:
        company = Company.objects.filter(slug=options["company"]).first()
        if company is None:
            raise CommandError(f"There is no company “{options['company']}”.")
        try:
            with company_scope(company, actor=Actor.command("create_user")):
                add_member(email=email, name=options["name"], role=options["role"])
        except Refused as refusal:
            raise CommandError(f"{refusal.message} ({refusal.code})") from refusal
        self.stdout.write(f"{email} may enter {company.name} as {options['role']}")
