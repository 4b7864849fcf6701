"""Import invoices and bills from a table: rows with the same reference are the lines of one document, which is kept by
the act that the form and the API call, and posted at once where that is wanted."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.amounts import amount_text
from accounting.named_rows import position_named
from accounting.table_columns import TableRow
from accounting.table_kinds import POST, TableKind, Wanted
from accounting.table_outcome import NEW, REFUSED, Outcome, tried
from accounting.table_rows import RowProblem
from accounting.written_numbers import Unreadable
from invoicing.api_document_serializers import DocumentIn
from invoicing.api_documents import content_from
from invoicing.document_columns import COLUMNS, HEAD, OF_LINE
from invoicing.document_import_undo import take_documents_back
from invoicing.document_posting import post_documents
from invoicing.documents import save_document
from invoicing.models import Document
from invoicing.named_contacts import NamedContacts
from invoicing.refusals import DocumentRefused
from ledger.parsers.dimensions import parse_dimensions
from tenants.permissions import Permission
from tenants.scope import current_scope

BATCH = 200
NO_TAX = "-"
_SHAPE = DocumentIn()


class Paper:
    """The rows of one document: its head as they say it together, its lines, and where refusals belong."""

    def __init__(self, number: str, rows: Sequence[TableRow]) -> None:
        self.number, self.rows = number, rows
        self.lines = [row for row in rows if any(name in row.values for name in OF_LINE)]
        self.head: dict[str, Any] = {}
        self.said_at: dict[str, int] = {}
        self.problems = [problem for row in rows for problem in row.problems]
        for row in rows:
            for column in HEAD:
                self._hear(row, column.name)

    def _hear(self, row: TableRow, name: str) -> None:
        """Blank cells agree with anything; what differs from a row above is a problem."""
        value = row.values.get(name)
        if value is None:
            return
        if self.head.setdefault(name, value) != value:
            message = _("“%(here)s” differs from “%(above)s” in row %(row)d of the same document.") % {
                "here": str(value)[:40], "above": str(self.head[name])[:40], "row": self.said_at[name],
            }  # fmt: skip
            self.problems.append(RowProblem(row.place, name, "conflicting_document", message))
        self.said_at.setdefault(name, row.place)

    def placed(self, place: str) -> tuple[int, str]:
        """The row and column that a refusal of the document is about."""
        place = re.sub(r"^documents\[\d+\]\.", "", place)
        found = re.match(r"lines\[(\d+)\]\.?(\w*)", place)
        name = found.group(2) if found else place.partition(".")[0]
        name = {"position": "fiscal_position"}.get(name, name)
        name = name if any(column.name == name for column in COLUMNS) else ""
        if found and int(found.group(1)) < len(self.lines):
            return self.lines[int(found.group(1))].place, name
        return self.said_at.get(name, self.rows[0].place), name


def keep_documents(wanted: Wanted, kind: str) -> list[Outcome]:
    """Draft every document of the table; then, where wanted, post them by date and in the order of the file."""
    contacts = NamedContacts(current_scope().company, customers=kind == Document.Kind.INVOICE)
    papers, outcomes = _papers(wanted.table.rows)
    drafts: list[tuple[Paper, Outcome, Document]] = []
    for number, paper in enumerate(papers):
        wanted.progress(number, len(papers), _("Drafting"))
        outcome = Outcome(paper.rows[0].place, paper.number, REFUSED, problems=paper.problems)
        outcomes.append(outcome)
        if paper.problems:
            continue
        pk = wanted.id_of(paper.number)
        document, outcome.problems = tried(partial(_drafted, paper, kind, contacts, pk), paper.placed)
        if document is not None:
            outcome.became, outcome.id, outcome.about = NEW, str(document.pk), _about(document, paper)
            drafts.append((paper, outcome, document))
    if wanted.chosen(POST):
        drafts.sort(key=lambda draft: draft[2].date)
        for start in range(0, len(drafts), BATCH):
            wanted.progress(start, len(drafts), _("Posting"))
            _post(drafts[start : start + BATCH])
    return sorted(outcomes, key=lambda outcome: outcome.row)


def _papers(rows: Sequence[TableRow]) -> tuple[list[Paper], list[Outcome]]:
    """The documents of the table, and the rows that belong to none."""
    grouped: dict[str, list[TableRow]] = {}
    stray = []
    for row in rows:
        if number := row.values.get("document"):
            grouped.setdefault(number, []).append(row)
        else:
            blank = RowProblem(row.place, "document", "missing_value", _("The document of the row is blank."))
            stray.append(Outcome(row.place, "", REFUSED, problems=[*row.problems, blank]))
    return [Paper(number, own) for number, own in grouped.items()], stray


def _drafted(paper: Paper, kind: str, contacts: NamedContacts, pk: UUID) -> Document:
    head = {"reference": paper.number, **paper.head}
    if (named := head.get("contact")) and (contact := contacts.find(named)):
        head["contact"] = str(contact)
    if name := head.pop("fiscal_position", None):
        head["position"] = str(position_named(name, place="position").pk)
    if stated := head.pop("stated_taxes", None):
        head["stated_taxes"] = _pairs(stated, "stated_taxes")
    lines = [_line(row, f"lines[{number}].dimensions") for number, row in enumerate(paper.lines)]
    said = _SHAPE.run_validation({**head, "lines": lines})
    return save_document(content_from(said, kind=kind), document_id=pk)


def _line(row: TableRow, place: str) -> dict[str, Any]:
    line = {name: row.values[name] for name in OF_LINE if name in row.values}
    if line.get("tax") == NO_TAX:
        line["tax"] = ""
    if "dimensions" in line:
        line["dimensions"] = _pairs(line["dimensions"], place)
    return line


def _pairs(text: str, place: str) -> dict[str, str]:
    try:
        return dict(parse_dimensions(text))
    except Unreadable as error:
        raise DocumentRefused(error.message, place=place) from error


def _about(document: Document, paper: Paper) -> str:
    return _("%(total)s %(currency)s, %(lines)d lines") % {
        "total": amount_text(document.total, 2), "currency": document.currency, "lines": len(paper.lines),
    }  # fmt: skip


def _post(drafts: Sequence[tuple[Paper, Outcome, Document]]) -> None:
    """Post them together; where that is refused, each for itself, so that every problem is named."""
    _posted, refused = tried(lambda: post_documents([document.pk for _p, _o, document in drafts]), lambda _: (0, ""))
    if not refused:
        return
    for paper, outcome, document in drafts:
        _one, outcome.problems = tried(partial(post_documents, [document.pk]), paper.placed)
        if outcome.problems:
            outcome.became = REFUSED


def _kind_of(name: str, kind: str, title: Any) -> TableKind:
    return TableKind(
        name=name, title=title, columns=COLUMNS, option=POST, keep=partial(keep_documents, kind=kind),
        undo=take_documents_back, needed=(Permission.DRAFT_ENTRIES,), needed_to_post=(Permission.POST_ENTRIES,),
        needed_to_undo_posted=(Permission.POST_ENTRIES,), page="invoicing:document-detail",
        undone=gettext_lazy(
            "Drafts are thrown away. What is posted is credited in full on the day that you name: document and credit "
            "note stay in the books."
        ),
    )  # fmt: skip


INVOICES = _kind_of("invoices", Document.Kind.INVOICE, gettext_lazy("Invoices"))
BILLS = _kind_of("bills", Document.Kind.BILL, gettext_lazy("Bills"))
