"""Which orders wait for others to share a sale with, and how long."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.merchant.operating_model import ConsolidationPolicy
from sfcc_cin7.orders.intake.row import as_received
from sfcc_cin7.orders.records.queue import ReceivedOrder
from sfcc_cin7_tests.orders.merchants import site
from sfcc_cin7_tests.orders.storefront import Basket, Item, order

CREATED = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def received(method: object = "Ground", **policy: Any) -> ReceivedOrder:
    document = order(Basket("USD", "net", (Item("MUG", Decimal(1), Decimal(40), Decimal(0)),)))
    document |= {"creationDate": "2026-03-01T09:30:00.000Z", "orderNo": "1"}
    document["shipments"][0]["shippingMethod"] = {"id": method}
    shop = site(consolidation=ConsolidationPolicy(window_minutes=15, **policy), hold_minutes=5)
    return as_received("brand", shop, document, CREATED)


def test_an_order_waits_for_its_hold_and_then_for_others() -> None:
    waiting = received()
    assert waiting.to_batch
    assert waiting.due_at == CREATED + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("method", "policy"),
    [
        ("Ground", {"largest_order": Decimal(39)}),
        ("Ground", {"shipping_methods": ["click-and-collect"]}),
        (["not", "a", "name"], {"shipping_methods": ["click-and-collect"]}),
    ],
)
def test_a_large_order_or_another_shipping_method_waits_for_nobody(
    method: object, policy: dict[str, Any]
) -> None:
    alone = received(method, **policy)
    assert not alone.to_batch
    assert alone.due_at == CREATED + timedelta(minutes=5)


def test_a_site_that_does_not_consolidate_lets_no_order_wait() -> None:
    document = order(Basket("USD", "net", (Item("MUG", Decimal(1), Decimal(40), Decimal(0)),)))
    alone = as_received("brand", site(), document | {"orderNo": "1"}, CREATED)
    assert not alone.to_batch
