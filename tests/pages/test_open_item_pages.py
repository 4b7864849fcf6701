"""Open items by their pages: narrowed, chosen, settled in parts and across currencies, taken back with a reason."""

import datetime
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.allocation_undo import undo_settlement
from ledger.models import Entry, Settlement
from ledger.open_items import open_items
from ledger.posting import post_many
from ledger.proposals import NewEntry, NewLine
from tests.conftest import make_company
from tests.pages.conftest import inside
from tests.pages.items import APRIL, MARCH, MAY, on_account, open_customers

KEY = "018f0000-0000-7000-8000-00000000bbbb"


@pytest.fixture
def customers(company):
    open_customers(company)
    return company


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def open_now(company):
    with inside(company):
        return {one.memo: one.residual for one in open_items(company, datetime.date.max)}


def settle(client, page_of, lines, *pairs, act="settle", **fields):
    columns = list(zip(*[(str(debit.pk), str(credit.pk), *amounts) for debit, credit, *amounts in pairs], strict=True))
    names = ("debit", "credit", "debit_amount", "credit_amount")
    data = {
        "act": act, "key": KEY, "date": "2026-05-10", "reason": "", "line": [str(line.pk) for line in lines],
        **dict(zip(names, map(list, columns), strict=False)), **fields,
    }  # fmt: skip
    return client.post(page_of("ledger:open-item-settle"), data)


def chosen(page_of, *lines):
    return page_of("ledger:open-item-settle") + "?" + "&".join(f"line={line.pk}" for line in lines)


def test_the_list_shows_what_is_open_with_age_and_totals(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    on_account(customers, "Export", APRIL, "300.00", currency="USD", rate="0.9", sub="C2")
    paid = on_account(customers, "Paid", APRIL, "-30.00", against="1000")
    with inside(customers):
        allocate([Pair(invoice.pk, paid.pk)], key="part")
    page = text(signed_in("auditor").get(page_of("ledger:open-item-list") + "?date=2026-04-20"))

    assert "70.00" in page
    assert "Paid" not in page
    assert re.search(r'<td class="number wide-only">41</td>', page)
    assert re.search(r"300\.00</span>\s*USD", page)
    assert "340.00" in page


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("account=1100", {"Invoice", "Export", "Late"}), ("account=2000", {"Paper"}), ("sub_account=C2", {"Export"}),
        ("currency=USD", {"Export"}), ("date=2026-03-31", {"Invoice"}), ("show=all", {"Invoice", "Export", "Late", "Paper", "Over"}),
    ],
)  # fmt: skip
def test_the_address_narrows_the_list(signed_in, page_of, customers, query, seen):
    on_account(customers, "Invoice", MARCH, "100.00")
    on_account(customers, "Export", APRIL, "300.00", currency="USD", rate="0.9", sub="C2")
    on_account(customers, "Late", MAY, "5.00")
    on_account(customers, "Paper", APRIL, "-24.00", account="2000", sub="S1", against="5000")
    over = on_account(customers, "Over", APRIL, "9.00")
    with inside(customers):
        allocate([Pair(over.pk, on_account(customers, "Gone", APRIL, "-9.00", against="1000").pk)], key="over")
    date = "" if "date=" in query else "&date=2026-12-31"
    rows = text(signed_in("clerk").get(page_of("ledger:open-item-list") + f"?{query}{date}&format=csv")).splitlines()

    found = {row.split(",")[7] for row in rows[1:]} - {"Gone"}
    assert found == seen


def test_a_sub_account_that_is_none_is_said_at_its_field(signed_in, page_of, customers):
    answer = signed_in("clerk").get(page_of("ledger:open-item-list") + "?sub_account=C9")

    assert answer.status_code == 422
    assert "There is no sub-account “C9”" in text(answer)


def test_a_formula_in_a_memo_stays_text_in_the_file(signed_in, page_of, customers):
    on_account(customers, "=1+1", MARCH, "1.00")
    assert "'=1+1" in text(signed_in("clerk").get(page_of("ledger:open-item-list") + "?format=csv"))


