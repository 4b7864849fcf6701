"""The API of documents: invoices, bills, credit notes, quotes and orders have the same operations each."""

import dataclasses
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch, Q
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from accounting.api_serializers import checked
from accounting.business_day import business_day
from accounting.models import Contact
from invoicing.api_document_serializers import (
    DocumentChangeIn,
    DocumentIn,
    DocumentOut,
    DocumentParameters,
    DocumentRowOut,
)
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.document_listing import documents_of, of_status
from invoicing.documents import change_document, delete_document, save_document
from invoicing.models import Document, DocumentLine, DocumentTax, Instalment
from invoicing.refusals import DocumentNotFound, DocumentRefused
from tenants.api_description import IF_MATCH, MAY_MATCH
from tenants.api_view import CompanyAPIView
from tenants.etag import check_if_match, etag_of
from tenants.idempotency import idempotent
from tenants.models import Company
from tenants.permissions import Permission


class DocumentAPIView(CompanyAPIView):
    """A view about the documents of some kinds."""

    serializer_class: Any = DocumentOut
    queryset = Document.objects.none()
    write_permission = Permission.DRAFT_ENTRIES
    ordering = ("-date", "-id")
    kinds: ClassVar[tuple[str, ...]] = ()

    def documents(self) -> Any:
        """The company's of these kinds, with what is open of them."""
        return documents_of(self.company, self.kinds, business_day(self.company))

    def document(self, pk: UUID, *, held: bool = False) -> Document:
        """The document; `not_found` where there is none of these kinds."""
        rows = Document.objects.for_company(self.company).filter(kind__in=self.kinds)
        found: Document | None = (rows.select_for_update(no_key=True) if held else rows).filter(pk=pk).first()
        if found is None:
            raise DocumentNotFound("There is no such document.")
        return found

    def answer(self, pk: UUID, code: int = status.HTTP_200_OK) -> Response:
        """The document as it is now, whole, with its ETag."""
        lines = DocumentLine.objects.for_company(self.company).order_by("number")
        rows = documents_of(self.company, Document.Kind.values, business_day(self.company)).select_related("terms")
        found = self.row(
            rows.prefetch_related(
                Prefetch("lines", lines.select_related("item", "account", "tax_code")),
                Prefetch("taxes", DocumentTax.objects.for_company(self.company).select_related("tax_code")),
                Prefetch("instalments", Instalment.objects.for_company(self.company)),
            ),
            pk=pk,
        )
        shown = DocumentOut(found, context=self.get_serializer_context())
        answer = Response(shown.data, status=code, headers={"ETag": etag_of(found)})
        if code == status.HTTP_201_CREATED:
            answer["Location"] = f"{self.request.path.split('/' + str(pk))[0].rstrip('/')}/{pk}/"
        return answer


class DocumentListView(DocumentAPIView):
    """The documents of these kinds."""

    @extend_schema(parameters=[DocumentParameters], responses=DocumentRowOut(many=True))
    def get(self, request: Any, company: str) -> Response:
        """The latest first, each with what is open of it."""
        self.serializer_class = DocumentRowOut
        return self.page(matching(self.company, self.documents(), DocumentParameters.of(request)))

    @extend_schema(request=DocumentIn, responses={201: DocumentOut})
    @idempotent
    def post(self, request: Any, company: str) -> Response:
        """A draft, reckoned; it gets its number when it is posted."""
        values = checked(DocumentIn, request.data)
        kind, document_id = values.pop("kind", self.kinds[0]), values.pop("id", None)
        if kind not in self.kinds:
            raise DocumentRefused(f"Here are documents of kind {', '.join(self.kinds)}.", place="kind")
        made = save_document(content_from(values, kind=kind), document_id=document_id)
        return self.answer(made.pk, status.HTTP_201_CREATED)


class DocumentView(DocumentAPIView):
    """One document."""

    @extend_schema(responses=DocumentOut)
    def get(self, request: Any, company: str, pk: UUID) -> Response:
        """With its lines, taxes and instalments."""
        return self.answer(self.document(pk).pk)

    @extend_schema(parameters=[IF_MATCH], request=DocumentChangeIn, responses=DocumentOut)
    @idempotent
    def put(self, request: Any, company: str, pk: UUID) -> Response:
        """A draft as a whole; `If-Match` carries the ETag that was read."""
        held = self.document(pk, held=True)
        content = content_from(checked(DocumentChangeIn, request.data), kind=held.kind)
        check_if_match(request, held)
        return self.answer(change_document(pk, content, version=held.version).pk)

    @extend_schema(parameters=[MAY_MATCH], request=None, responses={204: None})
    @idempotent
    def delete(self, request: Any, company: str, pk: UUID) -> Response:
        """A draft is thrown away; what is posted is credited instead."""
        held = self.document(pk, held=True)
        if request.headers.get("If-Match"):
            check_if_match(request, held)
        delete_document(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def matching(company: Company, rows: Any, asked: dict[str, Any]) -> Any:
    """The documents that fit what was asked for."""
    for name, lookup in (
        ("contact", "contact"),
        ("currency", "currency"),
        ("start", "date__gte"),
        ("end", "date__lte"),
    ):
        if value := asked.get(name):
            rows = rows.filter(**{lookup: value})
    if wanted := asked.get("status"):
        rows = of_status(company, rows, wanted, business_day(company))
    if text := asked.get("search"):
        contacts = Contact.objects.for_company(company).filter(name__icontains=text).values("pk")
        rows = rows.filter(Q(number__icontains=text) | Q(reference__icontains=text) | Q(contact__in=contacts))
    return rows


def content_from(values: dict[str, Any], *, kind: str) -> DocumentContent:
    """What was sent, as it is written on a document."""
    lines = tuple(ContentLine(**line) for line in values.pop("lines", ()))
    known = {field.name for field in dataclasses.fields(DocumentContent)}
    return DocumentContent(kind=kind, lines=lines, **{name: value for name, value in values.items() if name in known})


def views_of(path: str, noun: str, *kinds: str) -> tuple[Any, Any]:
    """The list and the detail view of the documents under one address, each described by its own name."""
    one, name = noun.rstrip("s"), path.replace("-", "_")
    many = type(f"{name.title()}ListView", (DocumentListView,), {"kinds": kinds, "__doc__": f"The {noun}."})
    single = type(f"{name.title()}View", (DocumentView,), {"kinds": kinds, "__doc__": f"One {one}."})
    return (
        extend_schema_view(
            get=extend_schema(operation_id=f"{name}_list", summary=f"List the {noun}"),
            post=extend_schema(operation_id=f"{name}_add", summary=f"Draft a {one}"),
        )(many),
        extend_schema_view(
            get=extend_schema(operation_id=f"{name}_retrieve", summary=f"Show a {one}"),
            put=extend_schema(operation_id=f"{name}_change", summary=f"Change a draft of a {one}"),
            delete=extend_schema(operation_id=f"{name}_delete", summary=f"Delete a draft of a {one}"),
        )(single),
    )
