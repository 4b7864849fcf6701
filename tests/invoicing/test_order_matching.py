"""Purchase orders, what arrives of them, and bills that are compared with both (I8)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from invoicing.approving import decide_document, submit_document
from invoicing.converting import convert_document
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document, post_documents
from invoicing.documents import change_document, content_of, delete_document
from invoicing.invoicing_settings import change_settings
from invoicing.models import DocumentLine, Receipt
from invoicing.order_matching import standing_of
from invoicing.receiving import receive
from invoicing.refusals import BillDiffers, DocumentRefused, OrderInUse, ReceiptRefused
from ledger.kept_once import SavedBefore
from tenants.fields import new_id
from tenants.permissions import permissions_of_role
from tenants.refusal import Refused
from tenants.scope import Actor, acting_as
from tests.books import DAY
from tests.conftest import make_api_client, make_company, make_member
from tests.constitution.raw import system_scope
from tests.invoicing.papers import draft, posted, supplier
from tests.invoicing.papers import line as plain_line

D = Decimal


@pytest.fixture
def order(scope):
    return draft(supplier(), line("10.00", "12"), line("5.00", "3"), kind="purchase_order")


def line(*price, **fields):
    return plain_line(*price, account="5000", **fields)


def approver(company):
    user = make_member(company, "approver")
    return Actor(type="user", id=user.pk, name=str(user), permissions=permissions_of_role("approver"))


def lines_of(document):
    return list(DocumentLine.objects.for_company(document.company_id).filter(document=document).order_by("number"))


def stands(order):
    return [(one.received, one.billed) for one in standing_of(order.company, [order.pk]).values()]


def bill_of(order, *quantities, price=None):
    """A draft bill for so much of each line of the order, the first one at another price."""
    bill = convert_document(order.pk, date=DAY)
    content = content_of(bill)
    rows = [
        line(price if price and not number else f"{row.unit_price}", quantity, order_line=row.order_line)
        for number, (row, quantity) in enumerate(zip(content.lines, quantities, strict=False))
    ]
    return change_document(bill.pk, content_of(bill, lines=rows))


def test_a_bill_within_the_order_is_posted_and_what_is_left_is_billed_next(scope, order):
    bill = bill_of(order, "5", "3")
    assert [row.order_line_id for row in lines_of(bill)] == [row.pk for row in lines_of(order)]
    post_document(bill.pk)
    assert stands(order) == [(0, 5), (0, 3)]
    rest = convert_document(order.pk, date=DAY)
    assert [(row.quantity, row.order_line_id) for row in lines_of(rest)] == [(7, lines_of(order)[0].pk)]
    post_document(rest.pk)
    with pytest.raises(DocumentRefused) as refused:
        convert_document(order.pk, date=DAY)
    assert refused.value.place == "lines"


@pytest.mark.parametrize(
    ("quantities", "price", "place"),
    [(("13", "3"), None, "lines[0].quantity"), (("12", "4"), None, "lines[1].quantity"),
     (("12", "3"), "10.01", "lines[0].unit_price")],
)  # fmt: skip
def test_what_is_more_or_dearer_than_ordered_is_agreed_to_by_somebody_else(scope, order, quantities, price, place):
    bill = bill_of(order, *quantities, price=price)
    with pytest.raises(BillDiffers) as refused:
        post_document(bill.pk)
    assert (refused.value.code, refused.value.place) == ("bill_differs", place)
    assert submit_document(bill.pk).state == "submitted"
    with acting_as(approver(scope.company)):
        decide_document(bill.pk, approve=True)
    assert post_document(bill.pk).state == "posted"


def test_the_tolerance_lets_a_little_more_through(scope, order):
    change_settings(quantity_tolerance=D(10), price_tolerance=D(1))
    more = bill_of(order, "1")
    assert post_document(bill_of(order, "13", "3", price="10.10").pk).state == "posted"
    with pytest.raises(BillDiffers):
        post_document(more.pk)


def test_two_bills_of_one_order_posted_together_do_not_charge_twice(scope, order):
    bills = [bill_of(order, "7"), bill_of(order, "7")]
    with pytest.raises(BillDiffers) as refused:
        post_documents([bill.pk for bill in bills])
    assert refused.value.place == "documents[1].lines[0].quantity"


def test_a_credited_bill_may_come_again(scope, order):
    bill = post_document(bill_of(order, "12", "3").pk)
    post_document(credit_document(bill.pk, date=DAY, reason="Wrong address").pk)
    assert stands(order) == [(0, 0), (0, 0)]
    assert post_document(convert_document(order.pk, date=DAY).pk).total == bill.total


def test_where_receipts_count_only_what_arrived_is_charged_for(scope, order):
    change_settings(match_bills="receipt")
    first, second = (row.pk for row in lines_of(order))
    with pytest.raises(DocumentRefused):
        convert_document(order.pk, date=DAY)
    receive(order.pk, date=DAY, quantities={first: D(8), second: D(3)}, reference="DN 1")
    receive(order.pk, date=DAY, quantities={first: D(-2)})
    bill = convert_document(order.pk, date=DAY)
    assert [row.quantity for row in lines_of(bill)] == [6, 3]
    with pytest.raises(BillDiffers) as refused:
        post_document(bill_of(order, "7", "3").pk)
    assert "7 are charged for, 6 arrived" in refused.value.message
    post_document(bill.pk)
    assert stands(order) == [(6, 6), (3, 3)]


def test_where_nothing_is_compared_everything_is_posted(scope, order):
    change_settings(match_bills="")
    assert post_document(bill_of(order, "99", "3").pk).state == "posted"


@pytest.mark.parametrize(
    ("change", "place"),
    [({"date": DAY.replace(year=2025)}, "date"), ({"quantities": {}}, "quantities"), ({"reference": "x" * 201}, "reference"),
     ({"quantities": "stranger"}, "quantities."), ({"quantities": "back"}, "quantities."), ({"quantities": "fine"}, "quantities.")],
)  # fmt: skip
def test_what_cannot_have_arrived_is_refused(scope, order, change, place):
    first = lines_of(order)[0].pk
    kinds = {"stranger": {new_id(): D(1)}, "back": {first: D(-1)}, "fine": {first: D("0.0000001")}}
    asked = {"date": DAY, "quantities": {first: D(1)}, **change}
    asked["quantities"] = (
        kinds.get(asked["quantities"]) if isinstance(asked["quantities"], str) else asked["quantities"]
    )
    with pytest.raises(Refused) as refused:
        receive(order.pk, **asked)
    assert refused.value.place.startswith(place)
    assert not Receipt.objects.for_company(scope.company).exists()


def test_only_an_order_is_received_and_one_in_use_stays(scope, order):
    first = lines_of(order)[0].pk
    bill = posted(supplier("Fabrikam"), line("1.00"), kind="bill")
    with pytest.raises(ReceiptRefused):
        receive(bill.pk, date=DAY, quantities={first: D(1)})
    receive(order.pk, date=DAY, quantities={first: D(1)})
    for act in (delete_document, lambda pk: change_document(pk, content_of(order))):
        with pytest.raises(OrderInUse):
            act(order.pk)


def test_a_delivery_sent_twice_is_entered_once(scope, order):
    first, key = lines_of(order)[0].pk, new_id()
    for _time in range(2):
        receive(order.pk, date=DAY, quantities={first: D(2)}, receipt_id=key)
    with pytest.raises(SavedBefore):
        receive(order.pk, date=DAY, quantities={first: D(3)}, receipt_id=key)
    assert stands(order)[0] == (2, 0)


def test_only_bills_charge_for_lines_that_are_there(scope, order):
    content = content_of(bill_of(order, "1"))
    for changes in ({"lines": [line("1.00", order_line=new_id())]}, {"kind": "purchase_order"}):
        with pytest.raises(DocumentRefused) as refused:
            draft(order.contact, *changes.get("lines", content.lines), kind=changes.get("kind", "bill"))
        assert refused.value.place == "lines[0].order_line"


def test_by_the_pages(signed_in, company):
    with system_scope(company):
        order = draft(supplier(), line("10.00", "12", description="Chairs"), kind="purchase_order")
        (row,) = lines_of(order)
    client = signed_in("accountant")
    receive_at = reverse("invoicing:order-receive", args=[company.slug, order.pk])
    detail = reverse("invoicing:document-detail", args=[company.slug, order.pk])
    assert "Nothing arrived yet." in client.get(detail).content.decode()
    assert 'value="12"' in client.get(receive_at).content.decode()
    sent = {"date": DAY.isoformat(), "reference": "DN 7", "key": str(new_id()), f"quantity-{row.pk}": "-1"}
    refused = client.post(receive_at, sent)
    assert refused.status_code == 422 and "no more goes back" in refused.content.decode()
    assert client.post(receive_at, {**sent, f"quantity-{row.pk}": "4"}).status_code == 302
    assert "DN 7" in client.get(detail).content.decode()
    client.post(reverse("invoicing:document-act", args=[company.slug, order.pk]), {"act": "convert"})
    with system_scope(company):
        change_settings(match_bills="receipt")
        bill = order.made.get()
    page = client.get(reverse("invoicing:document-detail", args=[company.slug, bill.pk])).content.decode()
    assert "Beside the order" in page and "12 are charged for, 4 arrived." in page
    act = reverse("invoicing:document-act", args=[company.slug, bill.pk])
    answer = client.post(act, {"act": "post", "version": bill.version})
    assert answer.status_code == 422 and "Somebody else approves this" in answer.content.decode()


def test_by_the_api(api, company):
    with system_scope(company):
        order = draft(supplier(), line("10.00", "12"), kind="purchase_order")
        (row,) = lines_of(order)
        bill = bill_of(order, "5")
    books = api("admin")
    path = f"purchase-orders/{order.pk}/receipts/"
    made = books.post(path, {"date": DAY.isoformat(), "lines": [{"order_line": str(row.pk), "quantity": "4"}]})
    assert made.status_code == 201, made.json()
    (shown,) = books.get(path).json()["results"]
    assert shown["lines"] == [{"order_line": str(row.pk), "quantity": "4"}]
    books.patch("invoicing-settings/", {"match_bills": "receipt"})
    (compared,) = books.get(f"bills/{bill.pk}/matching/").json()
    assert (compared["ordered"], compared["received"], compared["quantity"]) == ("12", "4", "5")
    assert compared["difference"] == "5 are charged for, 4 arrived."
    assert books.post(f"bills/{bill.pk}/post/", {}).json()["code"] == "bill_differs"
    stranger = make_api_client(make_company(), "admin")
    assert stranger.get(path).status_code == 404
