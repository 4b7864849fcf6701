"""The API of entry templates and of the entries that come again from them."""

import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounting.api_query import IsoDate
from accounting.api_serializers import checked
from ledger.api_body import proposed_lines
from ledger.api_draft_serializers import (
    DraftOut,
    FromTemplateIn,
    OccurrenceIn,
    OccurrenceOut,
    RecurringChangeIn,
    RecurringIn,
    RecurringOut,
    TemplateIn,
    TemplateOut,
)
from ledger.api_drafts import DraftAPIView
from ledger.draft_documents import occurrence_document, recurring_document
from ledger.drafts import save_draft
from ledger.entry_templates import TemplateNotFound, content_of_template, delete_template, save_template
from ledger.models import EntryTemplate, Occurrence, RecurringEntry, TemplateLine
from ledger.recurring import (
    RecurringNotFound,
    change_recurring,
    occurrences_of,
    retry_occurrence,
    skip_occurrence,
    start_recurring,
)
from tenants.api_description import IF_MATCH
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent


class TemplateAPIView(DraftAPIView):
    """A view about templates."""

    serializer_class: Any = TemplateOut
    queryset = EntryTemplate.objects.none()
    ordering = ("name", "id")

    def template(self, pk: UUID, *, held: bool = False) -> EntryTemplate:
        """The template; `not_found` where there is none."""
        rows = EntryTemplate.objects.for_company(self.company).select_related("journal")
        found = (rows.select_for_update(no_key=True, of=("self",)) if held else rows).filter(pk=pk).first()
        if found is None:
            raise TemplateNotFound("There is no such template.")
        return found

    def written(self, templates: list[EntryTemplate]) -> Any:
        """The templates with their lines, in two queries however many there are."""
        lines: dict[UUID, list[TemplateLine]] = {}
        rows = TemplateLine.objects.for_company(self.company).filter(template__in=templates)
        for line in rows.select_related("sub_account").order_by("number"):
            lines.setdefault(line.template_id, []).append(line)
        documents = [self.drafts.template(one, lines.get(one.pk, [])) for one in templates]
        return TemplateOut(documents, many=True, context=self.get_serializer_context()).data

    def answered(self, template: EntryTemplate, code: int = status.HTTP_200_OK) -> Response:
        """One template, with its tag."""
        return Response(self.written([template])[0], status=code, headers={"ETag": etag_of(template)})


