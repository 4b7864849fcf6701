"""Factur-X (ZUGFeRD 2): a PDF/A-3 for people that carries the invoice for machines, profile EN 16931."""

import io
import re
from typing import Any

from pypdf import PdfReader

from invoicing.einvoice.cii import cii_of
from invoicing.einvoice.refusals import EInvoiceNotPossible
from invoicing.pdf.typesetting import CannotBePrinted, pdf_of
from invoicing.printed import PrintedDocument

NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
PROPERTIES = {
    "DocumentFileName": ("factur-x.xml", "name of the embedded XML invoice file"),
    "DocumentType": ("INVOICE", "INVOICE"),
    "Version": ("1.0", "version of the XML schema of the embedded invoice"),
    "ConformanceLevel": ("EN 16931", "conformance level of the embedded invoice"),
}
TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s*(\d+)\s*%%EOF\s*$", re.DOTALL)


def facturx_of(document: PrintedDocument, *, layout: str = "classic", logo: bytes | None = None) -> bytes:
    """The document as Factur-X. Refused: `einvoice_not_possible`, also where no font has a sign of its text."""
    invoice = cii_of(document)
    try:
        pdf = pdf_of(document, layout=layout, logo=logo, attached=invoice)
    except CannotBePrinted as refusal:
        raise EInvoiceNotPossible(refusal.message, place=refusal.place) from refusal
    return _described(pdf)


def _described(pdf: bytes) -> bytes:
    """The PDF, saying in its metadata that it is a Factur-X.

    Typst writes PDF/A-3 and attaches, but lets nobody add to its XMP (typst#5667). So the metadata follow once more
    at the end of the file, as PDF lets a file be updated; all that Typst wrote stays as it is.
    """
    root = PdfReader(io.BytesIO(pdf)).root_object
    number = root.raw_get("/Metadata").idnum
    described: Any = root["/Metadata"].get_object()
    metadata: bytes = described.get_data()
    text = metadata.replace(b"</rdf:Bag></pdfaExtension:schemas>", _schema() + b"</rdf:Bag></pdfaExtension:schemas>")
    text = text.replace(b"</rdf:RDF>", _properties() + b"</rdf:RDF>")
    end = TRAILER.search(pdf)
    if end is None or NAMESPACE.encode() not in text:
        raise EInvoiceNotPossible("The PDF has no place for what Factur-X says of itself.")
    object_at = len(pdf) + 1
    head = b"%d 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n" % (number, len(text))
    added = head + text + b"\nendstream\nendobj\n"
    table = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (number, object_at)
    trailer = b"trailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (end[1], end[2], object_at + len(added))
    return pdf + b"\n" + added + table + trailer


def _properties() -> bytes:
    inside = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _about) in PROPERTIES.items())
    return f'<rdf:Description rdf:about="" xmlns:fx="{NAMESPACE}">{inside}</rdf:Description>'.encode()


def _schema() -> bytes:
    """PDF/A wants every property that it does not know described."""
    rows = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{about}</pdfaProperty:description></rdf:li>"
        for name, (_value, about) in PROPERTIES.items()
    )
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{rows}</rdf:Seq></pdfaSchema:property></rdf:li>"
    ).encode()
