"""A broken invoice is found out: each rule by an invoice that breaks it, and the official rules agree."""

import dataclasses
from decimal import Decimal

import pytest

from invoicing.einvoice.cii import written_as_cii
from invoicing.einvoice.filling import filled_in
from invoicing.einvoice.rules import findings_of
from invoicing.einvoice.semantic import AllowanceCharge, Payment, Trader
from invoicing.einvoice.ubl import written_as_ubl
from tests.invoicing.official_rules import failed_rules
from tests.invoicing.paper_samples import Sold, sample

D = Decimal
GOOD = filled_in(
    sample(Sold("120.00", "12.5", discount="10"), Sold("10", percent="7"), Sold("5", percent="0", category="E"))
)
K, G, AE, OUTSIDE, Z = (
    filled_in(sample(Sold("10", percent="0", category=category))) for category in ("K", "G", "AE", "", "Z")
)


def change(invoice=GOOD, **fields):
    return dataclasses.replace(invoice, **fields)


def sums(invoice=GOOD, **fields):
    return change(invoice, sums=dataclasses.replace(invoice.sums, **fields))


def first_line(invoice=GOOD, **fields):
    return change(invoice, lines=[dataclasses.replace(invoice.lines[0], **fields), *invoice.lines[1:]])


def row(number=0, invoice=GOOD, **fields):
    rows = list(invoice.breakdowns)
    rows[number] = dataclasses.replace(rows[number], **fields)
    return change(invoice, breakdowns=rows)


def seller(invoice=GOOD, **fields):
    return change(invoice, seller=dataclasses.replace(invoice.seller, **fields))


def buyer(invoice=GOOD, **fields):
    return change(invoice, buyer=dataclasses.replace(invoice.buyer, **fields))


def whole(**fields):
    return change(allowances=[AllowanceCharge(**{"is_charge": False, "amount": D("1.00"), "reason": "x", "category": "S",
                                                 "tax_percent": D(19)} | fields)])  # fmt: skip


