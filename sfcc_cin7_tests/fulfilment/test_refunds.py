"""What staff give back in the ERP is told to the storefront, and nothing else of it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.fulfilment.house import Shipping, shipping
from sfcc_cin7_tests.ledger.erp_returns import credit, invoice


@pytest.fixture(params=["attributes", "cartridge"])
def house(request: pytest.FixtureRequest, engine: Engine, clock: ManualClock) -> Iterator[Shipping]:
    with shipping(engine, clock) as house:
        house.told_by(request.param)
        yield house


def refunds(house: Shipping, key: str) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = decimal_json.loads(
        house.lane.document(key).get("c_cin7Refunds") or "[]"
    )
    return shown


def test_a_credit_note_is_told_with_what_came_back(house: Shipping) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    number = invoice(house, sale["ID"])
    house.pass_()
    assert refunds(house, key) == []
    house.clock.sleep(60)
    amount = credit(house, sale["ID"], number)
    house.pass_()
    (refund,) = refunds(house, key)
    assert Decimal(refund["amount"]) == amount
    assert [each["sku"] for each in refund["restocked"]] == [sale["Lines"][0]["SKU"]]
    assert house.shown(key) == ("shipped", ["N1"])
    before = house.writes()
    house.pass_()
    assert house.writes() == before
    assert house.found(key) == set()


def test_goodwill_is_given_back_without_goods(house: Shipping) -> None:
    key, sale = house.posted()
    number = invoice(house, sale["ID"])
    house.clock.sleep(60)
    credit(house, sale["ID"], number, sku=sale["Lines"][0]["SKU"], restock=False)
    house.pass_()
    assert refunds(house, key)[0]["restocked"] == []


def test_an_attribute_that_is_not_defined_is_a_persons_matter_and_the_status_is_told(
    engine: Engine, clock: ManualClock
) -> None:
    with shipping(engine, clock) as house:
        house.told_by("attributes", parcels_attribute="c_nobodyDefinedIt")
        key, sale = house.posted()
        house.cin7.ship(sale["ID"], tracking=["N1"])
        house.pass_()
        assert house.lane.document(key)["shippingStatus"] == "shipped"
        assert house.found(key) == {"attribute-undefined"}
        house.told_by("attributes", parcels_attribute="c_cin7Parcels")
        house.clock.sleep(1000)
        house.tell()
        assert house.shown(key) == ("shipped", ["N1"])
        assert house.found(key) == set()
