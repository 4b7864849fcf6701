"""Back the whole installation up."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.backup import back_up, manifest_of
from ledger.dump_programs import BackupRefused


class Command(BaseCommand):
    help = (
        "Write every company, person and setting to a new FILE in PostgreSQL's custom dump format, and what it holds "
        "to FILE.json. Works beside people at work. Exit status 0: the backup is whole; 2: there is none, and why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print the manifest")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"].absolute()
        try:
            manifest = back_up(file, self._progress)
        except BackupRefused as refusal:
            raise CommandError(f"{refusal.message} ({refusal.code})", returncode=2) from refusal
        except psycopg.Error as error:
            raise CommandError(f"{str(error).strip()} (database_failed)", returncode=2) from error
        finally:
            self._progress("")
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(manifest)))
            return
        for books in manifest.companies:
            self.stdout.write(
                f"{books.company}: {books.entries:,} entries, {books.sealed:,} sealed, block {books.block}"
            )
        self.stdout.write(f"Wrote {file} ({manifest.size:,} bytes) and {manifest_of(file).name}")

    def _progress(self, table: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r\033[K{table and 'Dumping '}{table}", ending="")
