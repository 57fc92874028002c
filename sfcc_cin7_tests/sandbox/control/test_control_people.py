"""Everything that people do can be asked for over the control endpoint."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import simplejson

from sfcc_cin7_sandbox.control.poison import POISONS
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_tests.sandbox.erp_clerk import book

UK = "alpenglow-uk"


class Strings:
    """The control endpoints of a running sandbox."""

    def __init__(self, running: RunningSandbox, client: httpx.Client) -> None:
        self.house = running.sandbox
        self.client = client

    def pull(self, name: str, /, **body: Any) -> Any:
        response = self._post(name, body)
        assert response.status_code == 200, response.text
        return simplejson.loads(response.content, use_decimal=True)

    def complaint(self, name: str, /, **body: Any) -> str:
        response = self._post(name, body)
        assert response.status_code == 400, response.text
        return str(response.json()["error"])

    def _post(self, name: str, body: dict[str, Any]) -> httpx.Response:
        content = simplejson.dumps(body, use_decimal=True)
        return self.client.post(f"/_control/{name}", content=content)

    def order(self) -> tuple[dict[str, Any], dict[str, str]]:
        """A placed order, and how it is named."""
        placed = self.house.shoppers.place(UK, "plain")
        return placed, {"site": UK, "order": placed["orderNo"]}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with running_sandbox(skus=150) as sandbox:
        yield sandbox


@pytest.fixture
def strings(running: RunningSandbox) -> Iterator[Strings]:
    running.reset()
    with httpx.Client(base_url=running.url) as client:
        yield Strings(running, client)


def test_an_order_lives_through_everything(strings):
    placed, named = strings.order()
    sku = placed["productItems"][0]["productId"]

    more = strings.pull("orders/quantity", **named, sku=sku, quantity=3)
    assert more["orderTotal"] > placed["orderTotal"]
    strings.pull("orders/email", **named, email="ase@example.com")
    strings.pull("orders/address", **named, address={"address1": "2 Low Street"})
    strings.pull(
        "orders/payments", **named, instrument={"paymentInstrumentId": "k", "paymentMethodId": "K"}
    )
    strings.pull("orders/payments", **named, payment="k", transaction={"amount": Decimal("1.10")})
    assert strings.pull("orders/export-status", **named, status="failed")["exportStatus"] == (
        "failed"
    )
    noted = {"c_cancelledItems": "[]"}
    strings.pull("orders/attributes", **named, attributes=noted)
    strings.pull("orders/refunded", **named)
    assert strings.pull("orders/capture-failed", **named)["status"] == "cancelled"
    assert strings.pull("orders/captured-late", **named)["exportStatus"] == "ready"
    assert "cancelled order" in strings.complaint("orders/captured-late", **named)
    assert "no 'c_typo'" in strings.complaint(
        "orders/attributes", **named, attributes={"c_typo": 1}
    )
    wrong = {"c_cancelledItems": 1}
    assert "no text" in strings.complaint("orders/attributes", **named, attributes=wrong)
    assert strings.pull("orders/complete", **named)["status"] == "completed"
    assert strings.pull("orders/cancel", **named, code="fraud")["status"] == "cancelled"
    assert strings.pull("orders/reinstate", **named)["status"] == "new"

    strings.pull("orders/break-json", **named)
    assert strings.house.sfcc.truth()["orders"][0]["planted"] is True

    shown = strings.house.sfcc.order(UK, placed["orderNo"])
    assert shown["customerInfo"]["email"] == "ase@example.com"
    assert shown["shipments"][0]["shippingAddress"] == {"address1": "2 Low Street"}
    assert shown["paymentInstruments"][-1]["paymentTransaction"] == {"amount": Decimal("1.10")}
    assert shown["cancelCode"] == "fraud"


def test_a_sale_goes_through_every_pair_of_hands(strings):
    placed, _ = strings.order()
    sku = placed["productItems"][0]["productId"]
    sale = book(strings.client, placed)

    assert strings.pull("sales/line", sale=sale, sku=sku, quantity=2, tax=1)["Tax"] < (
        placed["taxTotal"] + 1
    )
    strings.pull("sales/comment", sale=sale, comment="urgent")
    one = {sku: 1}
    picked = strings.pull("sales/pick", sale=sale, quantities=one)
    assert picked["CombinedPickingStatus"] == "PARTIALLY PICKED"
    strings.pull("sales/pack", sale=sale)
    shipped = strings.pull("sales/ship", sale=sale, quantities={})
    assert shipped["CombinedShippingStatus"] == "PARTIALLY SHIPPED"
    assert strings.pull("sales/invoice", sale=sale)["CombinedInvoiceStatus"] == "INVOICED"
    assert "undo them first" in strings.complaint("sales/void", sale=sale)
    strings.pull("sales/repeat", sale=sale)
    _, again = strings.house.cin7.sales_truth()
    assert strings.pull("sales/undo", sale=again["ID"])["OrderStatus"] == "DRAFT"
    assert strings.pull("sales/void", sale=again["ID"])["Status"] == "VOIDED"


def test_any_document_becomes_an_order(strings):
    document = {"orderNo": "R1", "siteId": UK, "orderTotal": -1}
    where = {"siteId": UK, "orderNo": "R1"}
    assert strings.pull("raw-orders", document=document) == where
    strings.pull("raw-orders", document={"productItems": 5}, site=UK, order_no="R3")
    strings.pull("raw-orders", document={}, site=UK, order_no="R2", unfinished=True)
    for poison in POISONS:
        strings.pull("raw-orders", poison=poison, site=UK)
    orders = simplejson.loads(strings.client.get("/_control/truth").content)["sfcc"]["orders"]
    assert len(orders) == 3 + len(POISONS)
    assert all(order["planted"] for order in orders)


def test_a_sale_is_split_tracked_and_undone_at_the_warehouse(strings):
    placed, _ = strings.order()
    sale = book(strings.client, placed)
    assert strings.pull("sales/pick", sale=sale)["CombinedPickingStatus"] == "PICKED"
    strings.pull("sales/pack", sale=sale, parcels=2)
    strings.pull("sales/ship", sale=sale, leaving=1, tracking=[])
    shipped = strings.pull("sales/ship", sale=sale, tracking=["1Z2"], carrier="UPS")
    assert shipped["CombinedShippingStatus"] == "SHIPPED"
    strings.pull("sales/tracking", sale=sale, tracking="1Z1", box="Box 1")
    undone = strings.pull("sales/undo-fulfilment", sale=sale)
    assert undone["CombinedShippingStatus"] == "SHIPPING"
    assert "advanced" in strings.complaint("sales/void-fulfilment", sale=sale)
    for body, says in (
        ({"tracking": "1Z1"}, "list of texts"),
        ({"parcels": 0}, "at least 1"),
        ({"carrier": "Pigeon"}, "Carrier 'Pigeon' was not found"),
    ):
        assert says in strings.complaint("sales/ship", sale=sale, **body)
    assert "no fulfilment 2" in strings.complaint(
        "sales/tracking", sale=sale, tracking="x", fulfilment=2
    )


@pytest.mark.parametrize(
    ("name", "body", "complaint"),
    [
        ("raw-orders", {}, "Give either a document or a poison"),
        ("raw-orders", {"poison": "arsenic"}, "There is no poison 'arsenic'"),
        ("raw-orders", {"poison": "giant", "site": "mars"}, "There is no site 'mars'"),
        ("raw-orders", {"document": []}, "document must be an object"),
        ("raw-orders", {"document": {}, "site": UK}, "needs a number"),
        ("orders/cancel", {"site": UK}, "order is required"),
        ("orders/cancel", {"site": UK, "order": "9"}, "No order 9"),
        ("orders/cancel", {"site": UK, "order": "1", "why": "x"}, "Unknown: why"),
        ("sales/pick", {}, "sale is required"),
        ("sales/pick", {"sale": "x"}, "Sale with specified ID not found"),
        ("reset", {"hard": True}, "Unknown: hard; allowed: nothing."),
    ],
)
def test_nonsense_is_refused_in_one_sentence(strings, name, body, complaint):
    assert complaint in strings.complaint(name, **body)


def test_what_an_order_or_sale_does_not_allow_is_said(strings):
    placed, named = strings.order()
    sku = placed["productItems"][0]["productId"]
    strings.pull("orders/cancel", **named)
    assert "Only a placed order" in strings.complaint("orders/cancel", **named)
    strings.pull("orders/reinstate", **named)
    assert "no line of MUG" in strings.complaint("orders/quantity", **named, sku="MUG", quantity=1)
    assert "Not enough" in strings.complaint("orders/quantity", **named, sku=sku, quantity=10**6)
    assert "no 'gift'" in strings.complaint(
        "orders/address", **named, address={"city": "x"}, shipment="gift"
    )
    sale = book(strings.client, placed)
    assert "no line of 'MUG'" in strings.complaint("sales/line", sale=sale, sku="MUG", price=1)
    assert "The ERP says: Only" in strings.complaint("sales/pick", sale=sale, quantities={sku: 99})
    assert "must be an object" in strings.complaint("sales/pick", sale=sale, quantities=[sku])
