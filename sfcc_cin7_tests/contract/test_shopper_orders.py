"""What shoppers place looks like an order of the published Orders API, whatever its shape."""

import random
from decimal import Decimal

import pytest

from sfcc_cin7_sandbox.merchant.catalogue import build_world
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.shapes import RARE, SHAPES
from sfcc_cin7_sandbox.shoppers.shoppers import next_order
from sfcc_cin7_tests.contract.openapi import problems, validator

ASSORTMENT = Assortment(build_world(skus=400))
PLACED = {
    "orderNo": "00000001",
    "creationDate": "2026-03-01T12:00:00.000Z",
    "lastModified": "2026-03-01T12:00:00.000Z",
    "placeDate": "2026-03-01T12:00:00.000Z",
    "invoiceNo": "00000001",
    "status": "new",
    "exportStatus": "ready",
    "confirmationStatus": "confirmed",
    "shippingStatus": "not_shipped",
}


@pytest.mark.parametrize("shape", [*SHAPES, *RARE])
def test_an_order_of_every_shape_conforms(shape):
    path = "/organizations/{organizationId}/orders/{orderNo}"
    order_schema = validator("sfcc-orders-openapi.json", "GET", path, closed=True)
    dice = random.Random(5)
    for _ in range(5):
        order = next_order(ASSORTMENT, dice, lambda _list, _sku: Decimal(50), shape=shape)
        shipments = [
            {**shipment, "shipmentNo": f"0000000{position}"}
            for position, shipment in enumerate(order["shipments"])
        ]
        assert problems({**order, **PLACED, "shipments": shipments}, order_schema) == []
