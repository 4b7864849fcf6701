"""Templates: entries to start from, under a name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger import refusals
from ledger.draft_content import DraftContent, DraftedLine, content_of_lines, stored_lines
from ledger.journals import journal_ids
from ledger.models import EntryTemplate, TemplateLine
from ledger.resolving import check_text
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope


class TemplateNotFound(NotFound):
    """No such template."""


class TemplateNameTaken(Refused):
    """Another template has the name."""

    code = "template_name_taken"


class TemplateInUse(Conflict):
    """Recurring entries are made of the template: take it out of use instead."""

    code = "template_in_use"


@transaction.atomic
def save_template(
    name: str, lines: Sequence[DraftedLine], *, journal: str = "GEN", memo: str = "", reference: str = "",
    is_active: bool = True, template_id: UUID | None = None, version: int | None = None,
) -> EntryTemplate:  # fmt: skip
    """Keep a template, or change one as a whole. Refused: `template_name_taken`, `not_found`, `conflict`."""
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    check_text(name, "name", 100)
    check_text(memo, "memo")
    template = held_template(template_id, version) if template_id else EntryTemplate(company=scope.company, version=0)
    template.name, template.memo, template.reference, template.is_active = name.strip(), memo, reference, is_active
    template.journal_id, template.version = _journal(journal), template.version + 1
    try:
        with transaction.atomic():
            template.save(force_insert=template_id is None)
    except IntegrityError as error:
        raise TemplateNameTaken(_("There is a template “%s” already.") % template.name, place="name") from error
    TemplateLine.objects.for_company(scope.company).filter(template=template).delete()
    rows = stored_lines(TemplateLine, scope.company, chart_of(scope.company), lines, template=template)
    TemplateLine.objects.bulk_create(rows)
    return template


@transaction.atomic
def delete_template(template_id: UUID, *, version: int | None = None) -> None:
    """Throw a template away. Refused: `not_found`, `conflict`, `template_in_use`."""
    current_scope().require(Permission.DRAFT_ENTRIES)
    template = held_template(template_id, version)
    if template.recurring.filter(company_id=template.company_id).exists():
        raise TemplateInUse(_("Recurring entries are made of this template: take it out of use instead."))
    template.delete()


def content_of_template(template: EntryTemplate, date: Any) -> DraftContent:
    """The content of a draft that starts from the template."""
    rows = TemplateLine.objects.for_company(template.company_id).filter(template=template).order_by("number")
    return DraftContent(
        date=date, journal=template.journal.code, memo=template.memo, reference=template.reference,
        lines=content_of_lines(rows),
    )  # fmt: skip


def held_template(template_id: UUID, version: int | None = None) -> EntryTemplate:
    """The template, locked until the transaction ends. Refused: `not_found`, `conflict`."""
    rows = EntryTemplate.objects.for_company(current_scope().company).select_for_update(no_key=True, of=("self",))
    template: EntryTemplate | None = rows.select_related("journal").filter(pk=template_id).first()
    if template is None:
        raise TemplateNotFound(_("There is no such template."))
    if version is not None and template.version != version:
        raise Conflict(_("The template was changed meanwhile: look at it again."))
    return template


def _journal(code: str) -> UUID:
    found = journal_ids(current_scope().company).get(code)
    if found is None:
        raise refusals.UnknownJournal(_("There is no active journal “%s”.") % code, place="journal")
    return found
