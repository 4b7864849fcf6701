"""Make an API credential of a company; prints its key, once."""

import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tenants.api_credentials import create_api_credential
from tenants.models import Company
from tenants.permissions import ApiScope
from tenants.refusal import Refused
from tenants.scope import Actor, company_scope


class Command(BaseCommand):
    help = "Make an API credential. The key is printed now and never again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("company", help="short name of the company")
        parser.add_argument("name", help="the program that will use the key")
        parser.add_argument("--scopes", nargs="+", default=[ApiScope.READ], choices=ApiScope.values)
        parser.add_argument("--expires", type=datetime.date.fromisoformat, help="last day, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(slug=options["company"]).first()
        if company is None:
            raise CommandError(f"There is no company “{options['company']}”.")
        expires_at = None
        if day := options["expires"]:
            end = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min)
            expires_at = timezone.make_aware(end)
        try:
            with company_scope(company, actor=Actor.command("create_api_key")):
                _credential, key = create_api_credential(options["name"], options["scopes"], expires_at)
        except Refused as refusal:
            raise CommandError(f"{refusal.message} ({refusal.code})") from refusal
        self.stdout.write(key)
