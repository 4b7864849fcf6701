"""The chart of accounts as a CSV file, out and in.

Columns: code, name, type, subtype, parent (code of a heading), currency, control, open_item (yes/no), status, role,
tags (separated by semicolons), description, and the statutory codes saft, fec, datev, xbrl. An import adds accounts and
changes those whose code is there already; an empty cell changes nothing.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounting.accounts import change_account, open_account
from accounting.mappings import SCHEMES, mappings_of
from accounting.models import Account
from accounting.table_rows import RowProblem
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope

COLUMNS = (
    "code", "name", "type", "subtype", "parent", "currency", "control", "open_item", "status", "role", "tags",
    "description", *SCHEMES,
)  # fmt: skip


class BadChartFile(Refused):
    """The file is not a chart of accounts."""

    code = "bad_file"


@dataclass(frozen=True, slots=True)
class ChartImport:
    """What an import did, or would do."""

    added: int
    changed: int
    problems: list[RowProblem]


def export_chart() -> Iterator[list[str]]:
    """The header and one row for each account, in the order of the codes."""
    scope = current_scope()
    scope.require(Permission.EXPORT)
    yield list(COLUMNS)
    mappings = mappings_of(scope.company)
    for account in Account.objects.for_company(scope.company).select_related("parent").order_by("code"):
        yield [
            account.code, account.name, account.type, account.subtype, account.parent.code if account.parent else "",
            account.currency, "yes" if account.control else "no", "yes" if account.open_item else "no", account.status,
            account.role, ";".join(account.tags), account.description,
            *(mappings.get(account.pk, {}).get(scheme, "") for scheme in SCHEMES),
        ]  # fmt: skip


def import_chart(text: str, *, dry_run: bool = False) -> ChartImport:
    """Add and change accounts from a CSV file: all rows or, when one is wrong, none. A dry run only tells."""
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    rows = _read(text)
    with transaction.atomic():
        done = _apply(rows)
        if dry_run or done.problems:
            transaction.set_rollback(True)
    return done


def _read(text: str) -> list[dict[str, str]]:
    if "\x00" in text:
        raise BadChartFile("The file holds a NUL character: it is not text.")
    reader = csv.DictReader(io.StringIO(text))
    names = [name.strip().lower() for name in reader.fieldnames or []]
    if missing := [name for name in ("code", "name", "type") if name not in names]:
        raise BadChartFile(f"The file has no column {', '.join(missing)}.", place="header")
    reader.fieldnames = names
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]


def _apply(rows: list[dict[str, str]]) -> ChartImport:
    company = current_scope().company
    known: dict[str, Account] = {account.code: account for account in Account.objects.for_company(company)}
    mapped = mappings_of(company)
    added = changed = 0
    problems: list[RowProblem] = []
    for number, row in enumerate(rows, 2):
        try:
            fields = _fields(row, known)
            if account := known.get(row["code"]):
                if row["type"] not in ("", account.type):
                    raise BadChartFile(f"Account {account.code} is there, and its type stays.", place="type")
                if differs := _differences(account, fields, mapped.get(account.pk, {})):
                    known[row["code"]] = change_account(account, **differs)
                    changed += 1
            else:
                account = known[row["code"]] = open_account(
                    code=row["code"], type=row["type"], **{"name": "", **fields}
                )
                added += 1
            mapped.setdefault(account.pk, {}).update(fields.get("mappings", {}))
        except Refused as refusal:
            column = refusal.place.removeprefix("mappings.")
            problems.append(RowProblem(number, column, refusal.code, refusal.message))
    return ChartImport(added, changed, problems)


def _differences(account: Account, fields: dict[str, Any], mapped: dict[str, str]) -> dict[str, Any]:
    """What the row says that the account does not have yet."""
    codes = {scheme: code for scheme, code in fields.get("mappings", {}).items() if mapped.get(scheme) != code}
    differs = {name: value for name, value in fields.items() if name != "mappings" and getattr(account, name) != value}
    return {**differs, "mappings": codes} if codes else differs


def _fields(row: dict[str, str], known: dict[str, Account]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: row[name] for name in ("name", "subtype", "currency", "status", "role", "description") if row.get(name)
    }
    for flag in ("control", "open_item"):
        if row.get(flag):
            fields[flag] = row[flag].lower() in ("yes", "true", "1", "ja", "oui")
    if row.get("tags"):
        fields["tags"] = [tag.strip() for tag in row["tags"].split(";") if tag.strip()]
    if row.get("parent"):
        if row["parent"] not in known:
            raise BadChartFile(f"The heading “{row['parent']}” is not in the chart.", place="parent")
        fields["parent"] = known[row["parent"]]
    if codes := {scheme: row[scheme] for scheme in SCHEMES if row.get(scheme)}:
        fields["mappings"] = codes
    return fields
