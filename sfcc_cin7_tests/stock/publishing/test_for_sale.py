"""What of the ERP's stock may be sold, through both systems: bins, dates, packs, lost products."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.stock import explain
from sfcc_cin7.stock.publishing.hints import follow_hints
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.targeted import refresh_skus
from sfcc_cin7.stock.records.hints import WEBHOOK, hint
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import StockHouse, stock_house

LIST, PLACE, SITE = "inventory-us", "Reno DC", "alpenglow-us"


@pytest.fixture
def house(engine: Engine, clock: ManualClock, request) -> Iterator[StockHouse]:
    shown: Any = getattr(request, "param", "makeable")
    cin7 = Cin7Settings(zero_rows="none", assembled_available=shown)
    with stock_house(engine, clock, cin7=cin7) as house:
        catalogue(house)
        yield house.started()


def catalogue(house: StockHouse) -> None:
    refresh(house.engine, house.shop, house.erp, house.orders.model, house.clock)


def plenty(house: StockHouse) -> list[str]:
    stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    return [s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked]


def explained(house: StockHouse, sku: str) -> dict[str, str]:
    model = house.orders.model
    return dict(explain(house.engine, house.shop, model, house.clock, LIST, sku))


def read_alone(house: StockHouse, *skus: str, seconds: float = 40) -> None:
    """Time passes, then these SKUs are read by themselves and published."""
    house.clock.sleep(seconds)
    refresh_skus(house.engine, house.erp, house.orders.model, house.clock, skus)
    publish_stock(house.engine, house.shop, house.orders.model, house.clock, only=skus)


def packed(house: StockHouse, cans: int) -> tuple[str, str]:
    """Cans and a pack of six of them, of which none has been made; both are on sale."""
    can, six = plenty(house)[:2]
    house.sandbox.cin7.adjust(six, PLACE, Decimal(0))
    house.sandbox.cin7.assemble_from(six, {can: Decimal(6)})
    house.sandbox.cin7.adjust(can, PLACE, Decimal(cans))
    catalogue(house)
    for _ in range(4):
        house.stock_pass()
    return can, six


def test_what_one_reading_showed_of_loose_goods_makes_no_pack_however_often_that_is_read(
    house: StockHouse,
):
    can, six = packed(house, 25)
    packs = house.offered(LIST)[six]
    house.sandbox.cin7.adjust(can, PLACE, Decimal(125))
    house.stock_pass()
    house.sandbox.cin7.adjust(can, PLACE, Decimal(25))  # it was a mistake
    for _ in range(3):
        read_alone(house, six)
        assert house.offered(LIST)[six] == packs == 1
    read_alone(house, can)
    house.sandbox.cin7.adjust(can, PLACE, Decimal(125))
    read_alone(house, can)
    house.sandbox.cin7.adjust(can, PLACE, Decimal(25))
    for _ in range(3):
        read_alone(house, six)
        assert house.offered(LIST)[six] == packs == 1


def test_packs_that_were_made_are_on_sale_once_they_and_their_loose_goods_were_read_twice(
    house: StockHouse,
):
    _, six = packed(house, 25)
    packs = house.offered(LIST)[six]
    house.sandbox.cin7.adjust(six, PLACE, Decimal(5))
    with house.engine.begin() as connection:
        hint(connection, [six], WEBHOOK, house.now, house.now)
    for expected in (packs, packs + 5):
        follow_hints(house.engine, house.erp, house.shop, house.orders.model, house.clock)
        assert house.offered(LIST)[six] == expected
        house.clock.sleep(31)


def test_quarantine_and_what_has_expired_are_not_for_sale(house: StockHouse):
    quarantined, expired = plenty(house)[:2]
    for sku, units in ((quarantined, 1), (expired, 2)):
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(units))
    house.sandbox.cin7.receive(quarantined, PLACE, Decimal(12), "QUARANTINE")
    old = {"batch": "B7", "expires": f"{house.now:%Y-%m-%d}T00:00:00"}
    house.sandbox.cin7.receive(expired, PLACE, Decimal(40), None, **old)
    for _ in range(3):
        house.stock_pass()
    offered = house.offered(LIST)
    assert [offered[sku] for sku in (quarantined, expired)] == [0, 1], "one is held back of each"
    assert "12 not for sale" in explained(house, quarantined)[f"in {PLACE}"]


@pytest.mark.parametrize("house", ["made", "makeable"], indirect=True)
def test_packs_and_what_they_are_made_of_are_never_promised_twice(house: StockHouse):
    """The ERP shows 12 cans, two packs of six and a pack of twelve, all made of the same cans."""
    can, six, twelve = plenty(house)[:3]
    for sku, units in ((six, 6), (twelve, 12)):
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(0))
        house.sandbox.cin7.assemble_from(sku, {can: Decimal(units)})
    house.sandbox.cin7.adjust(can, PLACE, Decimal(13))
    catalogue(house)
    for _ in range(4):
        house.stock_pass()
        offered = house.offered(LIST)
        assert offered[can] + 6 * offered[six] + 12 * offered[twelve] <= 12
    house.sandbox.cin7.receive(can, PLACE, Decimal(100))
    for _ in range(4):
        house.stock_pass()
    offered = house.offered(LIST)
    assert offered[six] > 0
    assert offered[twelve] > 0
    assert offered[can] + 6 * (offered[six] + 1) + 12 * (offered[twelve] + 1) <= 112
    assert f"6 {can}" in explained(house, six)["assembled"]