class TemplateListView(TemplateAPIView):
    """The templates of a company."""

    @extend_schema(operation_id="templates_list", summary="List templates", responses=TemplateOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """By name, those out of use included."""
        rows = EntryTemplate.objects.for_company(self.company).select_related("journal")
        return self.get_paginated_response(self.written(self.rows_of_page(rows)))

    @extend_schema(
        operation_id="templates_save", summary="Save a template", request=TemplateIn, responses={201: TemplateOut}
    )
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """An entry to start from; its lines may lack accounts and amounts."""
        return self.answered(self.template(save_template(**_given(request)).pk), status.HTTP_201_CREATED)


class TemplateView(TemplateAPIView):
    """One template."""

    @extend_schema(operation_id="templates_retrieve", summary="Show a template")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """The template with its lines."""
        return self.answered(self.template(pk))

    @extend_schema(
        operation_id="templates_change", summary="Change a template", parameters=[IF_MATCH], request=TemplateIn,
        responses=TemplateOut,
    )  # fmt: skip
    @idempotent
    def put(self, request: Any, company: str, pk: UUID) -> Response:
        """The template as a whole; what was made of it before stays."""
        check_if_match(request, self.template(pk, held=True))
        return self.answered(self.template(save_template(**_given(request), template_id=pk).pk))

    @extend_schema(
        operation_id="templates_delete", summary="Delete a template", parameters=[IF_MATCH], responses={204: None}
    )
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """Refused while recurring entries are made of it."""
        check_if_match(request, self.template(pk, held=True))
        delete_template(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TemplateDraftView(DraftAPIView):
    """Start from a template."""

    @extend_schema(
        operation_id="templates_draft", summary="Draft an entry from a template", request=FromTemplateIn,
        responses={201: DraftOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID) -> Response:
        """A draft on the date, with the template's lines."""
        template = EntryTemplate.objects.for_company(self.company).select_related("journal").filter(pk=pk).first()
        if template is None:
            raise TemplateNotFound("There is no such template.")
        date = checked(FromTemplateIn, request.data)["date"]
        return self.shown(save_draft(content_of_template(template, date)).pk, status.HTTP_201_CREATED)


class RecurringAPIView(DraftAPIView):
    """A view about recurring entries."""

    serializer_class: Any = RecurringOut
    queryset = RecurringEntry.objects.none()
    ordering = ("next_date", "id")

    def recurring(self, pk: UUID, *, held: bool = False) -> RecurringEntry:
        """The recurring entry; `not_found` where there is none."""
        rows = RecurringEntry.objects.for_company(self.company).select_related("template")
        found = (rows.select_for_update(no_key=True, of=("self",)) if held else rows).filter(pk=pk).first()
        if found is None:
            raise RecurringNotFound("There is no such recurring entry.")
        return found

    def written(self, rows: list[RecurringEntry]) -> Any:
        """Recurring entries with their latest occurrences, in one query more however many there are."""
        came = occurrences_of(rows)
        documents = [recurring_document(one, came.get(one.pk, [])) for one in rows]
        return RecurringOut(documents, many=True, context=self.get_serializer_context()).data

    def answered(self, recurring: RecurringEntry, code: int = status.HTTP_200_OK) -> Response:
        """One recurring entry, with its tag."""
        return Response(self.written([recurring])[0], status=code, headers={"ETag": etag_of(recurring)})


class RecurringListView(RecurringAPIView):
    """The recurring entries of a company."""

    @extend_schema(operation_id="recurring_list", summary="List recurring entries", responses=RecurringOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The next one due first."""
        rows = RecurringEntry.objects.for_company(self.company).select_related("template")
        return self.get_paginated_response(self.written(self.rows_of_page(rows)))

    @extend_schema(
        operation_id="recurring_start", summary="Let a template come again", request=RecurringIn,
        responses={201: RecurringOut},
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """Posted by itself on each date, or drafted; missed dates are caught up, each date once."""
        values = checked(RecurringIn, request.data)
        made = start_recurring(values.pop("template"), **values)
        return self.answered(self.recurring(made.pk), status.HTTP_201_CREATED)


class RecurringView(RecurringAPIView):
    """One recurring entry."""

    @extend_schema(operation_id="recurring_retrieve", summary="Show a recurring entry")
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its latest occurrences and every one that could not be posted."""
        return self.answered(self.recurring(pk))

    @extend_schema(
        operation_id="recurring_change", summary="Change a recurring entry", parameters=[IF_MATCH],
        request=RecurringChangeIn, responses=RecurringOut,
    )  # fmt: skip
    @idempotent
    def patch(self, request: Any, company: str, pk: UUID) -> Response:
        """How it ends, whether it is drafted, whether it goes on."""
        check_if_match(request, self.recurring(pk, held=True))
        change_recurring(pk, **checked(RecurringChangeIn, request.data))
        return self.answered(self.recurring(pk))


class OccurrenceView(RecurringAPIView):
    """One occurrence that could not be posted."""

    serializer_class = OccurrenceOut

    @extend_schema(
        operation_id="recurring_resolve", summary="Retry or skip an occurrence", request=OccurrenceIn,
        responses=OccurrenceOut,
    )  # fmt: skip
    @idempotent
    def post(self, request: Any, company: str, pk: UUID, date: str) -> Response:
        """Post it now, on its day or another one; or leave it out, with the reason."""
        asked = checked(OccurrenceIn, request.data)
        day: datetime.date = IsoDate().run_validation(date)
        if asked["act"] == "skip":
            came: Occurrence = skip_occurrence(pk, day, reason=asked["reason"])
        else:
            came = retry_occurrence(pk, day, on=asked.get("date"))
        return Response(occurrence_document(came))


def _given(request: Any) -> dict[str, Any]:
    body = request.data
    lines = proposed_lines(body.get("lines")) if isinstance(body, dict) else []
    values = checked(TemplateIn, {k: v for k, v in body.items() if k != "lines"} if isinstance(body, dict) else body)
    return {**values, "lines": lines, "journal": values["journal"] or "GEN"}
