"""Export a company's books as a plain-text journal."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.journal_export import RENDERERS, export_journal
from tenants.models import Company
from tenants.scope import Actor, company_scope


class Command(BaseCommand):
    help = "Write the whole company as an hledger journal or a beancount file; its balances agree to the cent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("company", help="slug")
        parser.add_argument("file", type=Path, nargs="?", help="standard output where none is named")
        parser.add_argument("--format", choices=sorted(RENDERERS), help="by the file's ending; hledger otherwise")

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(slug=options["company"]).first()
        if company is None:
            raise CommandError(f"There is no company {options['company']}.")
        path: Path | None = options["file"]
        is_beancount = path is not None and path.suffix in (".beancount", ".bean")
        format = options["format"] or ("beancount" if is_beancount else "hledger")
        with company_scope(company, actor=Actor.command("export_journal"), act="export journal"):
            pieces = export_journal(format)
            if path is None:
                sys.stdout.writelines(pieces)
                return
            with path.open("w", encoding="utf-8") as file:
                file.writelines(pieces)
        self.stdout.write(f"Wrote {path}")
