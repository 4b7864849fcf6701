"""Rows of long reports come in their order, or not at all."""

import pytest

from reports.reading import OutOfOrder, in_order


def test_rows_that_come_out_of_order_are_a_fault_and_no_figures():
    assert list(in_order(iter([1, 1, 3]), int)) == [1, 1, 3]
    rows = in_order(iter([1, 3, 2]), int)
    assert [next(rows), next(rows)] == [1, 3]
    with pytest.raises(OutOfOrder):
        next(rows)
