"""Exported cells: figures stay figures, texts never become formulas."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.csv_cells import csv_line, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\u00a0=1"])
def test_a_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "cell"),
    [(Decimal("-12.50"), "-12.50"), (-3, "-3"), (None, ""), ("a=b", "a=b"), (True, "True"), (Decimal("1E+3"), "1000")],
)
def test_figures_and_plain_texts_stay_as_they_are(value, cell):
    assert safe_cell(value) == cell


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=1))
def test_a_line_is_read_back_as_the_cells_that_were_written(values):
    read = next(csv.reader(io.StringIO(csv_line(values), newline="")))
    assert [cell.removeprefix("'") for cell in read] == [value.removeprefix("'") for value in values]
