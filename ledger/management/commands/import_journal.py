"""Import a journal file into a company."""

import hashlib
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.journal_import import FORMATS, ImportReport, column_names, format_of, import_journal
from ledger.sealing import seal
from tenants.models import Company
from tenants.refusal import Refused
from tenants.scope import Actor, company_scope


class Command(BaseCommand):
    help = "Import a beancount, hledger/ledger, CSV or XLSX journal (docs/journal-files.md). All of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("company", help="slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=sorted(FORMATS), help="where the file's ending does not say it")
        parser.add_argument(
            "--column", action="append", default=[], metavar="NAME=OURS", help="what a heading of a table stands for"
        )
        parser.add_argument("--dry-run", action="store_true", help="tell what would be done, store nothing")
        parser.add_argument("--key", default="", help="idempotency key; the content of the file by default")

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(slug=options["company"]).first()
        if company is None:
            raise CommandError(f"There is no company {options['company']}.")
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        data = path.read_bytes()
        key = options["key"] or f"import:{hashlib.sha256(data).hexdigest()}"
        try:
            format = options["format"] or format_of(path.name)
            with company_scope(company, actor=Actor.command("import_journal"), act="import journal"):
                report = import_journal(
                    data, format, key=key, dry_run=options["dry_run"], progress=self._progress,
                    columns=column_names("\n".join(options["column"])),
                )  # fmt: skip
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self._write(report, path.name)
        if report.problems:
            raise SystemExit(1)
        if not report.dry_run:
            seal(company)

    def _progress(self, done: int, total: int, message: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{message} {done:,}/{total:,}   ", ending="")

    def _write(self, report: ImportReport, name: str) -> None:
        for problem in report.problems:
            self.stderr.write(f"{name}:{problem.place}: {problem.code}: {problem.message}")
        verb = "Nothing stored" if report.problems else ("Would import" if report.dry_run else "Imported")
        self.stdout.write(f"{verb}: {report.entries:,} entries with {report.lines:,} lines from {name}")
        for what, names in (("accounts", report.accounts), ("units", report.units), ("fiscal years", report.years)):
            if names:
                self.stdout.write(f"  new {what}: {', '.join(names)}")
        if report.rates:
            self.stdout.write(f"  new exchange rates: {report.rates:,}")
        for rounding in report.roundings:
            where = f"{name}:{rounding.place} {rounding.date} {rounding.memo}"
            self.stdout.write(f"  rounding of {rounding.amount} {rounding.currency}: {where}")
        for kind, count in sorted(report.ignored.items()):
            self.stdout.write(f"  left out: {count:,} x {kind}")
