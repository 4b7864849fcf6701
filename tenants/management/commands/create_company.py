"""Create a company with its books, ready to post."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.companies import create_company
from tenants.refusal import Refused


class Command(BaseCommand):
    help = "Create a company. Further apps prepare their part: journals, and a chart of accounts with --chart."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name in addresses: lower-case letters, digits, hyphens")
        parser.add_argument("name")
        parser.add_argument("--currency", required=True, help="base currency, ISO 4217; it never changes")
        parser.add_argument("--country", default="", help="two letters, ISO 3166")
        parser.add_argument("--year-start-month", type=int, default=1, choices=range(1, 13), metavar="1..12")
        parser.add_argument("--timezone", default="UTC")
        parser.add_argument("--chart", default="", help="the template of accounts to start with")
        parser.add_argument("--taxes", help="the template of taxes; left out: the one of the chart, empty: none")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            company = create_company(
                slug=options["slug"], name=options["name"], base_currency=options["currency"],
                country=options["country"], year_start_month=options["year_start_month"],
                time_zone=options["timezone"],
                options={name: options[name] for name in ("chart", "taxes") if options[name] is not None},
            )  # fmt: skip
        except Refused as refusal:
            raise CommandError(f"{refusal.message} ({refusal.code})") from refusal
        self.stdout.write(f"Created {company.name} at /c/{company.slug}/")
