"""Any document in euro is a valid electronic invoice and comes back with the same totals, in UBL and in CII."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from invoicing.einvoice.cii import cii_of
from invoicing.einvoice.reading import read_invoice
from invoicing.einvoice.rules import findings_of
from invoicing.einvoice.ubl import ubl_of
from invoicing.totals import Rules
from tests.invoicing.paper_samples import Sold, sample
from tests.invoicing.test_totals import lines

D = Decimal
# One tax a line, with or without one withheld: more have no place in EN 16931.
CARRIED = [
    ("S", "20", ""),
    ("S", "5", ""),
    ("S", "2.1", ""),
    ("S", "20", "10"),
    ("Z", "0", ""),
    ("E", "0", ""),
    ("AE", "0", ""),
]
carried = st.sampled_from(CARRIED)
rules = st.builds(
    Rules, decimals=st.just(2), inclusive=st.booleans(), per_line=st.booleans(),
    cash_step=st.sampled_from([None, D("0.05")]),
)  # fmt: skip
kinds = st.sampled_from(["invoice", "debit_note", "credit_note"])


@pytest.mark.parametrize("write", [ubl_of, cii_of])
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(given_lines=lines, taxes=st.lists(carried, min_size=1, max_size=7), given_rules=rules, kind=kinds)
def test_any_document_passes_the_rules_and_reads_back_with_its_totals(write, given_lines, taxes, given_rules, kind):
    # The rules let taxes that were rounded by line differ by less than 1 in the whole.
    assume(not given_rules.per_line or len(given_lines) < 100)
    sold = []
    for number, one in enumerate(given_lines):
        category, percent, withheld = taxes[number % len(taxes)]
        sold.append(Sold(one.unit_price, one.quantity, percent, category, one.discount_percent, withheld=withheld))
    document = sample(*sold, rules=given_rules, kind=kind)
    written = write(document)
    assert findings_of(written) == []
    found = read_invoice(written)
    assert (found.net, found.tax, found.gross) == (document.net, document.tax, document.gross)
    assert (found.prepaid, found.rounding, found.payable) == (document.withheld, document.rounding, document.total)
    assert [line.net for line in found.lines] == [line.net for line in document.lines]
