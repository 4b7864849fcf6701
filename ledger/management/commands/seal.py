"""Seal what is posted, now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.sealing import seal
from tenants.models import Company


class Command(BaseCommand):
    help = "Number the posted entries, roll their lines up and chain them into blocks: all companies, or those named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("companies", nargs="*", help="slugs; all companies where none is named")

    def handle(self, *args: Any, **options: Any) -> None:
        companies = Company.objects.order_by("slug")
        if options["companies"]:
            companies = companies.filter(slug__in=options["companies"])
            if len(companies) != len(set(options["companies"])):
                raise CommandError("One of the companies does not exist.")
        for company in companies:
            self.stdout.write(f"{company.slug}: {seal(company)} entries sealed")