def test_who_only_reads_chooses_nothing_and_settles_nothing(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    paid = on_account(customers, "Paid", APRIL, "-100.00", against="1000")
    for role in ("auditor", "clerk", "approver"):
        client = signed_in(role)
        assert 'name="line"' not in text(client.get(page_of("ledger:open-item-list")))
        assert client.get(chosen(page_of, invoice, paid)).status_code == 403
        assert settle(client, page_of, [invoice, paid], (invoice, paid)).status_code == 403
    assert len(open_now(customers)) == 2


def test_pairs_are_proposed_oldest_first_and_settled_as_proposed(signed_in, page_of, customers):
    first, second = (on_account(customers, memo, day, "60.00") for memo, day in (("First", MARCH), ("Second", APRIL)))
    paid = on_account(customers, "Paid", MAY, "-90.00", against="1000")
    client = signed_in("accountant")
    page = text(client.get(chosen(page_of, second, paid, first)))

    assert re.findall(r'name="debit_amount" value="([^"]*)"', page) == ["60.00", "30.00", "", ""]
    assert "No exchange difference" in page
    answer = settle(client, page_of, [first, second, paid], (first, paid, "60.00"), (second, paid, "30.00"))
    assert answer.status_code == 302
    assert open_now(customers) == {"Second": 30}
    shown = text(client.get(answer.url))
    assert "C1 Harbour Trading" in shown
    assert "90.00" in shown


def test_a_part_amount_is_tried_without_being_posted(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    paid = on_account(customers, "Paid", MAY, "-90.00", against="1000")
    answer = settle(signed_in("accountant"), page_of, [invoice, paid], (invoice, paid, "45/2"), act="try")

    assert answer.status_code == 200
    assert "77.50" in text(answer)
    assert open_now(customers) == {"Invoice": 100, "Paid": -90}


def test_the_exchange_difference_is_shown_before_and_posted_with_the_settlement(signed_in, page_of, customers):
    export = on_account(customers, "Export", MARCH, "100.00", currency="USD", rate="0.9")
    paid = on_account(customers, "Paid in euro", MAY, "-92.00", against="1000")
    client = signed_in("accountant")
    page = text(client.get(chosen(page_of, export, paid)))

    assert "Exchange gain of 2.00 EUR" in page
    assert re.findall(r'name="credit_amount" value="([^"]*)"', page)[0] == "92.00"
    answer = settle(client, page_of, [export, paid], (export, paid, "100.00", "92.00"))
    with inside(customers):
        entry = Entry.objects.for_company(customers).get(source="settlement")
        assert Settlement.objects.for_company(customers).get().exchange_entry_id == entry.pk
    assert page_of("ledger:entry-detail", entry.pk) in text(client.get(answer.url))
    assert open_now(customers) == {}


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("90.01", "Only 90 of the line is open."), ("1x", "“1x” is not an amount"),
        ("0.001", "decimals"), ("-1", "cannot be settled"),
    ],
)  # fmt: skip
def test_what_cannot_be_settled_is_said_at_its_pair_and_kept(signed_in, page_of, customers, amount, message):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    paid = on_account(customers, "Paid", MAY, "-90.00", against="1000")
    client = signed_in("accountant")
    answer = settle(client, page_of, [invoice, paid], (invoice, paid, amount), reason="Half of it")

    assert answer.status_code == 422
    assert message in text(answer)
    assert f'value="{amount}"' in text(answer)
    assert "Half of it" in text(answer)
    key = re.search(r'name="key" value="([^"]+)"', text(answer)).group(1)
    assert settle(client, page_of, [invoice, paid], (invoice, paid, "90.00"), key=key).status_code == 302


