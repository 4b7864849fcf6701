"""Prove the books of every company from raw rows."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction

from ledger.catalogue import missing_guards
from ledger.verification import Finding, head_of, verify_company
from tenants.models import Company


class Command(BaseCommand):
    help = (
        "Recompute what the constitution promises (C1-C11) from raw rows and name what is wrong. "
        "Exit status 0: all is well; 1: something is wrong. "
        "--anchors FILE compares the chain with heads kept outside the database and adds the new heads to the file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("companies", nargs="*", help="slugs; all companies where none is named")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--anchors", type=Path, help="file of heads, one JSON object a line; kept elsewhere")
        parser.add_argument("--database", default="owner", help="connection to read with")

    def handle(self, *args: Any, **options: Any) -> None:
        using = options["database"]
        companies = Company.objects.using(using).order_by("slug")
        if options["companies"]:
            companies = companies.filter(slug__in=options["companies"])
            if unknown := set(options["companies"]) - {company.slug for company in companies}:
                raise CommandError(f"There is no company {', '.join(sorted(unknown))}.")
        anchors = _read_anchors(options["anchors"])
        findings = [Finding("", "", "guard_missing", guard, "not in the database") for guard in missing_guards(using)]
        heads = []
        for company in companies:
            found, head = self._verify(company, anchors.get(company.slug, {}), using)
            findings += found
            heads.append({"company": company.slug, "block": head[0], "hash": head[1]})
            if not options["json"]:
                self.stdout.write(f"{company.slug}: {'ok' if not found else f'{len(found)} findings'}, block {head[0]}")
        self._report(findings, heads, as_json=options["json"])
        if findings:
            raise SystemExit(1)
        if options["anchors"]:
            _append_anchors(options["anchors"], heads)

    def _verify(self, company: Company, anchors: dict[int, str], using: str) -> tuple[list[Finding], tuple[int, str]]:
        """One snapshot of one company, so that a poster at work does not look like a fault."""
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT set_config('app.company_id', %s, true)", [str(company.pk)])
            return list(verify_company(company, anchors, using=using)), head_of(company, using=using)

    def _report(self, findings: list[Finding], heads: list[dict[str, Any]], *, as_json: bool) -> None:
        for finding in findings:
            fields = {name: getattr(finding, name) for name in Finding.__slots__}
            if as_json:
                self.stdout.write(json.dumps(fields))
            else:
                self.stderr.write("{company} {promise} {check}: {subject}: {detail}".format(**fields))
        if as_json:
            self.stdout.write(json.dumps({"findings": len(findings), "heads": heads}))


def _read_anchors(path: Path | None) -> dict[str, dict[int, str]]:
    anchors: dict[str, dict[int, str]] = {}
    if path and path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            head = json.loads(line)
            if head["block"]:
                anchors.setdefault(head["company"], {})[head["block"]] = head["hash"]
    return anchors


def _append_anchors(path: Path, heads: list[dict[str, Any]]) -> None:
    known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    with path.open("a", encoding="utf-8") as file:
        for head in heads:
            line = json.dumps(head)
            if head["block"] and line not in known:
                file.write(line + "\n")
