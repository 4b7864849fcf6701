"""docs/import-files.md names the columns that the code reads; `UPDATE_DOCS=1` writes them anew."""

import os
from pathlib import Path

from django.conf import settings

from accounting.table_columns import _folded
from accounting.table_kinds import POST, TableKind, table_kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "import-files.md"
OPTIONS = {"update": "change what is there already, rather than refuse it", "post": "post, rather than leave drafts"}
SAID = {
    "contacts": "Without a code a contact gets the next number; with `update` a blank cell changes nothing.",
    "items": "With `update` a blank cell changes nothing.",
    "budgets": "Rows with the same `budget` are one new version of it, a draft; with `update` they change the draft "
    "that is there. A row has an `amount`, for its month or spread over all, or the amounts of months side by side.",
    "invoices": "Rows with the same `document` are the lines of one invoice, wherever they stand. What belongs to the "
    "head stands on its first row, or again on others; said differently it is refused (`conflicting_document`).",
    "bills": "As invoices. The supplier's number of a bill comes once.",
    "payments": "One payment a row. Documents in another currency than the payment, discounts and write-offs are noted "
    "by hand.",
}


def section(kind: TableKind) -> str:
    lines = [f"## {kind.title}", "", SAID[kind.name], "", f"Option `{kind.option}`: {OPTIONS[kind.option]}.", ""]
    if kind.name == "bills":
        return "\n".join([*lines, "Columns: as invoices."])
    lines += ["| column | what stands in it | kind | other headings |", "|---|---|---|---|"]
    for column in kind.columns:
        name = f"`{column.name}`" + (" \\*" if column.required else "")
        lines.append(f"| {name} | {column.meaning} | {column.kind} | {', '.join(column.called)} |")
    return "\n".join(lines)


def test_the_page_of_import_files_says_what_the_code_reads():
    kinds = [table_kind(name) for name in settings.TABLE_IMPORTS]
    text = PAGE.read_text(encoding="utf-8")
    head = text.partition("\n## Contacts")[0].rstrip()
    wanted = "\n\n".join([head, *map(section, kinds)]) + "\n"
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(wanted, encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == wanted
    assert {kind.option for kind in kinds if kind.columns == table_kind("bills").columns} == {POST}
    assert str(table_kind("bills").columns) == str(table_kind("invoices").columns)


def test_no_heading_stands_for_two_columns():
    for kind in map(table_kind, settings.TABLE_IMPORTS):
        names = [_folded(name) for column in kind.columns for name in (column.name, *column.called)]
        assert len(names) == len(set(names)), kind.name
