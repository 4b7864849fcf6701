import datetime
import re

import pytest
from beancount.core.account import is_valid
from beancount.core.amount import CURRENCY_RE
from hypothesis import given
from hypothesis import strategies as st

from ledger.renderers.names import account_name, account_names, unit_name
from ledger.renderers.rows import ExportAccount

TYPES = ["asset", "liability", "equity", "income", "expense", "statistical"]


def account(code: str, name: str = "", kind: str = "asset") -> ExportAccount:
    return ExportAccount(code, name, kind, datetime.date(2024, 1, 1))


@pytest.mark.parametrize(
    ("code", "name", "kind", "expected"),
    [
        ("1200", "Trade receivables", "asset", "Assets:1200-Trade-receivables"),
        ("4400", "Erlöse 19 % USt.", "income", "Income:4400-Erlose-19-USt"),
        ("1576", "Größe & Maß", "liability", "Liabilities:1576-Grosse-Mass"),
        ("9000", "Hours", "statistical", "Equity:Statistical:9000-Hours"),
        ("1000", "現金", "asset", "Assets:1000"),
        ("Assets:US:BofA:Checking", "anything", "asset", "Assets:US:BofA:Checking"),
        ("Assets:Hours", "anything", "statistical", "Assets:Hours"),
        ("Assets:Café", "anything", "asset", "Assets:Café"),
    ],
)
def test_an_account_is_named(code: str, name: str, kind: str, expected: str):
    assert account_name(account(code, name, kind)) == expected


@pytest.mark.parametrize(
    "code", ["12.00", "10-20", "abc", "ä", "Assets:my bank", "Assets::x", "Other:Cash", "a:b", "", "-"]
)
def test_any_code_makes_a_name_beancount_takes(code: str):
    assert is_valid(account_name(account(code, "Name")))


CODES = st.text(st.sampled_from("Xx1-.: aB2"), max_size=6) | st.sampled_from(["Assets", "Equity"]).flatmap(
    lambda root: st.text(st.sampled_from("Xx1-.: a-2"), max_size=8).map(lambda rest: f"{root}:{rest}")
)


@given(
    st.lists(
        st.builds(account, CODES, st.text(st.sampled_from("Xx1-. 2"), max_size=4), st.sampled_from(TYPES)),
        unique_by=lambda account: account.code,
    )
)
def test_two_accounts_never_share_a_name(accounts: list[ExportAccount]):
    names = account_names(accounts)
    assert len(set(names.values())) == len(accounts)
    assert all(is_valid(name) for name in names.values())


def test_a_made_name_gives_way_to_a_path_that_is_written_alike():
    assert account_names([account("1000", "Cash"), account("Assets:1000-Cash")]) == {
        "1000": "Assets:1000-Cash--2",
        "Assets:1000-Cash": "Assets:1000-Cash",
    }


@pytest.mark.parametrize("code", ["EUR", "V", "AAPL2", "NT.TO", "TLT_040921C144", "A-B"])
def test_a_unit_beancount_reads_keeps_its_code(code: str):
    assert unit_name(code) == code


@pytest.mark.parametrize(
    ("code", "expected"), [("hours", "L.HOURS"), ("kWh", "U.'KW'H.U"), ("TRUE", "U.TRUE.U"), ("m²", "U.'M_B2_.U")]
)
def test_another_unit_is_escaped(code: str, expected: str):
    assert unit_name(code) == expected


@given(
    st.text(st.sampled_from("Uu.L'_-1H h€"), min_size=1, max_size=6),
    st.text(st.sampled_from("Uu.L'_-1H h€"), min_size=1, max_size=6),
)
def test_two_units_never_share_a_name(one: str, other: str):
    assert re.fullmatch(CURRENCY_RE, unit_name(one))
    assert (unit_name(one) == unit_name(other)) == (one == other)
