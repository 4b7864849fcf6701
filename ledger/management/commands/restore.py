"""Restore a backup, and prove it."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.dump_programs import BackupRefused
from ledger.restoring import Restored, restore


class Command(BaseCommand):
    help = (
        "Restore a FILE of `backup` into a new database, seal what was not sealed yet, open a new epoch, verify, and "
        "put the database in the place of the installation's own. Exit status 0: restored and proven; 1: the proof "
        "failed, and nothing was replaced; 2: it cannot be restored, and why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true",
            help="end every session of a database that holds companies, and keep it under another name",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print what became of it as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore(options["file"].absolute(), replace=options["replace"], progress=self._progress)
        except BackupRefused as refusal:
            raise CommandError(f"{refusal.message} ({refusal.code})", returncode=2) from refusal
        except psycopg.Error as error:
            raise CommandError(f"{str(error).strip()} (database_failed)", returncode=2) from error
        finally:
            self._progress("")
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(restored)))
        else:
            self._tell(restored)
        if restored.findings:
            raise SystemExit(1)

    def _progress(self, step: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r\033[K{step and 'Restoring: '}{step}", ending="")

    def _tell(self, restored: Restored) -> None:
        for finding in restored.findings:
            self.stderr.write("{company} {promise} {check}: {subject}: {detail}".format(**dataclasses.asdict(finding)))
        if restored.findings:
            self.stderr.write(f"Nothing was replaced. What was restored is in the database {restored.database}.")
            return
        for books in restored.manifest.companies:
            self.stdout.write(
                f"{books.company}: ok, {books.entries:,} entries, {books.entries - books.sealed:,} sealed now"
            )
        self.stdout.write(f"{restored.database} is as of {restored.manifest.made_at}.")
        if restored.old_database:
            self.stdout.write(f"The old database is kept as {restored.old_database}: drop it when you are sure.")