def test_a_date_before_an_item_is_refused_at_the_date(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    paid = on_account(customers, "Paid", MAY, "-90.00", against="1000")
    answer = settle(signed_in("accountant"), page_of, [invoice, paid], (invoice, paid, "90"), date="2026-04-01")

    assert answer.status_code == 422
    assert 'id="id_date_error"' in text(answer)


def test_what_was_taken_back_is_settled_again_from_that_day_on(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    paid = on_account(customers, "Paid", MAY, "-90.00", against="1000")
    with inside(customers):
        first = allocate([Pair(invoice.pk, paid.pk)], key="first")
        undo_settlement(first.id, date=datetime.date(2026, 5, 20), reason="Wrong")
    client = signed_in("accountant")

    assert 'value="2026-05-20"' in text(client.get(chosen(page_of, invoice, paid)))
    early = settle(client, page_of, [invoice, paid], (invoice, paid, "90"), date="2026-05-15")
    assert early.status_code == 422
    assert "More would be settled than is open" in text(early)
    assert 'id="id_date_error"' in text(early)
    key = re.search(r'name="key" value="([^"]+)"', text(early)).group(1)
    assert (
        settle(client, page_of, [invoice, paid], (invoice, paid, "90"), date="2026-05-20", key=key).status_code == 302
    )


def test_items_of_two_customers_or_of_one_side_are_not_settled(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    other = on_account(customers, "Other", MAY, "-90.00", against="1000", sub="C2")
    client = signed_in("accountant")

    assert "one account and one sub-account" in text(client.get(chosen(page_of, invoice, other), follow=True))
    assert "at least one of each" in text(client.get(chosen(page_of, invoice), follow=True))
    assert "at least one of each" in text(client.get(page_of("ledger:open-item-settle") + "?line=x", follow=True))


def test_items_of_another_company_are_not_there(signed_in, page_of, customers):
    other = make_company()
    open_customers(other)
    theirs = on_account(other, "Theirs", MARCH, "100.00"), on_account(other, "Paid", MAY, "-9.00", against="1000")
    with inside(other):
        settled = allocate([Pair(theirs[0].pk, theirs[1].pk)], key="k")
    client = signed_in("accountant")

    assert "at least one of each" in text(client.get(chosen(page_of, *theirs), follow=True))
    assert client.get(page_of("ledger:settlement-detail", settled.id)).status_code == 404
    undo = client.post(page_of("ledger:settlement-undo", settled.id), {"date": "2026-06-01", "reason": "x"})
    assert undo.status_code == 404
    assert "Theirs" not in text(client.get(page_of("ledger:open-item-list")))


@pytest.fixture
def settled(customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00", reference="INV-1")
    paid = on_account(customers, "Paid", MAY, "-90.00", against="1000")
    with inside(customers):
        made = allocate([Pair(invoice.pk, paid.pk)], key="k", reason="Bank statement 7")
    return made.id, invoice, paid


def test_a_settlement_is_taken_back_with_a_reason_and_stays_to_be_seen(signed_in, page_of, customers, settled):
    client = signed_in("accountant")
    undo = page_of("ledger:settlement-undo", settled[0])
    for fields in ({"date": "2026-06-01", "reason": ""}, {"date": "2026-05-01", "reason": "Wrong"}):
        refused = client.post(undo, fields)
        assert refused.status_code == 422
        assert f'value="{fields["date"]}"' in text(refused)
    answer = client.post(undo, {"date": "2026-06-01", "reason": "Wrong invoice"}, follow=True)

    assert "Takes back the settlement of" in text(answer)
    assert open_now(customers) == {"Invoice": 100, "Paid": -90}
    page = text(client.get(page_of("ledger:settlement-detail", settled[0])))
    assert "Wrong invoice" in page
    assert 'id="undo"' not in page
    listed = text(client.get(page_of("ledger:settlement-list")))
    assert "taken back" in listed
    assert "takes back" in listed


def test_who_may_not_post_takes_no_settlement_back(signed_in, page_of, customers, settled):
    for role in ("auditor", "clerk", "approver"):
        client = signed_in(role)
        assert 'id="undo"' not in text(client.get(page_of("ledger:settlement-detail", settled[0])))
        answer = client.post(page_of("ledger:settlement-undo", settled[0]), {"date": "2026-06-01", "reason": "x"})
        assert answer.status_code == 403
    assert open_now(customers) == {"Invoice": 10}


def test_settlements_are_narrowed_and_exported(signed_in, page_of, customers, settled):
    client = signed_in("clerk")
    address = page_of("ledger:settlement-list")

    for query in ("account=1100", "sub_account=C1", "from=2026-05-01&to=2026-05-31"):
        assert "Bank statement 7" in text(client.get(f"{address}?{query}")), query
    for query in ("account=2000", "sub_account=C2", "to=2026-05-01"):
        assert "No settlement matches" in text(client.get(f"{address}?{query}")), query
    rows = text(client.get(f"{address}?format=csv")).splitlines()
    assert rows[1].startswith("2026-05-10,1100,C1,2026-03-10,2026-05-10,EUR,90.00,EUR,90.00,90.00")


def test_an_entry_shows_what_is_open_of_it_and_what_settled_it(signed_in, page_of, customers, settled):
    page = text(signed_in("auditor").get(page_of("ledger:entry-detail", settled[1].entry_id)))

    assert "Settled with" in page
    assert page_of("ledger:settlement-detail", settled[0]) in page
    assert re.search(r"10\.00</span>\s*EUR", page)


def many_settled(company, start, count):
    with inside(company):
        entries = [
            NewEntry(f"m{start}:{n}", MARCH, (NewLine("1100", Decimal(2 * side), sub_account="C1"), NewLine("4000", Decimal(-2 * side))))
            for n in range(start, start + count) for side in (1, -1)
        ]  # fmt: skip
        entries = [NewEntry(f"{one.key}:{n}", one.date, one.lines) for n, one in enumerate(entries)]
        post_many(entries)
        found = open_items(company, datetime.date.max)
        debits = [one for one in found if one.residual == 2][:count]
        credits_ = [one for one in found if one.residual == -2][:count]
        for n, (debit, credit) in enumerate(zip(debits, credits_, strict=True)):
            allocate([Pair(debit.line_id, credit.line_id, Decimal(1))], key=f"s{start}:{n}")


def test_the_lists_cost_the_same_for_1_20_and_200_rows(signed_in, page_of, customers):
    client = signed_in("accountant")
    costs = {"ledger:open-item-list": [], "ledger:settlement-list": []}
    for start, count in ((0, 1), (1, 19), (20, 80)):
        many_settled(customers, start, count)
        for name, counts in costs.items():
            client.get(page_of(name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page_of(name)).status_code == 200
            counts.append(len(queries))

    assert all(len(set(counts)) == 1 for counts in costs.values()), costs


def test_a_settlement_that_is_sent_twice_is_answered_twice(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    paid = on_account(customers, "Paid", MAY, "-100.00", against="1000")
    client = signed_in("accountant")
    first = settle(client, page_of, [invoice, paid], (invoice, paid, "100.00"))
    again = settle(client, page_of, [invoice, paid], (invoice, paid, "100.00"))

    assert (first.status_code, again.url) == (302, first.url)
    other = settle(client, page_of, [invoice, paid], (invoice, paid, "100.00"), key=KEY[:-1] + "d")
    assert other.status_code == 422
    assert "settled already" in text(other)
    shown = settle(client, page_of, [invoice, paid], (invoice, paid, "100.00"), act="try")
    assert "Only 0 of the line is open" in text(shown)


def test_a_part_of_the_page_says_what_is_wrong_with_the_choice(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    data = {"act": "try", "key": KEY, "date": "2026-05-10", "line": [str(invoice.pk)]}
    for lines in ([str(invoice.pk)], []):
        answer = signed_in("accountant").post(
            page_of("ledger:open-item-settle"), {**data, "line": lines}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 200
        assert text(answer).startswith('<section id="outcome"')
        assert "at least one of each" in text(answer)


def test_a_choice_that_cannot_be_settled_returns_to_the_account_it_was_made_in(signed_in, page_of, customers):
    invoice = on_account(customers, "Invoice", MARCH, "100.00")
    client, address = signed_in("accountant"), page_of("ledger:open-item-list")
    page = text(client.get(f"{address}?account=1100&sub_account=C1"))
    hidden = dict(re.findall(r'<input type="hidden" name="(account|sub_account)" value="([^"]*)"', page))
    none = client.get(page_of("ledger:open-item-settle"), hidden)

    assert hidden == {"account": "1100", "sub_account": "C1"}
    for answer in (client.get(chosen(page_of, invoice)), none):
        assert answer.url == f"{address}?account=1100&sub_account=C1"
    assert client.get(page_of("ledger:open-item-settle")).url == address
