"""A merchant's cartridge is told the whole state, and keeps it once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, update

from sfcc_cin7.db.schema import order_shipments
from sfcc_cin7.fulfilment.deciding.dispatch import NOTHING, dispatched
from sfcc_cin7.fulfilment.records.shipments import as_text
from sfcc_cin7.fulfilment.telling.state import posted_state
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.states import ShipmentState, Stage
from sfcc_cin7_tests.fulfilment import sales
from sfcc_cin7_tests.fulfilment.house import Shipping, shipping, some
from sfcc_cin7_tests.scenario.order_lane import Crash

GIFT = {
    "shipments": [{"shipmentId": "me"}, {"shipmentId": "gift"}],
    "productItems": [
        {"productId": "A", "quantity": 2, "shipmentId": "me"},
        {"productId": "B", "quantity": 1, "shipmentId": "gift"},
    ],
}


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[Shipping]:
    with shipping(engine, clock) as house:
        house.told_by("cartridge")
        yield house


def test_the_cartridge_writes_what_the_orders_api_cannot(house: Shipping) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"], carrier="UPS")
    house.pass_()
    assert house.shown(key) == ("shipped", ["N1"])
    (shipment,) = house.lane.document(key)["shipments"]
    assert (shipment["trackingNumber"], shipment["shippingStatus"]) == ("N1", "shipped")


def test_an_order_that_leaves_in_parts_is_told_of_each_part(house: Shipping) -> None:
    key, sale = house.posted("several-units")
    house.cin7.ship(sale["ID"], some(sale), tracking=["N1"])
    house.pass_()
    assert house.shown(key) == ("part_shipped", ["N1"])
    house.cin7.ship(sale["ID"], tracking=["N2"])
    house.pass_()
    assert house.shown(key) == ("shipped", ["N1", "N2"])
    assert house.lane.document(key)["shipments"][0]["trackingNumber"] == "N1,N2"


@pytest.mark.parametrize("fault", ["sfcc.timeout_after_commit", "sfcc.timeout_before_commit"])
def test_an_answer_that_is_lost_is_looked_up_in_the_order(house: Shipping, fault: str) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.follow()
    house.lane.sandbox.faults.rates[fault] = 1.0
    house.tell()
    house.lane.sandbox.faults.clear()
    house.clock.sleep(1000)
    house.tell()
    assert house.shown(key) == ("shipped", ["N1"])
    assert house.row(key).state == ShipmentState.TOLD


def test_a_worker_that_died_after_it_had_told_tells_nothing_again(house: Shipping) -> None:
    key, sale = house.posted()
    house.cin7.ship(sale["ID"], tracking=["N1"])
    house.follow()
    before = len(house.writes())
    for at in range(1, 30):
        house.lane.fuse.left = at
        try:
            house.tell(fragile=True)
        except Crash:
            house.clock.sleep(1000)
            continue
        break
    house.lane.fuse.left = None
    assert house.shown(key) == ("shipped", ["N1"])
    assert len(house.writes()) == before + 1


def test_a_store_that_was_lost_goes_on_from_what_the_cartridge_was_told(
    house: Shipping, engine: Engine
) -> None:
    key, sale = house.posted("several-units")
    house.cin7.ship(sale["ID"], some(sale), tracking=["N1"])
    house.pass_()
    house.cin7.ship(sale["ID"], tracking=["N2"])
    house.pass_()
    lost = {"revision": 1, "told_revision": 0, "sent_revision": 0, "told": as_text(NOTHING)}
    with engine.begin() as connection:
        connection.execute(update(order_shipments).values(state=ShipmentState.DUE, **lost))
    house.tell()
    assert house.shown(key) == ("shipped", ["N1", "N2"])
    assert house.row(key).revision == 3


def test_a_site_without_the_cartridge_is_a_persons_matter(
    engine: Engine, clock: ManualClock
) -> None:
    from sfcc_cin7_sandbox.sfcc import SfccSettings

    with shipping(engine, clock, sfcc=SfccSettings(fulfilment_cartridge=False)) as house:
        house.told_by("cartridge")
        key, sale = house.posted()
        house.cin7.ship(sale["ID"], tracking=["N1"])
        house.pass_()
        assert house.found(key) == {"shipment-refused"}


def test_parcels_are_given_to_the_shipment_that_they_can_only_belong_to() -> None:
    tasks = (
        sales.task(1, sales.line("T-1"), parts=sales.packed("Box 1", B=1)),
        sales.task(2, sales.line("T-2"), parts=sales.packed("Box 1", A=1)),
    )
    wanted = dispatched(sales.sale(*tasks, combined="PARTIALLY SHIPPED", A=2, B=1))
    body = posted_state(GIFT, wanted, Stage.PART_SHIPPED)
    assert [parcel["shipmentId"] for parcel in body["parcels"]] == ["gift", "me"]
    assert body["shipments"] == [
        {"shipmentId": "me", "shipped": False, "trackingNumber": "T-2"},
        {"shipmentId": "gift", "shipped": True, "trackingNumber": "T-1"},
    ]


def test_a_shipment_without_an_id_is_the_one_that_lines_without_one_belong_to() -> None:
    document = {"shipments": [{}], "productItems": [{"productId": "A", "quantity": 1}]}
    wanted = dispatched(sales.sale(sales.task(1, sales.line("T-1"), parts=sales.packed(A=1)), A=1))
    body = posted_state(document, wanted, Stage.SHIPPED)
    assert body["shipments"] == [{"shipmentId": "me", "shipped": True, "trackingNumber": "T-1"}]


def test_numbers_that_do_not_fit_into_a_shipments_field_are_left_out_whole() -> None:
    lines = [sales.line(f"{n:0>50}", f"Box {n}") for n in range(9)]
    parts = [part for n in range(9) for part in sales.packed(f"Box {n}", A=1)]
    wanted = dispatched(sales.sale(sales.task(1, *lines, parts=parts), A=9))
    body = posted_state({"shipments": [{"shipmentId": "me"}]}, wanted, Stage.SHIPPED)
    assert len(body["shipments"][0]["trackingNumber"]) == 254