NOBODY = Trader(name="Adventure Works GmbH", country="DE")
# Rules, an invoice that breaks them, and whether the official rules of UBL are asked as well.
BROKEN = [
    ("BR-01", change(specification=""), True), ("BR-02", change(number=""), True), ("BR-03", change(date=None), True),
    ("BR-04", change(type_code=""), True), ("BR-CL-01", change(type_code="999"), True),
    ("BR-CL-04", change(currency="eur"), True), ("BR-06", seller(name=""), True), ("BR-07", buyer(name=""), True),
    ("BR-09", seller(country=""), True), ("BR-11", buyer(country=""), True), ("BR-12", sums(lines=None), True),
    ("BR-13", sums(net=None), True), ("BR-14", sums(gross=None), True), ("BR-15", sums(payable=None), True),
    ("BR-16", change(lines=[]), True), ("BR-21", first_line(identifier=""), True),
    ("BR-22", first_line(quantity=None), True), ("BR-24", first_line(net=None), True),
    ("BR-25", first_line(name=""), True), ("BR-26", first_line(price=None), True),
    ("BR-27", first_line(price=D("-1")), True), ("BR-CO-04", first_line(category=""), True),
    ("BR-31", whole(amount=None), False), ("BR-32", whole(category=""), True), ("BR-33", whole(reason=""), True),
    ("BR-36", whole(is_charge=True, amount=None), False), ("BR-37", whole(is_charge=True, category=""), True),
    ("BR-38", whole(is_charge=True, reason=""), True),
    ("BR-42", first_line(allowances=[AllowanceCharge(False, D("150.00"))]), True),
    ("BR-44", first_line(allowances=[AllowanceCharge(True, D("150.00"))]), True),
    ("BR-45", row(taxable=None), True), ("BR-46", row(amount=None), True), ("BR-47", row(category="X"), False),
    ("BR-48", row(percent=None), True), ("BR-50", change(payment=Payment(means="58", holder="x")), False),
    ("BR-61", change(payment=Payment(means="58")), True), ("BR-53", change(tax_currency="USD"), True),
    ("BR-62", seller(electronic_scheme=""), False), ("BR-CO-09", seller(vat_number="136695976"), True),
    ("BR-CO-10", sums(lines=D("1.00")), True), ("BR-CO-11", sums(allowances=D("1.00")), True),
    ("BR-CO-12", sums(charges=D("1.00")), True), ("BR-CO-13", sums(net=D("1.00")), True),
    ("BR-CO-14", sums(tax=D("1.00")), True), ("BR-CO-15", sums(gross=D("1.00")), True),
    ("BR-CO-16", sums(payable=D("1.00")), True), ("BR-CO-16", sums(rounding=D("0.01")), True),
    ("BR-CO-17", row(amount=D("99.00")), True), ("BR-CO-18", change(breakdowns=[]), True),
    ("BR-CO-25", change(due_date=None, terms=""), False), ("BR-CO-26", change(seller=NOBODY), True),
    ("PEPPOL-R120", first_line(quantity=D(12)), False), ("PEPPOL-R120", first_line(allowances=[]), False),
    ("PEPPOL-R121", first_line(base_quantity=D("-1")), False),
    ("PEPPOL-R040", first_line(
        allowances=[dataclasses.replace(GOOD.lines[0].allowances[0], percent=D(11))]), False),
    ("BR-DEC-12", sums(net=D("1365.000")), True), ("BR-DEC-18", sums(payable=D("1622.200")), True),
    ("BR-DEC-23", first_line(net=D("1350.000")), True), ("BR-DEC-19", row(taxable=D("1350.000")), True),
    ("BR-DEC-20", row(amount=D("256.500")), True), ("BR-DEC-01", whole(amount=D("1.000")), True),
    ("BR-DEC-24", first_line(
        allowances=[dataclasses.replace(GOOD.lines[0].allowances[0], amount=D("150.000"))]), True),
    ("BR-S-01", change(breakdowns=GOOD.breakdowns[2:]), True), ("BR-S-02", seller(vat_number=""), True),
    ("BR-S-03", change(whole(), seller=dataclasses.replace(GOOD.seller, vat_number="")), True),
    ("BR-S-05", first_line(percent=D(0)), True), ("BR-S-06", whole(tax_percent=D(0)), True),
    ("BR-S-08", row(taxable=D("1352.00")), True), ("BR-S-09", row(amount=D("258.50")), True),
    ("BR-S-10", row(reason="why"), True), ("BR-E-01", change(breakdowns=GOOD.breakdowns[:2]), True),
    ("BR-E-05", change(lines=[*GOOD.lines[:2], dataclasses.replace(GOOD.lines[2], percent=D(5))]), True),
    ("BR-E-08", row(2, taxable=D("6.00")), True), ("BR-E-09", row(2, amount=D("1.00")), True),
    ("BR-E-10", row(2, reason="", reason_code=""), True), ("BR-Z-10", row(0, Z, reason="why"), True),
    ("BR-Z-05", first_line(Z, percent=D(5)), True), ("BR-Z-02", seller(Z, vat_number=""), True),
    ("BR-AE-02", buyer(AE, vat_number="", registration=""), True), ("BR-AE-05", first_line(AE, percent=D(5)), True),
    ("BR-AE-09", row(0, AE, amount=D("1.00")), True), ("BR-AE-10", row(0, AE, reason="", reason_code=""), True),
    ("BR-IC-02", buyer(K, vat_number=""), True), ("BR-IC-10", row(0, K, reason="", reason_code=""), True),
    ("BR-IC-11", change(K, delivery_date=None), True), ("BR-IC-12", change(K, delivery_country=""), True),
    ("BR-G-02", seller(G, vat_number=""), True), ("BR-G-10", row(0, G, reason="", reason_code=""), True),
    ("BR-O-02", seller(OUTSIDE, vat_number="DE136695976"), True), ("BR-O-05", first_line(OUTSIDE, percent=D(0)), True),
    ("BR-O-10", row(0, OUTSIDE, reason="", reason_code=""), True),
    ("BR-O-11", change(OUTSIDE, breakdowns=[*OUTSIDE.breakdowns, *Z.breakdowns]), True),
    ("BR-O-12", change(OUTSIDE, lines=[*OUTSIDE.lines, *Z.lines]), True),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "invoice", "official"), BROKEN, ids=[f"{one[0]}-{n}" for n, one in enumerate(BROKEN)])
def test_a_broken_rule_is_found_and_the_official_rules_agree(rule, invoice, official):
    ubl = written_as_ubl(invoice)
    assert rule in [finding.rule for finding in findings_of(ubl)]
    assert rule in [finding.rule for finding in findings_of(written_as_cii(invoice))]
    if official:
        assert rule in failed_rules(ubl)


def test_a_finding_says_where_and_what():
    found = {finding.rule: finding for finding in findings_of(written_as_ubl(first_line(net=D("1.00"))))}
    assert found["PEPPOL-R120"].place == "lines[0]" and "1350" in found["PEPPOL-R120"].message
    assert found["BR-CO-10"].place == "sums.lines"


def test_a_good_invoice_has_no_findings():
    for invoice in (GOOD, K, G, AE, OUTSIDE, Z):
        assert findings_of(written_as_ubl(invoice)) == findings_of(written_as_cii(invoice)) == []
